/**
 * NodeShards: the shards of a runtime as one node serves them: those of keys (groups, transactional ids) that it
 * coordinates. Finds the shard of a key, and turns what goes wrong into the codes that answers carry. Owner of nothing.
 */
import { KafkaError } from '@samsa/runtime'
import { type Coordinators, type CoordinatorType, coordinatorTypes } from '../cluster/coordinators.js'
import { codeOf } from '../cluster/partitions.js'
import type { CoordinatorRuntime } from './runtime.js'
import type { CoordinatorShard, Moment, Reply, Step } from './shard.js'

export interface NodeShardsOptions<Shard extends CoordinatorShard> {
  readonly nodeId: number
  readonly runtime: CoordinatorRuntime<Shard>
  readonly coordinators: Coordinators
  /** What the keys are. */
  readonly keyType: CoordinatorType
  readonly partitionOf: (key: string) => number
}

export type Decision<Shard, Result> = (shard: Shard, at: Moment) => { readonly step: Step; readonly result: Result }

export class NodeShards<Shard extends CoordinatorShard> {
  readonly #options: NodeShardsOptions<Shard>

  constructor(options: NodeShardsOptions<Shard>) {
    this.#options = options
  }

  /** What is decided for the key, or the code of why nothing was. */
  async orCode<Result>(key: string, decide: Decision<Shard, Result>): Promise<Result | number> {
    const { runtime, partitionOf } = this.#options
    if (!this.isHere(key)) return codeOf('NOT_COORDINATOR')
    try {
      return await runtime.run(partitionOf(key), decide)
    } catch (error) {
      const code = codeFrom(error)
      // Its log was not usable when the partition got its leader, and may be by now: the client asks again.
      if (code === codeOf('NOT_COORDINATOR')) runtime.follow()
      return code
    }
  }

  /** For what is answered when others have done their part. */
  replied<Response>(
    key: string,
    decide: (shard: Shard, at: Moment, reply: Reply<Response>) => Step,
    refusal: (code: number) => Response,
  ): Promise<Response> {
    return new Promise((resolve, reject) => {
      const decided = this.orCode(key, (shard, at) => ({ step: decide(shard, at, resolve), result: 0 }))
      decided.then(code => {
        if (code !== 0) resolve(refusal(code))
      }, reject)
    })
  }

  /** What `read` finds in all shards, some of it another node's. Throws while not all of them are loaded. */
  async all<Found>(read: (shard: Shard) => Found[]): Promise<Found[]> {
    const { runtime, keyType } = this.#options
    if (runtime.isLoading) throw new KafkaError(`the ${keyType}s are loading`, { code: 'COORDINATOR_LOAD_IN_PROGRESS' })
    const lists = runtime.loaded().map(index => runtime.run(index, shard => ({ step: {}, result: read(shard) })))
    return (await Promise.all(lists)).flat()
  }

  isHere(key: string): boolean {
    const { nodeId, coordinators, keyType } = this.#options
    return coordinators.nodeOf(coordinatorTypes[keyType], key) === nodeId
  }
}

/** What is no error of Kafka's is a fault of ours, and closes the connection. */
function codeFrom(error: unknown): number {
  if (error instanceof KafkaError) return codeOf(error.code)
  throw error
}

/**
 * A coordinator for tests of transactions: it keeps every request, answers as it was told to, and does with errors what
 * the client does: the same request again where the caller names an error, until there is an answer.
 */

import type { Client } from '@samsa/client/internal'
import {
  type AddPartitionsToTxnRequest,
  type Api,
  type Decoded,
  type EndTxnRequest,
  errorByName,
  type TxnOffsetCommitRequest,
} from '@samsa/protocol'
import { TestCluster, type TestLink } from './test-cluster.js'

type CallOptions = NonNullable<Parameters<Client['call']>[2]>

/** The name of an error, `NONE`, or what the answer waits for, maybe with a name; several names are for several partitions. */
export type Answer = string | readonly string[] | Promise<unknown> | Error

const ENDS_WITH_EPOCH = 5
const NOT_COORDINATOR = 16

export class TestCoordinator {
  /** `transaction.version` of the cluster. */
  level = 2
  /** What was asked, attempts included, in order. */
  readonly asked: string[] = []
  /** The versions and bodies, beside `asked`. */
  readonly bodies: { readonly version: number; readonly body: object }[] = []
  /** How often the caller wanted the coordinator to be found anew. */
  finds = 0
  /** How often it was asked whether the end of a transaction is settled; those questions are not in `asked`. */
  questions = 0
  /** Requests under way; more than one is wrong. */
  mostUnderWay = 0
  producerId = 1000
  epoch = -1
  #underWay = 0
  readonly #answers = new Map<string, Answer[]>()

  /** The next answers to an API, in order; behind them everything succeeds. */
  will(api: string, ...answers: readonly Answer[]): void {
    this.#answers.set(api, [...(this.#answers.get(api) ?? []), ...answers])
  }

  /** What was asked since the last time that this was called. */
  heard(): readonly string[] {
    return this.asked.splice(0)
  }

  async call(api: Api<object, object>, request: object, options: CallOptions = {}): Promise<object> {
    if (api.name === 'DescribeTransactions') return this.#describe(options)
    this.mostUnderWay = Math.max(this.mostUnderWay, ++this.#underWay)
    try {
      for (;;) {
        await Promise.resolve()
        options.signal?.throwIfAborted()
        const response = await this.#attempt(api, request, options)
        const found = options.errorCode?.(response as Decoded<object>) ?? 0
        const code = typeof found === 'number' ? found : found.code
        if (code === 0) return response
        if (code === NOT_COORDINATOR) this.finds++
      }
    } finally {
      this.#underWay--
    }
  }

  /** The answers that it will give to this are states, or errors that are thrown. */
  async #describe({ signal }: CallOptions): Promise<object> {
    this.questions++
    const answer = this.#answers.get('DescribeTransactions')?.shift() ?? 'CompleteCommit'
    if (answer instanceof Error) throw answer
    const transactionState = answer instanceof Promise ? await Promise.race([answer, aborted(signal)]) : answer
    return { transactionStates: [{ errorCode: 0, transactionState }] }
  }

  async #attempt(api: Api<object, object>, request: object, options: CallOptions): Promise<object> {
    const version = Math.min(api.versions.latestStable, options.maxVersion ?? Number.POSITIVE_INFINITY)
    const link = { feature: () => this.level } as unknown as TestLink
    const body: object = typeof request === 'function' ? request(version, link) : request
    this.asked.push(nameOf(api.name, body))
    this.bodies.push({ version, body })
    const answer = this.#answers.get(api.name)?.shift() ?? 'NONE'
    if (answer instanceof Error) throw answer
    if (!(answer instanceof Promise)) return this.#response(api.name, version, body, [answer].flat())
    const told = await Promise.race([answer, aborted(options.signal)])
    return this.#response(api.name, version, body, [typeof told === 'string' ? told : 'NONE'])
  }

  #response(api: string, version: number, body: object, names: readonly string[]): object {
    const codes = names.map(codeOf)
    const errorCode = codes[0] ?? 0
    const codeAt = (index: number): number => codes[index] ?? errorCode
    if (api === 'InitProducerId') return { errorCode, ...this.#nextEpoch() }
    if (api === 'EndTxn') {
      return { errorCode, ...(version >= ENDS_WITH_EPOCH ? this.#nextEpoch() : { producerId: -1n, producerEpoch: -1 }) }
    }
    let index = 0
    if (api === 'AddPartitionsToTxn') {
      const { v3AndBelowTopics = [] } = body as AddPartitionsToTxnRequest
      const results = v3AndBelowTopics.map(({ name, partitions }) => ({
        name,
        resultsByPartition: partitions.map(partitionIndex => ({
          partitionIndex,
          partitionErrorCode: codeAt(index++),
        })),
      }))
      return { resultsByTopicV3AndBelow: results }
    }
    if (api === 'TxnOffsetCommit') {
      const { topics } = body as TxnOffsetCommitRequest
      const results = topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode: codeAt(index++) })),
      }))
      return { topics: results }
    }
    return { errorCode }
  }

  #nextEpoch(): { producerId: bigint; producerEpoch: number } {
    return { producerId: BigInt(this.producerId), producerEpoch: ++this.epoch }
  }
}

/** A cluster that has one. */
export class TransactionalCluster extends TestCluster {
  readonly coordinator = new TestCoordinator()

  override async call<Request extends object, Response extends object>(
    api: Api<Request, Response>,
    request?: unknown,
    options?: unknown,
  ): Promise<Decoded<Response>> {
    const answered = this.coordinator.call(
      api as unknown as Api<object, object>,
      request as object,
      options as CallOptions | undefined,
    )
    return (await answered) as Decoded<Response>
  }
}

/** `EndTxn commit`, where a body makes a difference. */
function nameOf(api: string, body: object): string {
  if (api === 'EndTxn') return `EndTxn ${(body as EndTxnRequest).committed ? 'commit' : 'abort'}`
  const { producerId = -1n } = body as { producerId?: bigint }
  return api === 'InitProducerId' && producerId >= 0n ? 'InitProducerId again' : api
}

function codeOf(name: string): number {
  const code = errorByName(name)?.code
  if (code === undefined) throw new Error(`${name} is no error of Kafka's`)
  return code
}

function aborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

/**
 * A consumer as one of a group of either protocol: its coordinator lets it in by itself and gives it both partitions of
 * topic t, until the test takes that over.
 */
import { string } from '@samsa/client'
import {
  type ConsumerGroupHeartbeatRequest,
  consumerGroupHeartbeat,
  encodeAssignment,
  heartbeat,
  joinGroup,
  leaveGroup,
  metadata,
  type OffsetCommitRequest,
  type OffsetFetchRequest,
  offsetCommit,
  offsetFetch,
  syncGroup,
} from '@samsa/protocol'
import type { Consumer } from './consumer.js'
import type { ConsumerOptions } from './consumer-options.js'
import { TestCoordinator } from './membership/test-coordinator.js'
import type { RebalanceListener } from './rebalance-listener.js'
import { answer } from './test-scene.js'
import { nameOf, type TopicPartition } from './topic-partition.js'

export const BEAT_MS = 1000
export type GroupProtocol = 'classic' | 'consumer'
export const protocols: readonly GroupProtocol[] = ['classic', 'consumer']

export class GroupScene {
  readonly protocol: GroupProtocol
  readonly coordinator = new TestCoordinator([1, 1])
  readonly consumer: Consumer<string, string>
  /** What the listener heard: `assigned 0,1`. */
  readonly told: string[] = []
  /** By `nameOf`. */
  readonly committed = new Map<string, bigint>()
  /** Which partitions of topic t the coordinator gives. */
  given: readonly number[] = [0, 1]
  generation = 0
  /** What a member of the newer protocol has said. */
  readonly words: ConsumerGroupHeartbeatRequest[] = []

  constructor(protocol: GroupProtocol, options: Partial<ConsumerOptions<string, string>> = {}) {
    this.protocol = protocol
    const own = protocol === 'classic' ? { heartbeatIntervalMs: BEAT_MS, sessionTimeoutMs: 10_000 } : {}
    this.consumer = this.coordinator.consumer({
      groupId: 'g',
      groupProtocol: protocol,
      key: string,
      value: string,
      autoOffsetReset: 'earliest',
      maxPollIntervalMs: 5000,
      ...own,
      ...options,
    })
    this.#letIn()
    this.#keepOffsets()
  }

  /** It has its partitions, and `values` of the first of them are fetched. */
  static async stable(
    protocol: GroupProtocol,
    options: Partial<ConsumerOptions<string, string>> = {},
    values: readonly string[] = ['a', 'b', 'c'],
  ): Promise<GroupScene> {
    const scene = new GroupScene(protocol, options)
    scene.subscribe()
    await scene.poll(100)
    if (scene.consumer.assignment().length < 2) throw new Error('the member did not get in')
    await scene.fetched(0, ...values)
    return scene
  }

  subscribe(more: RebalanceListener = {}): void {
    const names = (places: readonly TopicPartition[]): string => places.map(({ partition }) => partition).join()
    const note =
      (what: string, then: RebalanceListener['onPartitionsLost']) =>
      async (places: readonly TopicPartition[]): Promise<void> => {
        this.told.push(`${what} ${names(places)}`)
        await then?.(places)
      }
    this.consumer.subscribe(['t'], {
      onPartitionsRevoked: note('revoked', more.onPartitionsRevoked),
      onPartitionsAssigned: note('assigned', more.onPartitionsAssigned),
      onPartitionsLost: note('lost', more.onPartitionsLost),
    })
  }

  /** The fetch of partition 0 from there on is answered with records; one before it, which is of no use any more, with none. */
  async fetched(baseOffset: number, ...values: string[]): Promise<void> {
    await this.coordinator.settle()
    for (let tries = 0; tries < 3; tries++) {
      // What is wanted anew is asked for beside a fetch that waits.
      const sent = this.coordinator.next(1, this.coordinator.waiting(1, 'fetch beside') > 0 ? 'fetch beside' : 'fetch')
      const isIt = sent.asked.includes(`t-0@${baseOffset}`)
      sent.answer(isIt ? { 0: answer(baseOffset, ...values) } : {})
      await this.coordinator.settle()
      if (isIt) return
    }
    throw new Error(`t-0 was not fetched from ${baseOffset} on`)
  }

  /** A poll of so long, in which time passes. Values that came. */
  async poll(timeoutMs: number): Promise<string[]> {
    const polling = this.consumer.poll(timeoutMs)
    polling.catch(() => {})
    for (let passed = 0; passed < timeoutMs; passed += 10) await this.coordinator.advance(10)
    await this.coordinator.settle()
    return [...(await polling)].map(({ value }) => value ?? '')
  }

  /** The coordinator is asked for other partitions than before, and the member learns of it. */
  async regive(...partitions: readonly number[]): Promise<void> {
    this.given = partitions
    this.generation++
    if (this.protocol === 'classic') {
      const { answers } = this.coordinator
      const before = answers.get(heartbeat.name)
      answers.set(heartbeat.name, () => ({ errorCode: REBALANCE_IN_PROGRESS }))
      await this.coordinator.advance(BEAT_MS)
      if (before !== undefined) answers.set(heartbeat.name, before)
    } else await this.coordinator.advance(BEAT_MS)
  }

  /** The coordinator does not know the member any more, and it learns of it. */
  async putOut(): Promise<void> {
    const { answers } = this.coordinator
    const { name } = this.protocol === 'classic' ? heartbeat : consumerGroupHeartbeat
    const before = answers.get(name)
    answers.set(name, () => ({ errorCode: UNKNOWN_MEMBER_ID, errorMessage: null }))
    await this.coordinator.advance(BEAT_MS)
    if (before !== undefined) answers.set(name, before)
  }

  settle(): Promise<void> {
    return this.coordinator.settle()
  }

  #letIn(): void {
    const { answers } = this.coordinator
    answers.set(joinGroup.name, ({ memberId, protocols: [first] }: JoinBody) => ({
      errorCode: 0,
      generationId: ++this.generation,
      memberId: memberId === '' ? 'm' : memberId,
      leader: 'other',
      protocolType: 'consumer',
      protocolName: first?.name,
      members: [],
    }))
    answers.set(syncGroup.name, () => ({
      errorCode: 0,
      assignment: encodeAssignment({
        partitions: this.given.length === 0 ? [] : [{ topic: 't', partitions: [...this.given] }],
        userData: null,
      }),
    }))
    answers.set(heartbeat.name, () => ({ errorCode: 0 }))
    answers.set(leaveGroup.name, () => ({ errorCode: 0, members: [] }))
    let saidGeneration = -1
    answers.set(consumerGroupHeartbeat.name, (word: ConsumerGroupHeartbeatRequest) => {
      this.words.push(word)
      const { memberEpoch } = word
      if (memberEpoch === 0) this.generation++
      const isNews = memberEpoch === 0 || saidGeneration !== this.generation
      saidGeneration = this.generation
      const target = { topicPartitions: [{ topicId: this.coordinator.topicId, partitions: [...this.given] }] }
      return {
        errorCode: 0,
        errorMessage: null,
        memberEpoch: memberEpoch < 0 ? memberEpoch : this.generation,
        heartbeatIntervalMs: BEAT_MS,
        assignment: isNews && memberEpoch >= 0 ? target : null,
      }
    })
    answers.set(metadata.name, ({ topics }: { topics: readonly { topicId: string }[] | null }) => ({
      errorCode: 0,
      topics: (topics ?? [{ topicId: this.coordinator.topicId }]).map(({ topicId }) => ({
        topicId,
        name: 't',
        errorCode: 0,
        isInternal: false,
      })),
    }))
  }

  #keepOffsets(): void {
    const { answers } = this.coordinator
    answers.set(offsetFetch.name, (body: OffsetFetchRequest) => this.offsetsAnswer(body))
    answers.set(offsetCommit.name, (body: OffsetCommitRequest) => this.commitAnswer(body))
  }

  offsetsAnswer({ groups = [] }: OffsetFetchRequest): object {
    return {
      groups: groups.map(({ groupId, topics }) => ({
        groupId,
        errorCode: 0,
        topics: (topics ?? []).map(({ name, partitionIndexes }) => ({
          name,
          partitions: partitionIndexes.map(partitionIndex => ({
            partitionIndex,
            committedOffset: this.committed.get(nameOf({ topic: name ?? '', partition: partitionIndex })) ?? -1n,
            committedLeaderEpoch: -1,
            metadata: '',
            errorCode: 0,
          })),
        })),
      })),
    }
  }

  commitAnswer({ topics }: OffsetCommitRequest): object {
    for (const { name = '', partitions } of topics) {
      for (const { partitionIndex, committedOffset } of partitions) {
        this.committed.set(nameOf({ topic: name, partition: partitionIndex }), committedOffset)
      }
    }
    return commitAnswered({ topics }, 0)
  }
}

interface JoinBody {
  readonly memberId: string
  readonly protocols: readonly { readonly name: string }[]
}

const UNKNOWN_MEMBER_ID = 25
const REBALANCE_IN_PROGRESS = 27

/** The same code for every partition. */
export function commitAnswered({ topics }: Pick<OffsetCommitRequest, 'topics'>, errorCode: number): object {
  return {
    topics: topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
    })),
  }
}

/**
 * CommittedOffsets: what the group has committed, asked of its coordinator. Always stable ones: where a transaction is
 * about to commit another offset, the coordinator says so, and it is asked again.
 */
import { nextStep } from '@samsa/client/internal'
import { type Decoded, errorOf, type OffsetFetchRequest, type OffsetFetchResponse, offsetFetch } from '@samsa/protocol'
import { KafkaError, TimeoutError, type WaitOptions } from '@samsa/runtime'
import { Backoff, Deadline } from '@samsa/runtime/internal'
import type { ConsumerCluster } from './cluster.js'
import type { ConsumerConfig } from './consumer-options.js'
import type { Member } from './membership/member.js'
import type { CommittedOffset } from './offset-commit-request.js'
import { nameOf, type TopicPartition } from './topic-partition.js'

const FETCH_BY_NAME = 9
const FETCH_OF_GROUPS = 8
const FETCH_OF_MEMBERS = 9
const FETCH_STABLE = 7

interface PartitionAnswer {
  readonly partitionIndex: number
  readonly committedOffset: bigint
  readonly committedLeaderEpoch?: number | undefined
  readonly metadata: string | null
  readonly errorCode: number
}

export interface CommittedOffsetsParts {
  readonly config: ConsumerConfig
  readonly groupId: string
  readonly cluster: ConsumerCluster
  readonly member: () => Member | undefined
}

export class CommittedOffsets {
  readonly #parts: CommittedOffsetsParts
  readonly #backoff: Backoff

  constructor(parts: CommittedOffsetsParts) {
    this.#parts = parts
    const { retryBackoffMs: initialMs, retryBackoffMaxMs: maxMs } = parts.config
    this.#backoff = new Backoff({ initialMs, maxMs, random: parts.cluster.random })
  }

  /** By `nameOf`; without those that nothing is committed for. Until it is known, or the time is over. */
  async all(places: readonly TopicPartition[], options: WaitOptions): Promise<ReadonlyMap<string, CommittedOffset>> {
    const { clock } = this.#parts.cluster
    const deadline = new Deadline(clock, options.timeoutMs ?? this.#parts.config.defaultApiTimeoutMs)
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.once(places, { signal: options.signal, timeoutMs: deadline.remainingMs })
      } catch (error) {
        options.signal?.throwIfAborted()
        if (!mayPass(error)) throw error
        const delayMs = this.#backoff.delayMs(attempt)
        if (deadline.remainingMs <= delayMs) {
          const message = `The committed offsets could not be had within ${deadline.timeoutMs} ms: ${error.message}`
          throw new TimeoutError(message, { cause: error, api: offsetFetch.name })
        }
        await clock.sleep(delayMs, { signal: options.signal })
      }
    }
  }

  async once(places: readonly TopicPartition[], options: WaitOptions): Promise<ReadonlyMap<string, CommittedOffset>> {
    const { cluster, config, groupId } = this.#parts
    const found = new Map<string, CommittedOffset>()
    let failed: (TopicPartition & { readonly code: number }) | undefined
    try {
      await cluster.call(offsetFetch, version => this.#request(places, version), {
        to: { group: groupId },
        attempts: 1,
        maxVersion: FETCH_BY_NAME,
        signal: options.signal,
        timeoutMs: Math.min(options.timeoutMs ?? config.requestTimeoutMs, config.requestTimeoutMs),
        errorCode: answer => {
          for (const [place, answered] of answersIn(answer)) {
            const { errorCode: code, committedOffset: offset, committedLeaderEpoch: epoch = -1, metadata } = answered
            if (code !== 0) failed ??= { ...place, code }
            const leaderEpoch = epoch < 0 ? undefined : epoch
            if (offset >= 0n) found.set(nameOf(place), { ...place, offset, leaderEpoch, metadata: metadata ?? '' })
          }
          return topCode(answer) || (failed?.code ?? 0)
        },
      })
    } catch (error) {
      if (failed === undefined) throw error
      const { code, topic, partition } = failed
      throw errorOf(code, { topic, partition, api: offsetFetch.name, cause: error })
    }
    return found
  }

  #request(places: readonly TopicPartition[], version: number): OffsetFetchRequest {
    const { groupId } = this.#parts
    const byTopic = new Map<string, number[]>()
    for (const { topic, partition } of places) byTopic.set(topic, [...(byTopic.get(topic) ?? []), partition])
    const topics = [...byTopic].map(([name, partitionIndexes]) => ({ name, partitionIndexes }))
    const stable = version >= FETCH_STABLE ? { requireStable: true } : {}
    if (version < FETCH_OF_GROUPS) return { groupId, topics, ...stable }
    return { groups: [{ groupId, topics, ...(version >= FETCH_OF_MEMBERS ? this.#membership() : {}) }], ...stable }
  }

  /** A classic group does not ask who wants to know. */
  #membership(): { memberId: string | null; memberEpoch: number } {
    const member = this.#parts.member()
    if (member?.protocol !== 'consumer' || member.standing !== 'member') return { memberId: null, memberEpoch: -1 }
    return { memberId: member.identity.memberId, memberEpoch: member.identity.generationId }
  }
}

/** Also where the member is not known under its epoch: it will be under the next one, and nobody's offsets are meant. */
export function mayPass(error: unknown): error is KafkaError {
  if (!(error instanceof KafkaError) || error.fatal) return false
  return MEMBERSHIP.has(error.code) || nextStep(error, 'coordinator') !== 'give-up'
}

const MEMBERSHIP: ReadonlySet<string> = new Set(['STALE_MEMBER_EPOCH', 'UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION'])

function* answersIn({
  topics,
  groups,
}: Decoded<OffsetFetchResponse>): Generator<readonly [TopicPartition, PartitionAnswer]> {
  const ofGroup = groups?.[0]?.topics ?? []
  for (const { name, partitions } of [...(topics ?? []), ...ofGroup]) {
    for (const each of partitions) yield [{ topic: name ?? '', partition: each.partitionIndex }, each]
  }
}

function topCode({ errorCode, groups }: Decoded<OffsetFetchResponse>): number {
  return groups?.[0]?.errorCode ?? errorCode ?? 0
}

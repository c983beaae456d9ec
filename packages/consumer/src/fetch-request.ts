/**
 * A Fetch request from what a session wants to send, and the parts of its answer back to the targets they belong to. Pure.
 */
import {
  type Decoded,
  type FetchRequest,
  type FetchRequestForgottenTopicsData,
  type FetchRequestTopic,
  type FetchResponse,
  type FetchResponsePartition,
  ZERO_UUID,
} from '@samsa/protocol'
import type { FetchTarget, SessionRequest } from './fetch-session.js'

/** From this version on topics go by their ids. */
export const FETCH_WITH_IDS = 13
/** The first version with sessions; before it, every request is a full one. */
export const FETCH_WITH_SESSIONS = 7

export interface FetchLimits {
  readonly maxWaitMs: number
  readonly minBytes: number
  readonly maxBytes: number
  readonly isolationLevel: number
  readonly rackId: string
}

export function fetchRequest(
  { sessionId, sessionEpoch, targets, forgotten }: SessionRequest<FetchTarget>,
  version: number,
  limits: FetchLimits,
): FetchRequest {
  const topics = byTopic(targets).map(
    (of): FetchRequestTopic => ({
      ...topicOf(of[0], version),
      partitions: of.map(({ partition, leaderEpoch, fetchOffset, maxBytes }) => ({
        partition,
        currentLeaderEpoch: leaderEpoch,
        fetchOffset: BigInt(fetchOffset),
        partitionMaxBytes: maxBytes,
      })),
    }),
  )
  const { maxWaitMs, minBytes, maxBytes, isolationLevel, rackId } = limits
  const request = { maxWaitMs, minBytes, maxBytes, isolationLevel, topics, rackId: version >= 11 ? rackId : '' }
  if (version < FETCH_WITH_SESSIONS) return request
  const forgottenTopicsData = byTopic(forgotten).map(
    (of): FetchRequestForgottenTopicsData => ({
      ...topicOf(of[0], version),
      partitions: of.map(({ partition }) => partition),
    }),
  )
  return { ...request, sessionId, sessionEpoch, forgottenTopicsData }
}

/** Each part of the answer with its target; what was not asked for comes with undefined. */
export function* answersOf<Target extends FetchTarget>(
  { responses }: Decoded<FetchResponse>,
  targets: readonly Target[],
  version: number,
): Generator<readonly [target: Target | undefined, answer: Decoded<FetchResponsePartition>]> {
  const byTopicName = new Map<string, Map<number, Target>>()
  for (const target of targets) {
    const name = version >= FETCH_WITH_IDS ? target.topicId : target.topic
    const known = byTopicName.get(name) ?? new Map<number, Target>()
    byTopicName.set(name, known.set(target.partition, target))
  }
  for (const { topic, topicId, partitions } of responses) {
    const known = byTopicName.get(version >= FETCH_WITH_IDS ? topicId : topic)
    for (const partition of partitions) yield [known?.get(partition.partitionIndex), partition]
  }
}

/** Neighbours of one topic together; a full request's order is the broker's order, and so is kept. */
function byTopic(targets: readonly FetchTarget[]): [FetchTarget, ...FetchTarget[]][] {
  const groups: [FetchTarget, ...FetchTarget[]][] = []
  for (const target of targets) {
    const last = groups.at(-1)
    if (last !== undefined && last[0].topic === target.topic && last[0].topicId === target.topicId) last.push(target)
    else groups.push([target])
  }
  return groups
}

function topicOf({ topic, topicId }: FetchTarget, version: number): { topic?: string; topicId?: string } {
  return version >= FETCH_WITH_IDS ? { topicId } : { topic }
}

/** Whether every topic has an id that requests can name. */
export function allHaveIds(targets: readonly FetchTarget[]): boolean {
  return targets.every(({ topicId }) => topicId !== ZERO_UUID)
}

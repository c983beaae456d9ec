/**
 * Kinds of trouble that a seed may have, and what of each it draws. What may leave a producer in doubt whether a batch was
 * written is told apart from what may not: without doubt there are no duplicates, idempotence or not.
 */
import type { FaultRule } from '@samsa/broker/testing'
import { errorCodes } from '@samsa/protocol'
import type { SeededRandom } from '@samsa/runtime'
import { chance, pick } from './draw.js'
import type { TopicDraft } from './script.js'

export type TroubleStep =
  /** They strike one request after the other. */
  | { readonly kind: 'faults'; readonly rules: readonly FaultRule[] }
  /** What is held goes on. */
  | { readonly kind: 'release' }
  | { readonly kind: 'disconnect'; readonly nodeId: number | undefined }
  | { readonly kind: 'lead'; readonly topic: string; readonly partition: number; readonly nodeId: number }
  | { readonly kind: 'leaderless'; readonly topic: string; readonly partition: number }
  | { readonly kind: 'stop'; readonly nodeId: number }
  | { readonly kind: 'start'; readonly nodeId: number }
  /** The whole broker ends and comes back with the same disk. */
  | { readonly kind: 'restart'; readonly downMs: number }

export const troubles = [
  'error before',
  'error after',
  'fatal error',
  'cut before',
  'cut after',
  'delay',
  'drop',
  'hold',
  'duplicate',
  'disconnect',
  'move leader',
  'no leader',
  'node',
  'restart',
  'metadata',
  'identity',
] as const

export type Trouble = (typeof troubles)[number]

const withoutDoubt: ReadonlySet<Trouble> = new Set<Trouble>([
  'error before',
  'fatal error',
  'move leader',
  'no leader',
  'metadata',
  'identity',
])

export function leavesDoubt(trouble: Trouble): boolean {
  return !withoutDoubt.has(trouble)
}

const retriable = errorCodes.filter(({ reaction }) => reaction === 'retry' || reaction === 'refresh')
const retriableNames = retriable.map(({ name }) => name)
const MOST_IN_A_ROW = 4

/** What a broker may answer although the batch is in its log. */
const afterWork = [
  'NOT_ENOUGH_REPLICAS_AFTER_APPEND',
  'REQUEST_TIMED_OUT',
  'NETWORK_EXCEPTION',
  'KAFKA_STORAGE_ERROR',
  'NOT_LEADER_OR_FOLLOWER',
  'UNKNOWN_TOPIC_OR_PARTITION',
  'UNKNOWN_SERVER_ERROR',
]
const fatalNames = ['TOPIC_AUTHORIZATION_FAILED', 'INVALID_TIMESTAMP', 'UNKNOWN_SERVER_ERROR']

export interface Place {
  readonly topic: string
  readonly partition: number
}

interface Terms {
  readonly topics: Readonly<Record<string, TopicDraft>>
  readonly nodes: number
  readonly favourite: Place
}

export function drawTrouble(random: SeededRandom, troubles: readonly Trouble[], terms: Terms): TroubleStep {
  const trouble = pick(random, troubles)
  const place = drawPlace(random, terms)
  const nodeId = random.integer(1, terms.nodes + 1)
  switch (trouble) {
    case 'move leader':
      return { kind: 'lead', ...place, nodeId }
    case 'no leader':
      return chance(random, 0.5) ? { kind: 'leaderless', ...place } : { kind: 'lead', ...place, nodeId }
    case 'node':
      return { kind: pick(random, ['stop', 'start', 'start']), nodeId }
    case 'restart':
      return chance(random, 0.3) ? { kind: 'restart', downMs: pick(random, [0, 20, 800]) } : { kind: 'release' }
    case 'disconnect':
      return { kind: 'disconnect', nodeId: chance(random, 0.5) ? nodeId : undefined }
    case 'hold':
      return chance(random, 0.5) ? drawFaults(random, trouble, troubles, place, nodeId) : { kind: 'release' }
    default:
      return drawFaults(random, trouble, troubles, place, nodeId)
  }
}

function drawPlace(random: SeededRandom, { topics, favourite }: Terms): Place {
  if (chance(random, 0.5)) return favourite
  const topic = pick(random, Object.keys(topics))
  return { topic, partition: random.integer(0, topics[topic]?.partitions ?? 1) }
}

/** One fault, or several of the seed's kinds in a row. */
function drawFaults(
  random: SeededRandom,
  first: RuleTrouble,
  troubles: readonly Trouble[],
  place: Place,
  nodeId: number,
): TroubleStep {
  const kinds = [first]
  const others = troubles.filter(isOfRules)
  while (kinds.length < MOST_IN_A_ROW && chance(random, 0.5)) kinds.push(pick(random, others))
  return { kind: 'faults', rules: kinds.map(kind => drawRule(random, kind, place, nodeId)) }
}

type RuleTrouble = Exclude<Trouble, 'move leader' | 'no leader' | 'node' | 'restart' | 'disconnect'>

const withoutRules: readonly Trouble[] = ['move leader', 'no leader', 'node', 'restart', 'disconnect']

function isOfRules(trouble: Trouble): trouble is RuleTrouble {
  return !withoutRules.includes(trouble)
}

function drawRule(random: SeededRandom, trouble: RuleTrouble, place: Place, nodeId: number): FaultRule {
  const times = pick(random, [1, 1, 1, 2, 5])
  const where: object = pick(random, [{}, { nodeId }, { topic: place.topic }, place])
  const at = { api: 'Produce', times, ...where }
  switch (trouble) {
    case 'error before':
      return { ...at, error: pick(random, retriableNames) }
    case 'error after':
      return { ...at, error: pick(random, afterWork), after: true }
    case 'fatal error':
      return { ...at, error: pick(random, fatalNames) }
    case 'cut before':
      return { ...at, disconnect: 'before' }
    case 'cut after':
      return { ...at, disconnect: 'after' }
    case 'delay':
      return { ...at, delayMs: pick(random, [1, 30, 90, 150, 1000, 3000]) }
    case 'drop':
      return { ...at, drop: true }
    case 'hold':
      return { ...at, hold: true }
    case 'duplicate':
      return { ...at, duplicate: true }
    case 'metadata':
      return { api: 'Metadata', times, ...drawSetback(random, 'LEADER_NOT_AVAILABLE') }
    case 'identity':
      return { api: 'InitProducerId', times, ...drawSetback(random, 'COORDINATOR_LOAD_IN_PROGRESS') }
  }
}

function drawSetback(random: SeededRandom, error: string): FaultRule {
  return pick<FaultRule>(random, [
    { error },
    { disconnect: 'before' },
    { disconnect: 'after' },
    { delayMs: pick(random, [10, 150, 1500]) },
    { drop: true },
  ])
}

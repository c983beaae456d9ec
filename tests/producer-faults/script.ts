/**
 * What happens in one seed, written out before any of it happens: topics, producers with their options, and steps. A seed
 * draws which kinds of trouble it has, so that some seeds have one kind only, and much of it. Plain data, to be printed.
 */
import type { ProducerOptions } from '@samsa/producer'
import type { SeededRandom } from '@samsa/runtime'
import { chance, pick } from './draw.js'
import { CALM_TURNS } from './test-kafka.js'
import { drawTrouble, type Place, type Trouble, type TroubleStep, troubles } from './trouble.js'

export interface ProducerDraft {
  readonly options: Pick<ProducerOptions, 'acks' | 'maxInFlightRequests' | 'retries' | 'deliveryTimeoutMs'> &
    Pick<ProducerOptions, 'requestTimeoutMs' | 'lingerMs' | 'batchSize' | 'maxBatchSize' | 'compression'> &
    Pick<ProducerOptions, 'bufferMemory' | 'maxBlockMs' | 'enableIdempotence'>
  /** It is closed while the trouble is still there, with so much time. */
  readonly closesWithinMs: number | undefined
}

export interface SendStep {
  readonly kind: 'send'
  readonly producer: number
  readonly how: 'promise' | 'callback' | 'enqueue' | 'sendAll'
  readonly topic: string
  readonly partition: number | undefined
  /** Of so many keys; 0 for records without. */
  readonly keys: number
  readonly count: number
  readonly bytes: number
  /** How long whoever sends waits for the outcome. */
  readonly timeoutMs: number | undefined
}

export type Step =
  | SendStep
  | TroubleStep
  | { readonly kind: 'flush'; readonly producer: number; readonly timeoutMs: number | undefined }
  | { readonly kind: 'pause'; readonly ms: number }
  /** So many turns of the event loop, in which no time passes: requests are caught on their way. */
  | { readonly kind: 'turns'; readonly count: number }

export interface TopicDraft {
  readonly partitions: number
  readonly configs: Readonly<Record<string, string>>
}

export interface Script {
  readonly seed: string
  readonly nodes: number
  readonly replicas: number
  readonly topics: Readonly<Record<string, TopicDraft>>
  readonly producers: readonly ProducerDraft[]
  /** Turns of the event loop between two moments of the clock: how slow everything is. */
  readonly turnsPerMoment: number
  readonly trouble: readonly Trouble[]
  readonly steps: readonly Step[]
}

/** Made by the broker when it is first written to. */
export const LATE_TOPIC = 'late'

const MOST_NODES = 3

const topics: Script['topics'] = {
  plain: { partitions: 3, configs: {} },
  other: { partitions: 1, configs: {} },
  small: { partitions: 2, configs: { 'max.message.bytes': '900' } },
  compacted: { partitions: 2, configs: { 'cleanup.policy': 'compact' } },
}

export function drawScript(random: SeededRandom): Script {
  const kinds = random.fork('kinds')
  const trouble = troubles.filter(() => chance(kinds, 0.25))
  // What several nodes have on their one disk is not for another start.
  const nodes = trouble.includes('restart') ? 1 : MOST_NODES
  const options = random.fork('options')
  const producers = Array.from({ length: options.integer(1, 3) }, () => drawProducer(options))
  const steps = random.fork('steps')
  const topic = pick(steps, Object.keys(topics))
  const favourite: Place = { topic, partition: steps.integer(0, topics[topic]?.partitions ?? 1) }
  return {
    seed: random.seed,
    nodes,
    replicas: pick(options, [1, nodes, nodes]),
    topics,
    producers,
    turnsPerMoment: pick(options, [4, 10, CALM_TURNS]),
    trouble,
    steps: Array.from({ length: steps.integer(15, 60) }, () =>
      drawStep(steps, { producers: producers.length, nodes, trouble, favourite }),
    ),
  }
}

function drawProducer(random: SeededRandom): ProducerDraft {
  const isIdempotent = chance(random, 0.75)
  const lingerMs = pick(random, [0, 0, 5, 50])
  const requestTimeoutMs = pick(random, [100, 400, 2000])
  const batchSize = pick(random, [1, 1, 200, 600, 16_384])
  const least = lingerMs + requestTimeoutMs
  return {
    options: {
      acks: isIdempotent ? 'all' : pick(random, ['all', 1, 1, 0]),
      enableIdempotence: isIdempotent,
      maxInFlightRequests: isIdempotent ? pick(random, [1, 2, 5, 5, 5]) : 1,
      retries: isIdempotent ? pick(random, [1, 3, Infinity, Infinity]) : pick(random, [0, 2, Infinity]),
      requestTimeoutMs,
      deliveryTimeoutMs: pick(random, [least, least + 100, least * 3, 120_000, 120_000]),
      lingerMs,
      batchSize,
      maxBatchSize: pick(random, [batchSize, Math.max(batchSize, 1000), 65_536]),
      compression: pick(random, ['none', 'none', 'gzip']),
      bufferMemory: pick(random, [3000, 20_000, 33_554_432]),
      maxBlockMs: pick(random, [200, 5000, 60_000]),
    },
    closesWithinMs: chance(random, 0.2) ? pick(random, [0, 10, 300]) : undefined,
  }
}

interface StepTerms {
  readonly producers: number
  readonly nodes: number
  readonly trouble: readonly Trouble[]
  /** Where much of the workload and of the trouble goes. */
  readonly favourite: Place
}

function drawStep(random: SeededRandom, { producers, nodes, trouble, favourite }: StepTerms): Step {
  const producer = random.integer(0, producers)
  const draw = random.next()
  if (draw < 0.4) return drawSend(random, producer, favourite)
  if (draw < 0.45) {
    return { kind: 'flush', producer, timeoutMs: chance(random, 0.3) ? pick(random, [0, 50, 1000]) : undefined }
  }
  if (draw < 0.6) return { kind: 'turns', count: random.integer(1, 12) }
  if (draw < 0.75) return { kind: 'pause', ms: pick(random, [1, 10, 60, 150, 500, 2500]) }
  return trouble.length === 0
    ? drawSend(random, producer, favourite)
    : drawTrouble(random, trouble, { topics, nodes, favourite })
}

function drawSend(random: SeededRandom, producer: number, favourite: Place): SendStep {
  const isFavourite = chance(random, 0.5)
  const topic = isFavourite ? favourite.topic : pick(random, [...Object.keys(topics), LATE_TOPIC])
  const partitions = topics[topic]?.partitions ?? 1
  const partition = isFavourite ? favourite.partition : random.integer(0, partitions)
  return {
    kind: 'send',
    producer,
    how: pick(random, ['promise', 'callback', 'enqueue', 'sendAll']),
    topic,
    partition: isFavourite || chance(random, 0.5) ? partition : undefined,
    // Without a key a compacted topic takes nothing, and says so record by record.
    keys: pick(random, [0, 1, 5]),
    count: pick(random, [1, 1, 3, 10, 40]),
    bytes: pick(random, [0, 20, 20, 100, 300, 1200]),
    timeoutMs: chance(random, 0.2) ? pick(random, [0, 20, 500]) : undefined,
  }
}

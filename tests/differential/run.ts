/**
 * Sends a sequence to both brokers, a request at a time, and compares what they answer. A sequence has two connections and
 * bindings of its own and shares nothing with another one but the brokers.
 */
import { setTimeout } from 'node:timers/promises'
import { type Decoded, decodeResponse, type MetadataResponse, metadata } from '@samsa/protocol'
import { compare, type Difference, type Rule } from './compare.js'
import { normalised, type Surroundings } from './normalise.js'
import { CLOSED, type Outcome, Peer } from './peer.js'
import { Answered, type Step, step } from './step.js'
import { syncStep } from './sync-step.js'

export interface Sequence {
  readonly seed: string
  readonly prefix: string
  readonly steps: readonly Step[]
  /** Sent whatever came before, and not compared. */
  readonly finally: readonly Step[]
}

export interface Addresses {
  readonly kafka: string
  readonly samsa: string
}

export interface Exchange {
  readonly step: Step
  readonly request: unknown
  readonly kafka: unknown
  readonly samsa: unknown
  readonly differences: readonly Difference[]
}

export interface SequenceResult {
  readonly sequence: Sequence
  readonly exchanges: readonly Exchange[]
  readonly used: readonly Rule[]
}

const METADATA_VERSION = 12
const HOUR_MS = 3_600_000
const MOST_LOOKS = 1000
const LOOK_AGAIN_MS = 3
const NO_ANSWER = 'no answer'
/** In place of an answer. */
const CLOSES = 'closes the connection'

/** Resolves once a change of metadata that was answered can be seen everywhere in Kafka, which answers before that. */
export type Settle = () => Promise<void>

export async function runSequence(
  sequence: Sequence,
  addresses: Addresses,
  rules: readonly Rule[],
  settle: Settle,
): Promise<SequenceResult> {
  // The clock that the Kafka has.
  const nowMs = Date.now()
  const kafka = new Side(addresses.kafka, sequence.prefix, nowMs)
  const samsa = new Side(addresses.samsa, sequence.prefix, nowMs)
  const exchanges: Exchange[] = []
  const used = new Set<Rule>()
  try {
    for (const each of sequence.steps) {
      for (const name of each.needsIds) await Promise.all([kafka.learn(name), samsa.learn(name)])
      const request = kafka.shown(each)
      const [answered, found] = await Promise.all([kafka.exchange(each), samsa.exchange(each)])
      const whole = { api: each.api.name, version: each.version, request, note: each.note }
      const comparison = compare(answered, found, whole, rules)
      exchanges.push({ step: each, request, kafka: answered, samsa: found, differences: comparison.differences })
      for (const rule of comparison.used) used.add(rule)
      if (comparison.differences.length > 0 || comparison.used.some(rule => rule.parts)) break
      if (changesMetadata(each)) {
        await settle()
        if (each.api.key === metadata.key) await kafka.catchUp(samsa)
      }
    }
    for (const each of sequence.finally) await Promise.all([kafka.exchange(each), samsa.exchange(each)])
  } finally {
    kafka.close()
    samsa.close()
  }
  return { sequence, exchanges, used: [...used] }
}

const CHANGING = new Set([
  'CreateTopics',
  'DeleteTopics',
  'CreatePartitions',
  'AlterConfigs',
  'IncrementalAlterConfigs',
])

function changesMetadata({ api, isAnswered, note }: Step): boolean {
  return isAnswered && (CHANGING.has(api.name) || (api.key === metadata.key && note.includes('creates')))
}

/** One broker as a sequence sees it. */
class Side {
  readonly #address: string
  readonly #prefix: string
  readonly #startedMs: number
  readonly #answered: Answered
  #peer: Peer | undefined
  #correlationId = 0

  constructor(address: string, prefix: string, nowMs: number) {
    this.#address = address
    this.#prefix = prefix
    this.#startedMs = nowMs - 1000
    // What a broker stamps now cannot be mistaken for a time of the sequence's own.
    this.#answered = new Answered(nowMs - HOUR_MS)
  }

  async exchange(each: Step): Promise<unknown> {
    const outcome = await this.#send(each)
    if (outcome === CLOSED) return CLOSES
    if (!each.isAnswered) return (await this.#send(syncStep)) === CLOSED ? CLOSES : NO_ANSWER
    const answer = this.#decoded(each, outcome)
    this.#learnFrom(each, answer)
    return normalised(answer, this.#surroundings(each.api.name))
  }

  /** The request with names in place of ids. */
  shown(each: Step): unknown {
    return normalised(each.request(this.#answered), this.#surroundings(''))
  }

  /** Asks for a topic's id, once. */
  async learn(name: string): Promise<void> {
    if (this.#answered.knows(name)) return
    for (const { topicId, errorCode } of await this.#topics([name]))
      if (errorCode === 0) this.#answered.sawTopic(name, topicId)
  }

  /** A topic that is created by being asked for is there some time later: as soon as the other side has it, or never. */
  async catchUp(other: Side): Promise<void> {
    const wanted = (await other.#topics(null)).map(topic => topic.name ?? '')
    for (let tries = 0; tries < MOST_LOOKS; tries++) {
      const there = new Set((await this.#topics(null)).map(topic => topic.name ?? ''))
      if (wanted.every(name => there.has(name) || !name.startsWith(this.#prefix))) return
      await setTimeout(LOOK_AGAIN_MS)
    }
  }

  close(): void {
    this.#peer?.close()
  }

  async #topics(names: readonly string[] | null): Promise<Decoded<MetadataResponse>['topics']> {
    const topics = names === null ? null : names.map(name => ({ name }))
    const asks = step(metadata, METADATA_VERSION, { topics, allowAutoTopicCreation: false })
    const outcome = await this.#send(asks)
    if (outcome === CLOSED) throw new Error(`${this.#address} closed upon a question about topics`)
    return decodeResponse(metadata, METADATA_VERSION, outcome).body.topics
  }

  async #send(each: Step): Promise<Outcome> {
    if (this.#peer === undefined || this.#peer.isClosed) this.#peer = await Peer.connect(this.#address)
    const peer = this.#peer
    peer.send(each.frame(this.#answered, ++this.#correlationId))
    if (!each.isAnswered) return new Uint8Array(0)
    return peer.next().catch(cause => {
      throw new Error(`${this.#address} does not answer ${each.api.name} v${each.version} ${each.note}`, { cause })
    })
  }

  #decoded(each: Step, frame: Uint8Array): unknown {
    try {
      return each.answer(frame)
    } catch (cause) {
      throw new Error(`${this.#address} answers ${each.api.name} v${each.version} with what cannot be read`, { cause })
    }
  }

  #surroundings(api: string): Surroundings {
    return { answered: this.#answered, prefix: this.#prefix, address: this.#address, startedMs: this.#startedMs, api }
  }

  #learnFrom(each: Step, answer: unknown): void {
    learnTopics(answer, this.#answered)
    if (each.label === undefined || typeof answer !== 'object' || answer === null) return
    const [id, epoch] = [Reflect.get(answer, 'producerId'), Reflect.get(answer, 'producerEpoch')]
    if (typeof id === 'bigint' && id >= 0n) this.#answered.sawProducer(each.label, id, Number(epoch))
    const session = Reflect.get(answer, 'sessionId')
    if (typeof session === 'number' && session !== 0) this.#answered.sawSession(each.label, session)
  }
}

/** Every struct with a name and an id tells a topic's. */
function learnTopics(value: unknown, answered: Answered): void {
  if (value instanceof Uint8Array || typeof value !== 'object' || value === null) return
  const [name, id] = [Reflect.get(value, 'name'), Reflect.get(value, 'topicId')]
  if (typeof name === 'string' && typeof id === 'string' && name !== '') answered.sawTopic(name, id)
  for (const inner of Object.values(value)) learnTopics(inner, answered)
}

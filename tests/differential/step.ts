/**
 * One request of a sequence, as it goes to both brokers. What only an answer can tell, such as a topic's id, a request
 * takes from the bindings of the broker that it goes to; everything else is the same bytes for both.
 */
import { createHash } from 'node:crypto'
import {
  type Api,
  type ApiInfo,
  apiByKey,
  decodeResponse,
  encodeRequest,
  type Uuid,
  uuidFromBytes,
  ZERO_UUID,
} from '@samsa/protocol'

/** What one broker has told so far, by the names that a sequence gives to it. */
export interface Bindings {
  /** The time from which a sequence counts, the same for both brokers. */
  readonly nowMs: number
  /** The id of the topic that had this name last; an id that nobody has where none had it. */
  topicId(name: string): Uuid
  /** What InitProducerId answered; -1 and -1 where it refused. */
  producer(label: string): { readonly id: bigint; readonly epoch: number }
  /** What the last full fetch under this label answered; 0 where there was no session. */
  session(label: string): number
}

export interface Step {
  readonly api: ApiInfo
  readonly version: number
  /** What is odd about it, for the reader of a failure. */
  readonly note: string
  /** Produce with acks=0 has no answer: the next request shows whether the connection still stands. */
  readonly isAnswered: boolean
  /** Topics whose ids the request needs. */
  readonly needsIds: readonly string[]
  /** Under which name to keep the producer id or the session id of the answer. */
  readonly label: string | undefined
  request(bindings: Bindings): object
  /** With length and header. */
  frame(bindings: Bindings, correlationId: number): Buffer
  answer(frame: Uint8Array): unknown
}

export interface StepOptions {
  readonly note?: string
  readonly isAnswered?: boolean
  readonly needsIds?: readonly string[]
  readonly label?: string
  /** Spoils the frame; what is given has no length in front, and neither has the result. */
  readonly damage?: (frame: Buffer) => Buffer
}

const LENGTH_BYTES = 4
const UNSUPPORTED_VERSION = 35
const API_VERSIONS = 18

export function step<Request extends object, Response extends object>(
  api: Api<Request, Response>,
  version: number,
  request: Request | ((bindings: Bindings) => Request),
  options: StepOptions = {},
): Step {
  const { note = '', isAnswered = true, needsIds = [], label, damage = frame => frame } = options
  const made = (bindings: Bindings): Request => (typeof request === 'function' ? request(bindings) : request)
  return {
    api,
    version,
    note,
    isAnswered,
    needsIds,
    label,
    request: made,
    frame: (bindings, correlationId) => {
      const clientId = 'differential'
      const whole = Buffer.concat(encodeRequest(api, made(bindings), { version, correlationId, clientId }))
      return withLength(damage(whole.subarray(LENGTH_BYTES)))
    },
    answer: frame => decodeAnswer(api, version, frame),
  }
}

function withLength(frame: Buffer): Buffer {
  const whole = Buffer.alloc(LENGTH_BYTES + frame.length)
  whole.writeInt32BE(frame.length, 0)
  frame.copy(whole, LENGTH_BYTES)
  return whole
}

/** A version of ApiVersions that is not served is answered in the oldest form. */
function decodeAnswer(api: ApiInfo, version: number, frame: Uint8Array): unknown {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length)
  const isRefusal = api.key === API_VERSIONS && frame.length >= 6 && view.getInt16(4) === UNSUPPORTED_VERSION
  const known = apiByKey(api.key)
  if (known === undefined) throw new Error(`an answer to ${api.name}, which nobody knows`)
  return decodeResponse(known, isRefusal ? 0 : version, frame).body
}

/** The ids that one broker gave, and the names that they have in a comparison. */
export class Answered implements Bindings {
  readonly nowMs: number
  /** Of every topic all ids that its name had, the newest last. */
  readonly #ids = new Map<string, Uuid[]>()
  readonly #producers = new Map<string, { readonly id: bigint; readonly epoch: number }>()
  readonly #sessions = new Map<string, number>()
  /** Labels by all ids that ever had them. */
  readonly #labels = new Map<bigint, string>()

  constructor(nowMs: number) {
    this.nowMs = nowMs
  }

  topicId(name: string): Uuid {
    return this.#ids.get(name)?.at(-1) ?? nobodysId(name)
  }

  producer(label: string): { readonly id: bigint; readonly epoch: number } {
    return this.#producers.get(label) ?? { id: -1n, epoch: -1 }
  }

  session(label: string): number {
    return this.#sessions.get(label) ?? 0
  }

  knows(name: string): boolean {
    return this.#ids.has(name)
  }

  sawTopic(name: string, id: Uuid): void {
    if (id === ZERO_UUID) return
    const ids = this.#ids.get(name) ?? []
    this.#ids.set(name, ids)
    if (!ids.includes(id)) ids.push(id)
  }

  sawProducer(label: string, id: bigint, epoch: number): void {
    this.#producers.set(label, { id, epoch })
    const earlier = [...this.#labels.values()].filter(each => each.startsWith(`${label}.`)).length
    if (!this.#labels.has(id)) this.#labels.set(id, `${label}.${earlier + 1}`)
  }

  sawSession(label: string, id: number): void {
    this.#sessions.set(label, id)
  }

  /** `id of orders`, `second id of orders`; as it is where this broker did not give it. */
  nameOfId(id: Uuid): string {
    for (const [name, ids] of this.#ids) {
      const index = ids.indexOf(id)
      if (index >= 0) return `<id ${index + 1} of ${name}>`
    }
    return id
  }

  nameOfProducer(id: bigint): string {
    const label = this.#labels.get(id)
    return label === undefined ? String(id) : `<producer ${label}>`
  }

  nameOfSession(id: number): string {
    for (const [label, session] of this.#sessions) if (session === id && id !== 0) return `<session ${label}>`
    return String(id)
  }
}

/** A made-up id, which is none of either broker's; one for each name. */
export function nobodysId(name: string): Uuid {
  return uuidFromBytes(createHash('sha256').update(name).digest().subarray(0, 16))
}

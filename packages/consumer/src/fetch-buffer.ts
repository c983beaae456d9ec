/**
 * FetchBuffer: what was fetched and not handed out, by partition, with a limit in bytes. Partitions take turns: whichever
 * has given `turnRecords` goes behind the others, a paused one keeps what it has and gives nothing, and one that has
 * nothing, or an error at its head, holds up nobody.
 *
 * The limit is kept by whoever fetches: it asks for no more than there is room for. A single batch that is larger than what
 * was asked for comes whole, and goes beyond it.
 */
import { KafkaError } from '@samsa/runtime'
import type { ConsumerRecord } from './consumer-record.js'
import type { FetchedRecords } from './fetched-records.js'
import type { PartitionState } from './subscription-state.js'

/** What a fetch gave in place of records. Reached like them, when all before it is handed out. */
export interface FetchFailure {
  readonly state: PartitionState
  readonly generation: number
  /** The offset is out of range and the policy says where to go on; otherwise it is for the application. */
  readonly isReset: boolean
  readonly error: KafkaError
}

type Item = FetchedRecords | FetchFailure

export interface FetchBufferOptions {
  readonly limitBytes: number
  readonly turnRecords: number
  /** There is more room than before. */
  readonly onRoom: () => void
}

export class FetchBuffer {
  readonly limitBytes: number
  readonly #options: FetchBufferOptions
  readonly #queues = new Map<PartitionState, Item[]>()
  /** The partition whose turn it is, and how many records it may still give. */
  #current: FetchedRecords | undefined
  #turnLeft = 0

  constructor(options: FetchBufferOptions) {
    this.#options = options
    this.limitBytes = options.limitBytes
  }

  get bytes(): number {
    let bytes = 0
    for (const items of this.#queues.values()) bytes += bytesOf(items)
    return bytes
  }

  get partitionCount(): number {
    return this.#queues.size
  }

  /** Which has given the last record. */
  get turn(): PartitionState | undefined {
    return this.#current?.state
  }

  bytesOf(state: PartitionState): number {
    return bytesOf(this.#queues.get(state) ?? [])
  }

  /** There is an error to be told before anything behind it can be fetched. */
  hasFailure(state: PartitionState): boolean {
    return this.#queues.get(state)?.some(isFailure) ?? false
  }

  add(item: Item): void {
    const items = this.#queues.get(item.state)
    if (items === undefined) this.#queues.set(item.state, [item])
    else items.push(item)
  }

  /** Its data is not wanted any more. */
  drop(state: PartitionState): void {
    if (this.#current?.state === state) this.#current = undefined
    if (this.#queues.delete(state)) this.#options.onRoom()
  }

  clear(): void {
    this.#current = undefined
    this.#queues.clear()
  }

  /** What a paused partition has may lie for long, and must not keep the answers alive that it came in. */
  detach(state: PartitionState): void {
    for (const item of this.#queues.get(state) ?? []) if (!isFailure(item)) item.detach()
  }

  /** Gives up what a paused partition has, to be fetched again: others have no room otherwise. */
  evict(state: PartitionState): void {
    if (this.#current?.state === state) this.#current = undefined
    if (this.#queues.delete(state)) state.refetch()
  }

  /** The next record, of whichever partition has its turn; undefined when no partition has one to give. */
  next(): ConsumerRecord<unknown, unknown> | undefined {
    for (let current = this.#inTurn(); current !== undefined; current = this.#inTurn()) {
      try {
        const record = current.next()
        if (record !== undefined) {
          this.#turnLeft--
          return record
        }
        this.#finish(current)
      } catch (error) {
        this.#failed(current.state, error)
      }
    }
    return undefined
  }

  /** An error that stands first in its partition, whichever or the one given. It is taken out: what made it is tried again, or was seen to. */
  takeFailure(of?: PartitionState, mayTell: (state: PartitionState) => boolean = () => true): FetchFailure | undefined {
    return this.#takeFirst(({ state, isReset }) => !isReset && (of ?? state) === state && mayTell(state))
  }

  /** A partition whose position has to be looked up anew. */
  takeReset(mayTell: (state: PartitionState) => boolean): PartitionState | undefined {
    return this.#takeFirst(({ state, isReset }) => isReset && mayTell(state))?.state
  }

  #takeFirst(isWanted: (failure: FetchFailure) => boolean): FetchFailure | undefined {
    for (const [state, items] of this.#queues) {
      const [first] = items
      if (first === undefined || !isFailure(first) || state.isPaused || !isWanted(first)) continue
      this.#shift(state, items)
      if (state.isCurrent(first.generation)) return first
    }
    return undefined
  }

  #inTurn(): FetchedRecords | undefined {
    const current = this.#current
    if (current !== undefined && this.#turnLeft > 0 && isReadable(current)) return current
    this.#current = undefined
    if (current !== undefined && this.#turnLeft <= 0) this.#moveToEnd(current.state)
    for (const [state, items] of this.#queues) {
      const [first] = items
      if (first === undefined || isFailure(first)) continue
      if (!state.isCurrent(first.generation)) {
        this.drop(state)
      } else if (!state.isStopped) {
        this.#current = first
        this.#turnLeft = this.#options.turnRecords
        return first
      }
    }
    return undefined
  }

  #finish({ state }: FetchedRecords): void {
    this.#current = undefined
    const items = this.#queues.get(state)
    if (items !== undefined) this.#shift(state, items)
  }

  #shift(state: PartitionState, items: Item[]): void {
    items.shift()
    if (items.length === 0) this.#queues.delete(state)
    this.#options.onRoom()
  }

  /** Nothing behind damaged bytes can be trusted: it is fetched again, when the application has been told. */
  #failed(state: PartitionState, cause: unknown): void {
    this.drop(state)
    state.refetch()
    const error =
      cause instanceof KafkaError ? cause : new KafkaError(String(cause), { code: 'UNKNOWN_SERVER_ERROR', cause })
    this.add({ state, generation: state.generation, isReset: false, error })
  }

  #moveToEnd(state: PartitionState): void {
    const items = this.#queues.get(state)
    if (items === undefined) return
    this.#queues.delete(state)
    this.#queues.set(state, items)
  }
}

function isFailure(item: Item): item is FetchFailure {
  return 'error' in item
}

function isReadable({ state, generation }: FetchedRecords): boolean {
  return !state.isStopped && state.isCurrent(generation)
}

function bytesOf(items: readonly Item[]): number {
  let bytes = 0
  for (const item of items) if (!isFailure(item)) bytes += item.bytes
  return bytes
}

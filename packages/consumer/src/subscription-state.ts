/**
 * SubscriptionState: which partitions are assigned, and of each where reading stands. Pure: nothing here knows of time,
 * brokers or buffers. Owned by the consumer; the fetcher and the lookups change it between two awaits.
 *
 * Of a partition, `position` is the next offset that the application gets, `fetchOffset` the next one that is asked for:
 * what lies between is fetched and waits. Whatever makes that worthless (a seek, a reset, the partition taken away) moves
 * `generation` on, and an answer to what was asked under an older one is dropped.
 */
import { KafkaError } from '@samsa/runtime'
import { nameOf, type TopicPartition } from './topic-partition.js'

export type ResetTarget = 'earliest' | 'latest' | { readonly byDurationMs: number }
export type ResetPolicy = ResetTarget | 'none'

/** No leader epoch is known. */
export const NO_EPOCH = -1

/** What a fetch tells of a partition beside its records. */
export interface PartitionBounds {
  readonly highWatermark: number
  readonly lastStableOffset: number
  readonly logStartOffset: number
}

export class PartitionState {
  readonly place: TopicPartition
  readonly topic: string
  readonly partition: number
  isAssigned = true
  isPaused = false
  /** Whoever hands its records on has enough of them: it is fetched ahead, and nothing of it is handed out. */
  isHeld = false
  /** How often reading was moved to elsewhere. */
  moves = 0
  /** Where to look for a position; undefined while there is one, or none is wanted. */
  reset: ResetTarget | undefined
  /** The leader has changed: whether it has what was read has to be asked. */
  needsValidation = false
  /** What the group has committed is to be asked for. */
  wantsCommitted = false
  /** A lookup of any of these is under way. */
  isLookedUp = false
  /** Nothing is asked for before. By the clock's `monotonic`. */
  retryAt = 0
  /** In a row. */
  failures = 0
  bounds: PartitionBounds | undefined
  /** A follower that the leader has sent us to (KIP-392), and until when to believe that. */
  preferred: { readonly nodeId: number; readonly until: number } | undefined
  #position = -1
  #positionEpoch = NO_EPOCH
  #fetchOffset = -1
  #fetchEpoch = NO_EPOCH
  #leaderEpoch = NO_EPOCH
  #generation = 0

  constructor(place: TopicPartition) {
    this.place = place
    this.topic = place.topic
    this.partition = place.partition
  }

  /** -1 while there is none. */
  get position(): number {
    return this.#position
  }

  /** Of the record before the position; what a commit says, and how a truncated log is noticed. */
  get positionEpoch(): number {
    return this.#positionEpoch
  }

  get fetchOffset(): number {
    return this.#fetchOffset
  }

  get fetchEpoch(): number {
    return this.#fetchEpoch
  }

  get generation(): number {
    return this.#generation
  }

  get hasPosition(): boolean {
    return this.#position >= 0
  }

  /** Nothing of it is handed out for now. */
  get isStopped(): boolean {
    return this.isPaused || this.isHeld
  }

  get isFetchable(): boolean {
    return this.isAssigned && !this.isPaused && this.#position >= 0 && !this.needsValidation
  }

  get needsLookup(): boolean {
    return this.isAssigned && (this.reset !== undefined || this.needsValidation)
  }

  /** Whether what was asked under that generation is still wanted. */
  isCurrent(generation: number): boolean {
    return this.isAssigned && this.#generation === generation
  }

  /** Reading goes on at `offset`, the record before which has `epoch`; the leader of `leaderEpoch` has said so. */
  seek(offset: number, epoch: number = NO_EPOCH, leaderEpoch: number = NO_EPOCH): void {
    this.#moved()
    this.reset = undefined
    this.#position = offset
    this.#positionEpoch = epoch
    this.#fetchOffset = offset
    this.#fetchEpoch = epoch
    this.#freshStart()
    this.#leaderEpoch = leaderEpoch
  }

  /** The position is looked up before reading goes on. */
  requestReset(target: ResetTarget): void {
    this.#moved()
    this.reset = target
    this.#position = -1
    this.#positionEpoch = NO_EPOCH
    this.#freshStart()
  }

  /** What was fetched and not handed out is fetched again. */
  refetch(): void {
    this.#generation++
    this.#fetchOffset = this.#position
    this.#fetchEpoch = this.#positionEpoch
  }

  /** Records up to `nextOffset` have come, the last of them with `epoch`. */
  fetched(nextOffset: number, epoch: number): void {
    this.#fetchOffset = nextOffset
    if (epoch >= 0) this.#fetchEpoch = epoch
  }

  /** The application has everything up to `nextOffset`. */
  handedOut(nextOffset: number, epoch: number): void {
    this.#position = nextOffset
    this.#positionEpoch = epoch
  }

  /** The leader's epoch as metadata has it. Another one than before makes what was read uncertain (KIP-320). */
  observeLeader(epoch: number): void {
    if (epoch <= this.#leaderEpoch) return
    const isFirst = this.#leaderEpoch === NO_EPOCH
    this.#leaderEpoch = epoch
    // Records of that very epoch are this leader's own.
    if (this.#position < 0 || this.#fetchEpoch === NO_EPOCH || this.#fetchEpoch === epoch) return
    if (!isFirst || this.#fetchEpoch < epoch) this.needsValidation = true
  }

  succeeded(): void {
    this.failures = 0
    this.retryAt = 0
  }

  failed(retryAt: number): void {
    this.failures++
    this.retryAt = retryAt
  }

  #moved(): void {
    this.#generation++
    this.moves++
    this.isHeld = false
  }

  #freshStart(): void {
    this.needsValidation = false
    this.preferred = undefined
    this.isLookedUp = false
    this.wantsCommitted = false
    this.#leaderEpoch = NO_EPOCH
    this.succeeded()
  }
}

export class SubscriptionState {
  readonly #byTopic = new Map<string, Map<number, PartitionState>>()
  #all: readonly PartitionState[] = []

  get partitions(): readonly PartitionState[] {
    return this.#all
  }

  find(topic: string, partition: number): PartitionState | undefined {
    return this.#byTopic.get(topic)?.get(partition)
  }

  /** Throws when it is not assigned. */
  assigned(place: TopicPartition): PartitionState {
    const state = this.find(place.topic, place.partition)
    if (state !== undefined) return state
    throw new KafkaError(`${nameOf(place)} is not assigned to this consumer`, { code: 'ILLEGAL_STATE', ...place })
  }

  /** Takes the place of what was assigned; who stays keeps its position. Gives those that are gone and those that came. */
  assign(places: readonly TopicPartition[]): { readonly gone: PartitionState[]; readonly come: PartitionState[] } {
    const before = new Set(this.#all)
    const come: PartitionState[] = []
    const next = places.map(place => {
      const known = this.find(place.topic, place.partition)
      if (known !== undefined) return known
      const state = new PartitionState(place)
      come.push(state)
      return state
    })
    this.#all = next
    this.#byTopic.clear()
    for (const state of next) {
      before.delete(state)
      const ofTopic = this.#byTopic.get(state.topic) ?? new Map<number, PartitionState>()
      this.#byTopic.set(state.topic, ofTopic.set(state.partition, state))
    }
    for (const state of before) state.isAssigned = false
    return { gone: [...before], come }
  }
}

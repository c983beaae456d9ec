/**
 * What a coordinator is to its runtime: a shard is the state that one partition of an internal topic keeps, and decides
 * what requests and timers come to. Pure: it is told the time, writes nothing and answers nobody; the runtime
 * (`runtime.ts`) appends what it decides, has it replayed, and gives the answers when the records are safe.
 */

export interface CoordinatorRecord {
  readonly key: Uint8Array
  /** Null takes away what the key names. */
  readonly value: Uint8Array | null
}

/** Where a record stands, and whose transaction it is part of: -1 for none. Such a record counts when that has ended. */
export interface RecordOrigin {
  readonly offset: number
  readonly producerId: number
}

/** Whose transaction the records of a step are part of. */
export interface TransactionOf {
  readonly producerId: number
  readonly producerEpoch: number
}

/** The end of a producer's transaction, as its marker says it. */
export interface TransactionEnd extends TransactionOf {
  readonly isCommit: boolean
  readonly coordinatorEpoch: number
  /** From 2 on the epoch is higher than that of the records. */
  readonly transactionVersion: number
}

/** The time as a shard is told it: deadlines go by one clock, what is written by the other. */
export interface Moment {
  /** Milliseconds since 1970. */
  readonly nowMs: number
  /** Never goes back. */
  readonly monotonicMs: number
}

/** Whoever waits for an answer; called once, by the runtime. */
export type Reply<Response> = (response: Response) => void

/** An answer on its way; the runtime calls one of the two, once. */
export interface Answer {
  give(): void
  /** What it tells of did not reach the disk. */
  refuse(code: number): void
}

/** Asks to be woken: the key says what for, at the latest then. A shard may be woken too early, and looks for itself. */
export interface Wake {
  readonly key: string
  /** On the monotonic clock. */
  readonly atMs: number
}

/** What a shard decided. */
export interface Step {
  /** Written together or not at all, unless `isDivisible`. */
  readonly records?: readonly CoordinatorRecord[]
  /** More records than one batch takes are written in several, one behind the other: each may be there without the next. */
  readonly isDivisible?: boolean
  /** The records are part of it. */
  readonly transaction?: TransactionOf
  /** Written in place of records. */
  readonly marker?: TransactionEnd
  /** Given when the records, and all that were written before, are safe. */
  readonly answers?: readonly Answer[]
  readonly wakes?: readonly Wake[]
  /** The records are in the log: what follows from that. Its own records are not written. */
  readonly written?: () => Step
  /** The log refused the records, with Kafka's code for clients: what to do instead. */
  readonly refused?: (code: number) => Step
}

export interface CoordinatorShard {
  /** Takes a record of the log into the state, when loading as when one was just appended. */
  replay(record: CoordinatorRecord, origin: RecordOrigin): void
  /** The same for the end of a transaction, where records may be part of one. */
  replayEnd?(producerId: number, isCommit: boolean): void
  /** All records are replayed: from now on it coordinates. */
  loaded(moment: Moment): Step
  wake(key: string, moment: Moment): Step
  /** Another leads the partition, or the broker stops: answers for everyone who waits. Nothing is asked of it any more. */
  unloaded(code: number): readonly Answer[]
}

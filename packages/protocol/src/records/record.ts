/**
 * What a record is to those who write and read batches, and the interface by which one walks over records of any format.
 */
export interface RecordHeader {
  readonly key: string
  readonly value: Uint8Array | null
}

/** A header as it may be written: text becomes UTF-8. */
export interface WritableHeader {
  readonly key: string
  readonly value: Uint8Array | string | null
}

export type WritableBytes = Uint8Array | string | null

/**
 * Walks over the records of a batch. `next` moves to the following record; the properties speak of the record that the
 * cursor stands on. Nothing is cut out of the batch until it is asked for: `key` and `value` make a view, `keyText` and
 * `valueText` a string straight from the batch's bytes.
 */
export interface RecordCursor {
  next(): boolean
  readonly offset: number
  readonly timestamp: number
  /** Position of the record in its batch's numbering; sequence of a record = base sequence + offset delta. */
  readonly offsetDelta: number
  /** Uncompressed: what the places below are counted in. They stay good when the cursor moves on. */
  readonly bytes: Buffer
  readonly keyAt: number
  /** -1 for null. */
  readonly keyBytes: number
  readonly valueAt: number
  /** -1 for null. */
  readonly valueBytes: number
  readonly headerCount: number
  /** Where the record ends. Its headers, if there are any, lie between the end of its value and here: `headersIn`. */
  readonly end: number
  key(): Uint8Array | null
  value(): Uint8Array | null
  keyText(): string | null
  valueText(): string | null
  headers(): RecordHeader[]
}

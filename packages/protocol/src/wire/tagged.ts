/**
 * Tagged fields that a schema does not know: kept as they came, so that a message from a newer peer survives being
 * decoded and encoded again.
 */
export interface UnknownTag {
  readonly tag: number
  readonly data: Uint8Array
}

/** In ascending order of tag; undefined when there are none, which is nearly always. */
export type UnknownTags = readonly UnknownTag[] | undefined

/**
 * Decoded<T>: a message as it comes off the wire. The interfaces of messages leave out what has a default, because that
 * is how one writes them; what was read has every field.
 */
export type Decoded<T> = T extends string | number | bigint | boolean | null | undefined | Uint8Array
  ? T
  : T extends readonly (infer Element)[]
    ? readonly Decoded<Element>[]
    : { [Key in keyof T]-?: Decoded<T[Key]> }

/**
 * Serdes: between values and bytes, for producer and consumer alike. A serde is synchronous: it runs once for each record.
 * What it throws reaches the record that it was called for, as a SerializationError.
 */
import { SerializationError } from '@samsa/runtime'

export interface SerdeContext {
  readonly topic: string
  /** Whether it is the key of the record; otherwise it is the value. */
  readonly isKey: boolean
}

/** `null` never comes to a serde: it is null on both sides. */
export interface Serde<T> {
  /** Text is written as UTF-8. */
  serialize(value: T, context: SerdeContext): string | Uint8Array
  deserialize(bytes: Uint8Array, context: SerdeContext): T
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** UTF-8. Bytes that are not are refused. */
export const string: Serde<string> = {
  serialize(value) {
    if (typeof value !== 'string') throw wrong('a string', value)
    return value
  },
  deserialize: bytes => decoder.decode(bytes),
}

/** As they are. */
export const buffer: Serde<Uint8Array> = {
  serialize(value) {
    if (!(value instanceof Uint8Array)) throw wrong('bytes', value)
    return value
  },
  deserialize: bytes => bytes,
}

/** What `JSON.stringify` can write. The type is what you say it is: nothing is checked when reading; `standard` does. */
export function json<T>(): Serde<T> {
  return {
    serialize(value) {
      const text: string | undefined = JSON.stringify(value)
      if (text === undefined) throw wrong('something that JSON can hold', value)
      return text
    },
    deserialize: bytes => JSON.parse(decoder.decode(bytes)),
  }
}

/** Four bytes, big-endian, as Kafka's IntegerSerializer writes them. */
export const int32: Serde<number> = {
  serialize(value) {
    if (!Number.isInteger(value) || value < -0x8000_0000 || value > 0x7fff_ffff) throw wrong('an int32', value)
    const bytes = Buffer.allocUnsafe(4)
    bytes.writeInt32BE(value)
    return bytes
  },
  deserialize: bytes => sized(bytes, 4).getInt32(0),
}

/** Eight bytes, big-endian, as Kafka's LongSerializer writes them. */
export const int64: Serde<bigint> = {
  serialize(value) {
    if (typeof value !== 'bigint' || BigInt.asIntN(64, value) !== value) throw wrong('a bigint of 64 bits', value)
    const bytes = Buffer.allocUnsafe(8)
    bytes.writeBigInt64BE(value)
    return bytes
  },
  deserialize: bytes => sized(bytes, 8).getBigInt64(0),
}

/** The 36 characters of a UUID, as Kafka's UUIDSerializer writes them. */
export const uuid: Serde<string> = {
  serialize(value) {
    if (typeof value !== 'string' || !UUID.test(value)) throw wrong('a UUID of 36 characters', value)
    return value
  },
  deserialize(bytes) {
    const text = decoder.decode(bytes)
    if (!UUID.test(text)) throw new SerializationError('These bytes are no UUID.')
    return text
  },
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** What a validator of the Standard Schema specification offers, as far as it is needed here. */
export interface StandardSchema<T> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => StandardResult<T> | Promise<StandardResult<T>>
    readonly types?: { readonly input: unknown; readonly output: T } | undefined
  }
}

type StandardResult<T> =
  | { readonly value: T; readonly issues?: undefined }
  | { readonly issues: readonly { readonly message: string }[] }

/** JSON that a validator has checked, in both directions. The validator must be a synchronous one. */
export function standard<T>(schema: StandardSchema<T>): Serde<T> {
  const plain = json<unknown>()
  return {
    serialize: (value, context) => plain.serialize(validated(schema, value), context),
    deserialize: (bytes, context) => validated(schema, plain.deserialize(bytes, context)),
  }
}

export function isSerde(value: unknown): value is Serde<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof Reflect.get(value, 'serialize') === 'function' &&
    typeof Reflect.get(value, 'deserialize') === 'function'
  )
}

function validated<T>(schema: StandardSchema<T>, value: unknown): T {
  const result = schema['~standard'].validate(value)
  if (result instanceof Promise) {
    throw new SerializationError(
      `The validator of ${schema['~standard'].vendor} is asynchronous, which a serde cannot be.`,
    )
  }
  if (result.issues === undefined) return result.value
  const first = result.issues.slice(0, 3).map(({ message }) => message)
  throw new SerializationError(`The value does not fit its schema: ${first.join('; ')}`)
}

function sized(bytes: Uint8Array, length: number): DataView {
  if (bytes.length !== length) throw new SerializationError(`${length} bytes were expected, not ${bytes.length}.`)
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
}

/** The value itself is not shown: records hold what is nobody's business. */
function wrong(expected: string, value: unknown): SerializationError {
  return new SerializationError(`${expected} was expected, not ${value === null ? 'null' : `a ${typeof value}`}.`)
}

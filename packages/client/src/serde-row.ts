/**
 * The row of an option that is a serde, for producer and consumer: `key` and `value`. What Java's serializers and
 * deserializers are called becomes the serde that does the same.
 */
import { buffer, int32, int64, isSerde, type Serde, string, uuid } from './serde.js'

export interface SerdeRow {
  readonly type: 'object'
  readonly guard: (value: unknown) => value is Serde<unknown>
  readonly expects: string
  readonly kafka: string
  readonly optional: true
  readonly fromKafka: (text: string) => Serde<unknown> | undefined
  readonly text: string
}

/** By the word in front of `Serializer` or `Deserializer`. */
const SERDES: ReadonlyMap<string, Serde<unknown>> = new Map<string, Serde<unknown>>([
  ['String', string],
  ['ByteArray', buffer],
  ['Bytes', buffer],
  ['Integer', int32],
  ['Long', int64],
  ['UUID', uuid],
])

export function serdeRow(kafka: `${'key' | 'value'}.${'serializer' | 'deserializer'}`, text: string): SerdeRow {
  const suffix = kafka.endsWith('deserializer') ? 'Deserializer' : 'Serializer'
  return {
    type: 'object',
    guard: isSerde,
    expects: 'a serde, with methods serialize and deserialize',
    kafka,
    optional: true,
    fromKafka: name => serdeOfClass(name, suffix),
    text,
  }
}

function serdeOfClass(name: string, suffix: string): Serde<unknown> | undefined {
  const last = name.split('.').at(-1) ?? ''
  return last.endsWith(suffix) ? SERDES.get(last.slice(0, -suffix.length)) : undefined
}

/**
 * The vocabulary of the schema files: data, no code. A schema names every field of a message once, with the versions
 * that carry it; the emitter turns it into one module that encodes and decodes all versions.
 *
 * Versions are written as Kafka writes them: `3+`, `0-12`, `4`, or `none`.
 */
export type Range = { readonly min: number; readonly max: number }

export type PrimitiveName =
  | 'bool'
  | 'int8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'float64'
  | 'string'
  | 'uuid'
  | 'bytes'
  | 'records'

export type Primitive = { readonly kind: 'primitive'; readonly name: PrimitiveName }
export type ArrayOf = { readonly kind: 'array'; readonly of: Primitive | Struct }
export type Struct = { readonly kind: 'struct'; readonly name: string; readonly fields: readonly Field[] }
export type FieldType = Primitive | ArrayOf | Struct

export type Default = null | boolean | number | bigint | string

export interface FieldOptions {
  /** Versions that carry the field; all of them when left out. */
  readonly in?: string
  /** Versions in which the field may be null; none when left out. */
  readonly nullable?: string
  /** The value of a field that is absent; by type when left out: 0, false, '', empty, the zero uuid, null for records. */
  readonly default?: Default
  /** A value other than the default is dropped in silence by a version without the field, instead of refused. */
  readonly ignorable?: true
  /** The number under which the field stands in the tagged section, in the versions of `tagged` (or `in`). */
  readonly tag?: number
  readonly tagged?: string
}

export interface Field {
  readonly name: string
  readonly type: FieldType
  readonly versions: Range
  readonly nullable: Range
  readonly default: Default | undefined
  readonly ignorable: boolean
  readonly tag: number | undefined
  readonly tagged: Range
  readonly text: string | undefined
}

/**
 * Where a client sends a request: to the partition's leader, to any broker, to the coordinator of a group, a transaction
 * or a share group, to the controller, or to the one broker that the caller means.
 */
export type SentTo = 'leader' | 'any' | 'group' | 'transaction' | 'share' | 'controller' | 'broker'

export interface ApiSource {
  readonly key: number
  readonly name: string
  /** What the request is for, in a sentence or two. */
  readonly text: string
  /** What a version brought, by version. A version that only repeats the one before has no note. */
  readonly notes?: Readonly<Record<number, string>>
  readonly versions: string
  readonly flexible: string
  /** The highest version is not final: encoded and decoded, never negotiated. */
  readonly latestVersionUnstable?: true
  readonly sentTo: SentTo
  readonly listeners: readonly ('broker' | 'controller')[]
  readonly request: readonly Field[]
  readonly response: readonly Field[]
}

export interface Api {
  readonly kind: 'api'
  readonly source: ApiSource
  readonly request: Message
  readonly response: Message
}

/** How a record says which message and version it holds: see `src/records/versioned.ts`. */
export type RecordKind = 'data' | 'self-versioned' | 'coordinator-key' | 'coordinator-value' | 'metadata'

export interface RecordSource {
  readonly name: string
  readonly text: string
  readonly notes?: Readonly<Record<number, string>>
  readonly kind: RecordKind
  /** The record type's number; payloads of kind `data` have none. */
  readonly id?: number
  readonly versions: string
  readonly flexible: string
  readonly fields: readonly Field[]
}

export interface RecordType {
  readonly kind: 'record'
  readonly source: RecordSource
  readonly message: Message
}

export interface Message {
  readonly name: string
  /** Stands above the interface; empty where the API's own text says it all. */
  readonly text: string
  readonly versions: Range
  readonly flexible: Range
  readonly root: Struct
}

export const bool: Primitive = { kind: 'primitive', name: 'bool' }
export const int8: Primitive = { kind: 'primitive', name: 'int8' }
export const int16: Primitive = { kind: 'primitive', name: 'int16' }
export const uint16: Primitive = { kind: 'primitive', name: 'uint16' }
export const int32: Primitive = { kind: 'primitive', name: 'int32' }
export const uint32: Primitive = { kind: 'primitive', name: 'uint32' }
export const int64: Primitive = { kind: 'primitive', name: 'int64' }
export const float64: Primitive = { kind: 'primitive', name: 'float64' }
export const string: Primitive = { kind: 'primitive', name: 'string' }
export const uuid: Primitive = { kind: 'primitive', name: 'uuid' }
export const bytes: Primitive = { kind: 'primitive', name: 'bytes' }
export const records: Primitive = { kind: 'primitive', name: 'records' }

export function array(of: Primitive | Struct): ArrayOf {
  return { kind: 'array', of }
}

export function struct(name: string, fields: readonly Field[]): Struct {
  return { kind: 'struct', name, fields }
}

/** What may follow the name and type of a field: options, a text of what the name does not tell, or both. */
export type FieldDetail = [] | [text: string] | [options: FieldOptions] | [options: FieldOptions, text: string]

export function field(name: string, type: FieldType, ...detail: FieldDetail): Field {
  const [first, second] = detail
  const options = typeof first === 'object' ? first : {}
  const versions = parseRange(options.in ?? options.tagged ?? '0+')
  return {
    name,
    type,
    versions,
    nullable: parseRange(options.nullable ?? 'none'),
    default: options.default,
    ignorable: options.ignorable ?? false,
    tag: options.tag,
    tagged:
      options.tag === undefined ? NO_VERSIONS : options.tagged === undefined ? versions : parseRange(options.tagged),
    text: typeof first === 'string' ? first : second,
  }
}

/** A field that holds one struct, written in place. */
export function nested(name: string, structName: string, ...rest: [...FieldDetail, readonly Field[]]): Field {
  const [detail, fields] = splitRest(rest)
  return field(name, struct(structName, fields), ...detail)
}

/** A field that holds an array of structs, written in place. */
export function list(name: string, structName: string, ...rest: [...FieldDetail, readonly Field[]]): Field {
  const [detail, fields] = splitRest(rest)
  return field(name, array(struct(structName, fields)), ...detail)
}

function splitRest(rest: [...FieldDetail, readonly Field[]]): [FieldDetail, readonly Field[]] {
  switch (rest.length) {
    case 1:
      return [[], rest[0]]
    case 2:
      return typeof rest[0] === 'string' ? [[rest[0]], rest[1]] : [[rest[0]], rest[1]]
    case 3:
      return [[rest[0], rest[1]], rest[2]]
  }
}

export function api(source: ApiSource): Api {
  const shared = {
    text: '',
    versions: parseRange(source.versions),
    flexible: parseRange(source.flexible),
  }
  return {
    kind: 'api',
    source,
    request: { ...shared, name: `${source.name}Request`, root: struct('', source.request) },
    response: { ...shared, name: `${source.name}Response`, root: struct('', source.response) },
  }
}

export function record(source: RecordSource): RecordType {
  return {
    kind: 'record',
    source,
    message: {
      name: source.name,
      text: source.text,
      versions: parseRange(source.versions),
      flexible: parseRange(source.flexible),
      root: struct('', source.fields),
    },
  }
}

export const NO_VERSIONS: Range = { min: 0, max: -1 }
const LAST_VERSION = 32767

export function parseRange(text: string): Range {
  if (text === 'none') return NO_VERSIONS
  const match = /^(\d+)(\+|-(\d+))?$/.exec(text)
  if (match?.[1] === undefined) throw new Error(`not a range of versions: '${text}' (expected 3+, 0-12, 4 or none)`)
  const min = Number(match[1])
  const max = match[2] === undefined ? min : match[3] === undefined ? LAST_VERSION : Number(match[3])
  if (max < min) throw new Error(`versions run backwards: '${text}'`)
  return { min, max }
}

export function intersect(a: Range, b: Range): Range {
  const min = Math.max(a.min, b.min)
  const max = Math.min(a.max, b.max)
  return min > max ? NO_VERSIONS : { min, max }
}

export function isEmpty(range: Range): boolean {
  return range.max < range.min
}

export function covers(outer: Range, inner: Range): boolean {
  return isEmpty(inner) || (outer.min <= inner.min && outer.max >= inner.max)
}

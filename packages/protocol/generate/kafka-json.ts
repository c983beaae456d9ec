/**
 * Reads Kafka's own message definitions: JSON with line comments. A property that is not known here is an error, since
 * it might change what goes over the wire.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isEmpty, NO_VERSIONS, parseRange, type Range } from './schema.js'

export interface KafkaField {
  /** As Kafka writes it: `TopicId`. */
  readonly name: string
  /** As Kafka writes it: `int32`, `[]string`, `[]FetchTopic`. */
  readonly type: string
  readonly versions: Range
  readonly nullable: Range
  readonly tag: number | undefined
  readonly tagged: Range
  readonly default: unknown
  readonly ignorable: boolean
  /** Versions of the field in the flexible encoding, where that is not what the message says. */
  readonly flexible: Range | undefined
  readonly fields: readonly KafkaField[] | undefined
}

export interface KafkaMessage {
  /** The file it is from, in the folder of definitions: `groups/OffsetCommitKey.json`. */
  readonly file: string
  readonly name: string
  readonly type: string
  readonly apiKey: number | undefined
  readonly versions: Range
  readonly flexible: Range
  readonly listeners: readonly string[]
  readonly latestVersionUnstable: boolean
  readonly fields: readonly KafkaField[]
  readonly commonStructs: ReadonlyMap<string, readonly KafkaField[]>
}

const MESSAGE_PROPERTIES = [
  'apiKey',
  'commonStructs',
  'deprecatedVersions',
  'fields',
  'flexibleVersions',
  'latestVersionUnstable',
  'listeners',
  'name',
  'type',
  'validVersions',
]
const FIELD_PROPERTIES = [
  'default',
  'fields',
  'flexibleVersions',
  'ignorable',
  'name',
  'nullableVersions',
  'tag',
  'taggedVersions',
  'type',
  'versions',
]
/** Prose, and hints for Java's collections and copies: nothing of them goes over the wire. */
const HINTS: Readonly<Record<string, string>> = {
  about: 'prose',
  entityType: 'says what a value means; Kafka only checks its type',
  mapKey: 'makes a keyed collection of the array in Java; the order on the wire stays',
  zeroCopy: 'the Java class of the bytes',
}

type Json = Readonly<Record<string, unknown>>

/** Every definition in the folder and its subfolders, in order of file name. */
export function readKafkaMessages(folder: string): KafkaMessage[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.json'))
    .sort()
    .map(file => parseKafkaMessage(readFileSync(join(folder, file), 'utf8'), file))
}

export function parseKafkaMessage(text: string, file: string): KafkaMessage {
  const json = asObject(JSON.parse(withoutComments(text)), file)
  refuseUnknown(json, MESSAGE_PROPERTIES, file)
  const versions = range(json, 'validVersions', file)
  const structs = list(json, 'commonStructs', file).map(item => asObject(item, file))
  return {
    file,
    name: string(json, 'name', file),
    type: string(json, 'type', file),
    apiKey: typeof json['apiKey'] === 'number' ? json['apiKey'] : undefined,
    versions,
    flexible: isEmpty(versions) ? NO_VERSIONS : range(json, 'flexibleVersions', file),
    listeners: list(json, 'listeners', file).map(String),
    latestVersionUnstable: json['latestVersionUnstable'] === true,
    fields: fieldsOf(json, file),
    commonStructs: new Map(structs.map(item => [string(item, 'name', file), fieldsOf(item, file)])),
  }
}

/** Cuts `//` to the end of its line, except within a string. */
export function withoutComments(text: string): string {
  return text.replace(/("(?:[^"\\\n]|\\.)*")|\/\/[^\n]*/g, (_, quoted: string | undefined) => quoted ?? '')
}

function fieldsOf(json: Json, where: string): KafkaField[] {
  return list(json, 'fields', where).map(item => parseField(asObject(item, where), where))
}

function parseField(json: Json, parent: string): KafkaField {
  const name = string(json, 'name', parent)
  const where = `${parent}: ${name}`
  refuseUnknown(json, FIELD_PROPERTIES, where)
  const optionalRange = (property: string): Range =>
    json[property] === undefined ? NO_VERSIONS : range(json, property, where)
  return {
    name,
    type: string(json, 'type', where),
    // A field that is tagged wherever it exists may leave this out.
    versions: json['versions'] === undefined ? range(json, 'taggedVersions', where) : range(json, 'versions', where),
    nullable: optionalRange('nullableVersions'),
    tag: typeof json['tag'] === 'number' ? json['tag'] : undefined,
    tagged: optionalRange('taggedVersions'),
    default: json['default'],
    ignorable: json['ignorable'] === true || json['ignorable'] === 'true',
    flexible: json['flexibleVersions'] === undefined ? undefined : range(json, 'flexibleVersions', where),
    fields: json['fields'] === undefined ? undefined : fieldsOf(json, where),
  }
}

function refuseUnknown(json: Json, known: readonly string[], where: string): void {
  const unknown = Object.keys(json).filter(property => !known.includes(property) && HINTS[property] === undefined)
  if (unknown.length > 0) throw new Error(`${where}: what does ${unknown.join(', ')} mean? It is not known here`)
}

function asObject(value: unknown, where: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`${where}: not an object`)
  return Object.fromEntries(Object.entries(value))
}

function list(json: Json, property: string, where: string): readonly unknown[] {
  const value = json[property] ?? []
  if (!Array.isArray(value)) throw new Error(`${where}: ${property} is not a list`)
  return value
}

function string(json: Json, property: string, where: string): string {
  const value = json[property]
  if (typeof value !== 'string') throw new Error(`${where}: ${property} is missing or no text`)
  return value
}

function range(json: Json, property: string, where: string): Range {
  return parseRange(string(json, property, where))
}

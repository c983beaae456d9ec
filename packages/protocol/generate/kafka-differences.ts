/**
 * Compares a schema of ours with Kafka's definition of the same message, version by version: what goes over the wire,
 * and what happens to a value that a version has no room for. Names of structs are ours to choose.
 */

import type { KafkaField, KafkaMessage } from './kafka-json.js'
import { camelCase } from './naming.js'
import { type Api, type Field, type FieldType, isEmpty, type Message, type Range, type RecordType } from './schema.js'

/** What there is of an API beside its two messages. */
export function apiDifferences(ours: Api, request: KafkaMessage, response: KafkaMessage): string[] {
  const { source } = ours
  const { name } = source
  return [
    ...differ(`${name}: API key of the request`, source.key, request.apiKey),
    ...differ(`${name}: API key of the response`, source.key, response.apiKey),
    ...differ(`${name}: listeners`, [...source.listeners].sort().join(), [...request.listeners].sort().join()),
    ...differ(`${name}: latest version unstable`, source.latestVersionUnstable ?? false, request.latestVersionUnstable),
    ...messageDifferences(ours.request, request),
    ...messageDifferences(ours.response, response),
  ]
}

export function recordDifferences(ours: RecordType, kafka: KafkaMessage): string[] {
  // A payload whose own first field is its version is `data` to Kafka like any other.
  const kind = ours.source.kind === 'self-versioned' ? 'data' : ours.source.kind
  return [
    ...differ(`${ours.source.name}: kind`, kind, kafka.type),
    ...differ(`${ours.source.name}: record type`, ours.source.id, kafka.apiKey),
    ...messageDifferences(ours.message, kafka),
  ]
}

export function messageDifferences(ours: Message, kafka: KafkaMessage): string[] {
  const ranges = differ(`${ours.name}: versions`, rangeText(ours.versions), rangeText(kafka.versions))
  const found = new Set([...differ('name', ours.name, kafka.name), ...ranges])
  for (let version = kafka.versions.min; version <= kafka.versions.max; version++) {
    const flexible = holds(kafka.flexible, version)
    const where = `${ours.name} v${version}`
    for (const line of differ(`${where}: flexible`, holds(ours.flexible, version), flexible)) found.add(line)
    const compared = compareFields(ours.root.fields, kafka.fields, { kafka, version, where })
    for (const line of compared) found.add(line)
  }
  for (const name of fieldsInNoVersion(ours.root.fields, ours.versions))
    found.add(`${ours.name}.${name}: is in no valid version`)
  return [...found]
}

/** Names of Kafka's fields that none of the message's valid versions has: they are never written. */
export function kafkaFieldsInNoVersion(kafka: KafkaMessage): string[] {
  const visit = (fields: readonly KafkaField[], path: string): string[] =>
    fields.flatMap(field => {
      const name = `${path}.${field.name}`
      return overlap(field.versions, kafka.versions) ? visit(field.fields ?? [], name) : [name]
    })
  return [
    ...visit(kafka.fields, kafka.name),
    ...[...kafka.commonStructs].flatMap(([, fields]) => visit(fields, kafka.name)),
  ]
}

interface Place {
  readonly kafka: KafkaMessage
  readonly version: number
  readonly where: string
}

function compareFields(ours: readonly Field[], kafka: readonly KafkaField[], place: Place): string[] {
  const { version, where } = place
  const here = ours.filter(field => holds(field.versions, version))
  const there = kafka.filter(field => holds(field.versions, version))
  const shape = [
    ...differ(
      `${where}: fields`,
      positional(here, version).map(field => ourShape(field, version)),
      positional(there, version).map(field => kafkaShape(field, version)),
    ),
    ...differ(
      `${where}: tagged fields`,
      taggedAt(here, version).map(field => `${field.tag} ${ourShape(field, version)}`),
      taggedAt(there, version).map(field => `${field.tag} ${kafkaShape(field, version)}`),
    ),
  ]
  return [...shape, ...here.flatMap(field => compareField(field, there, place))]
}

function compareField(ours: Field, candidates: readonly KafkaField[], place: Place): string[] {
  const kafka = candidates.find(field => camelCase(field.name) === ours.name)
  // A field without a counterpart was reported with the shape of its struct.
  if (kafka === undefined) return []
  const where = `${place.where}.${ours.name}`
  const found = [
    ...differ(`${where}: default`, ourDefault(ours), kafkaDefault(kafka)),
    ...differ(`${where}: ignorable`, ours.ignorable, kafka.ignorable),
  ]
  if (kafka.flexible !== undefined) found.push(`${where}: has flexible versions of its own, which schemas cannot say`)
  const inner = structFields(ours.type)
  const theirs = kafka.fields ?? place.kafka.commonStructs.get(elementName(kafka.type))
  if (inner !== undefined && theirs !== undefined) found.push(...compareFields(inner, theirs, { ...place, where }))
  return found
}

function positional<F extends Pick<Field, 'tagged'>>(fields: readonly F[], version: number): F[] {
  return fields.filter(field => !holds(field.tagged, version))
}

function taggedAt<F extends Pick<Field, 'tagged' | 'tag'>>(fields: readonly F[], version: number): F[] {
  return fields.filter(field => holds(field.tagged, version)).sort((a, b) => (a.tag ?? -1) - (b.tag ?? -1))
}

function ourShape(field: Field, version: number): string {
  return `${field.name}: ${ourType(field.type)}${holds(field.nullable, version) ? ' or null' : ''}`
}

function ourType(type: FieldType): string {
  if (type.kind === 'array') return `[]${ourType(type.of)}`
  return type.kind === 'struct' ? 'struct' : type.name
}

function kafkaShape(field: KafkaField, version: number): string {
  const isArray = field.type.startsWith('[]')
  const element = elementName(field.type)
  // Kafka's names of structs start with a capital, those of its own types do not.
  const type = /^[A-Z]/.test(element) ? 'struct' : element
  const nullable = holds(field.nullable, version) ? ' or null' : ''
  return `${camelCase(field.name)}: ${isArray ? '[]' : ''}${type}${nullable}`
}

function elementName(type: string): string {
  return type.replace(/^\[\]/, '')
}

function structFields(type: FieldType): readonly Field[] | undefined {
  if (type.kind === 'array') return structFields(type.of)
  return type.kind === 'struct' ? type.fields : undefined
}

/** Defaults in one form for both: numbers as decimal digits, everything empty as such. */
function ourDefault(field: Field): string {
  if (field.default !== undefined) return field.default === '' ? 'empty' : String(field.default)
  if (field.type.kind === 'array') return 'empty'
  return field.type.kind === 'struct' ? 'a struct of defaults' : standardDefault(field.type.name)
}

function kafkaDefault(field: KafkaField): string {
  const given = field.default
  // A bare null is to Kafka's generator as good as nothing; the default null is written as the text "null".
  if (given === undefined || given === null || given === '') {
    if (field.type.startsWith('[]')) return 'empty'
    return /^[A-Z]/.test(field.type) ? 'a struct of defaults' : standardDefault(field.type)
  }
  if (typeof given !== 'string') return String(given)
  return /^0x[0-9a-f]+$/i.test(given) ? String(BigInt(given)) : given
}

function standardDefault(type: string): string {
  switch (type) {
    case 'bool':
      return 'false'
    case 'string':
    case 'bytes':
      return 'empty'
    case 'records':
      return 'null'
    case 'uuid':
      return 'the zero uuid'
    default:
      return '0'
  }
}

function fieldsInNoVersion(fields: readonly Field[], versions: Range): string[] {
  return fields.flatMap(field =>
    overlap(field.versions, versions) ? fieldsInNoVersion(structFields(field.type) ?? [], versions) : [field.name],
  )
}

function overlap(a: Range, b: Range): boolean {
  return !isEmpty(a) && !isEmpty(b) && a.min <= b.max && b.min <= a.max
}

function holds(range: Range, version: number): boolean {
  return version >= range.min && version <= range.max
}

function rangeText(range: Range): string {
  return isEmpty(range) ? 'none' : `${range.min}-${range.max}`
}

function differ(what: string, ours: unknown, kafka: unknown): string[] {
  const [here, there] = [JSON.stringify(ours), JSON.stringify(kafka)]
  return here === there ? [] : [`${what}: ours ${here}, Kafka's ${there}`]
}

import { describe, expect, test } from 'vitest'
import {
  decodeRequestHeader,
  decodeResponseHeader,
  encodeRequestHeader,
  encodeResponseHeader,
  type RequestHeader,
} from '../src/header.js'
import { Reader } from '../src/wire/reader.js'
import { Writer } from '../src/wire/writer.js'
import { apiDifferences, kafkaFieldsInNoVersion, messageDifferences, recordDifferences } from './kafka-differences.js'
import { type KafkaField, type KafkaMessage, parseKafkaMessage, readKafkaMessages } from './kafka-json.js'
import { type Api, api, array, field, int32, isEmpty, list, nested, type RecordType, string } from './schema.js'
import { loadSchemas } from './schemas.js'

/** Definitions that Samsa has no schema for, and why. One more, or one that Kafka brings back to life, fails the test. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  LeaderAndIsr: 'key 4: only a broker of the ZooKeeper era spoke it; no version is valid',
  StopReplica: 'key 5: only a broker of the ZooKeeper era spoke it; no version is valid',
  UpdateMetadata: 'key 6: only a broker of the ZooKeeper era spoke it; no version is valid',
  ControlledShutdown: 'key 7: only a broker of the ZooKeeper era spoke it; no version is valid',
}

/** Fields that Kafka still defines, though the versions which had them are gone. */
const FIELDS_IN_NO_VERSION = ['ShareFetchRequest.Topics.Partitions.PartitionMaxBytes']

const folder = process.env['KAFKA_MESSAGES']

if (folder === undefined) {
  test.skip("schemas equal Kafka's own (KAFKA_MESSAGES is not set: it names the folder of Kafka's definitions)", () => {})
} else {
  describe("schemas equal Kafka's own", async () => compareAll(readKafkaMessages(folder), await loadSchemas()))
}

function compareAll(kafka: readonly KafkaMessage[], schemas: Awaited<ReturnType<typeof loadSchemas>>): void {
  const byName = new Map(kafka.map(message => [message.name, message]))
  const apis = schemas.apis.map(({ api }) => api)
  const records = schemas.records.flatMap(file => file.records)
  const definition = (name: string): KafkaMessage => {
    const message = byName.get(name)
    if (message === undefined) throw new Error(`Kafka has no definition of ${name}`)
    return message
  }

  test.each(apis.map(item => [item.source.key, item.source.name, item] as const))('%i %s', (_, name, item) => {
    expect(apiDifferences(item, definition(`${name}Request`), definition(`${name}Response`))).toEqual([])
  })

  test.each(records.map(item => [item.source.name, item] as const))('record %s', (name, item) => {
    expect(recordDifferences(item, definition(name))).toEqual([])
  })

  test('the hand-written request header has the fields of its definition', () => {
    const header = definition('RequestHeader')
    expect([header.versions, header.flexible.min]).toEqual([{ min: 1, max: 2 }, 2])
    const ours = { apiKey: 18, apiVersion: 3, correlationId: 0x01020304, clientId: 'größe' }
    for (const value of [ours, { ...ours, clientId: null }]) {
      for (const version of [1, 2] as const) {
        const writer = new Writer('request header')
        encodeRequestHeader(writer, value, version)
        const bytes = writer.toBytes()
        expect(bytes).toEqual(asDefined(header, version, byKafkaName(value)))
        expect(decodeRequestHeader(new Reader(bytes), version)).toEqual(value)
      }
    }
  })

  test('the hand-written response header has the fields of its definition', () => {
    const header = definition('ResponseHeader')
    expect([header.versions, header.flexible.min]).toEqual([{ min: 0, max: 1 }, 1])
    for (const version of [0, 1] as const) {
      const writer = new Writer('response header')
      encodeResponseHeader(writer, { correlationId: 0x01020304 }, version)
      const bytes = writer.toBytes()
      expect(bytes).toEqual(asDefined(header, version, { CorrelationId: 0x01020304 }))
      expect(decodeResponseHeader(new Reader(bytes), version)).toEqual({ correlationId: 0x01020304 })
    }
  })

  test('every definition has a schema or a reason to have none', () => {
    const compared = new Set([
      ...apis.flatMap(({ source }) => [`${source.name}Request`, `${source.name}Response`]),
      ...records.map(({ source }) => source.name),
      'RequestHeader',
      'ResponseHeader',
    ])
    const left = kafka.filter(({ name }) => !compared.has(name))
    const expected = Object.keys(LEFT_OUT).flatMap(name => [`${name}Request`, `${name}Response`])
    expect(left.map(({ name }) => name).sort()).toEqual(expected.sort())
    expect(left.filter(({ versions }) => !isEmpty(versions))).toEqual([])
    expect(compared.size + left.length).toBe(kafka.length)
    expect(kafka.flatMap(kafkaFieldsInNoVersion)).toEqual(FIELDS_IN_NO_VERSION)
    console.info(coverage(apis, records).join('\n'))
  })
}

function coverage(apis: readonly Api[], records: readonly RecordType[]): string[] {
  const versions = (message: { readonly versions: { min: number; max: number } }): string =>
    message.versions.min === message.versions.max
      ? `${message.versions.min}`
      : `${message.versions.min}-${message.versions.max}`
  const total = apis.reduce((sum, { request }) => sum + request.versions.max - request.versions.min + 1, 0)
  return [
    `compared with Kafka's definitions: ${apis.length} APIs in ${total} versions, both directions; ${records.length} records; both headers`,
    ...apis.map(
      item =>
        `  ${item.source.key} ${item.source.name} ${versions(item.request)}${item.source.latestVersionUnstable ? ' (newest unstable)' : ''}`,
    ),
    `  records: ${records.map(({ source, message }) => `${source.name} ${versions(message)}`).join(', ')}`,
    ...Object.entries(LEFT_OUT).map(([name, why]) => `  left out: ${name}, ${why}`),
    ...FIELDS_IN_NO_VERSION.map(name => `  left out: ${name}, in no valid version`),
  ]
}

/** What a definition says of the bytes of `values`, by Kafka's names: enough of it for headers. */
function asDefined(message: KafkaMessage, version: number, values: Readonly<Record<string, unknown>>): Uint8Array {
  const flexible = version >= message.flexible.min
  const writer = new Writer('as defined')
  for (const item of message.fields.filter(({ versions }) => version >= versions.min && version <= versions.max)) {
    writeField(writer, item, values[item.name], flexible && item.flexible === undefined)
  }
  if (flexible) writer.unsignedVarint(0)
  return writer.toBytes()
}

function writeField(writer: Writer, { type, name }: KafkaField, value: unknown, flexible: boolean): void {
  if (type === 'int16') writer.int16(Number(value))
  else if (type === 'int32') writer.int32(Number(value))
  else if (type === 'string') writer.nullableString(value === null ? null : String(value), flexible)
  else throw new Error(`a header with a field ${name} of type ${type}`)
}

function byKafkaName(header: RequestHeader): Readonly<Record<string, unknown>> {
  return {
    RequestApiKey: header.apiKey,
    RequestApiVersion: header.apiVersion,
    CorrelationId: header.correlationId,
    ClientId: header.clientId,
  }
}

describe('the comparison', () => {
  const kafkaText = `{ // a comment
    "apiKey": 200, "type": "request", "listeners": ["broker"], "name": "SampleRequest",
    "validVersions": "1-3", "flexibleVersions": "2+", // until the end of the line
    "commonStructs": [{ "name": "Where", "versions": "0+", "fields": [
      { "name": "Host", "type": "string", "versions": "0+", "about": "not http://a comment" }
    ]}],
    "fields": [
      { "name": "GroupId", "type": "string", "versions": "0+", "nullableVersions": "2+", "default": "null" },
      { "name": "Count", "type": "int32", "versions": "1-2", "default": "0x7f", "ignorable": true },
      { "name": "Places", "type": "[]Where", "versions": "0+" },
      { "name": "Epoch", "type": "int32", "versions": "3+", "taggedVersions": "3+", "tag": 1, "default": "-1" },
      { "name": "Inner", "type": "Inner", "versions": "3+", "taggedVersions": "3+", "tag": 0, "fields": [
        { "name": "Ids", "type": "[]int32", "versions": "3+" }
      ]}
    ]
  }`
  const kafka = parseKafkaMessage(kafkaText, 'SampleRequest.json')

  const groupId = field('groupId', string, { nullable: '2+', default: null })
  const count = field('count', int32, { in: '1-2', default: 127, ignorable: true })
  const places = list('places', 'Place', [field('host', string)])
  const epoch = field('epoch', int32, { in: '3+', tag: 1, default: -1 })
  const inner = nested('inner', 'Inner', { in: '3+', tag: 0 }, [field('ids', array(int32))])
  const source = { key: 200, name: 'Sample', text: '', sentTo: 'any', listeners: ['broker'], response: [] } as const
  const sample = (request: Parameters<typeof api>[0]['request'], versions = '1-3', flexible = '2+') =>
    messageDifferences(api({ ...source, versions, flexible, request }).request, kafka)

  test('finds nothing where nothing differs', () => {
    expect(sample([groupId, count, places, epoch, inner])).toEqual([])
  })

  test.each<[string, string[], RegExp]>([
    [
      'a wrong type',
      sample([field('groupId', int32, { nullable: '2+', default: null }), count, places, epoch, inner]),
      /v1: fields: .*groupId: int32/,
    ],
    [
      'a missing field',
      sample([groupId, places, epoch, inner]),
      /v1: fields: ours \["groupId: string","places: \[\]struct"\]/,
    ],
    [
      'a field that Kafka has not',
      sample([groupId, count, places, epoch, inner, field('more', int32)]),
      /v1: fields: .*more: int32/,
    ],
    ['another order', sample([count, groupId, places, epoch, inner]), /v1: fields/],
    [
      'null in another version',
      sample([field('groupId', string, { nullable: '3+', default: null }), count, places, epoch, inner]),
      /v2: fields/,
    ],
    [
      'a field that stays too long',
      sample([groupId, field('count', int32, { default: 127, ignorable: true }), places, epoch, inner]),
      /v3: fields/,
    ],
    [
      'another tag',
      sample([groupId, count, places, field('epoch', int32, { in: '3+', tag: 2, default: -1 }), inner]),
      /v3: tagged fields: .*2 epoch: int32/,
    ],
    [
      'a tagged field in the open',
      sample([groupId, count, places, field('epoch', int32, { in: '3+', default: -1 }), inner]),
      /v3: fields/,
    ],
    [
      'another default',
      sample([groupId, field('count', int32, { in: '1-2', default: 126, ignorable: true }), places, epoch, inner]),
      /count: default: ours "126", Kafka's "127"/,
    ],
    [
      'no default',
      sample([groupId, count, places, field('epoch', int32, { in: '3+', tag: 1 }), inner]),
      /epoch: default: ours "0"/,
    ],
    [
      'a field that must not be dropped',
      sample([groupId, field('count', int32, { in: '1-2', default: 127 }), places, epoch, inner]),
      /count: ignorable/,
    ],
    [
      'a difference in an inner struct',
      sample([groupId, count, list('places', 'Place', [field('name', string)]), epoch, inner]),
      /v1\.places: fields/,
    ],
    [
      'a difference in a tagged struct',
      sample([
        groupId,
        count,
        places,
        epoch,
        nested('inner', 'Inner', { in: '3+', tag: 0 }, [field('ids', array(string))]),
      ]),
      /v3\.inner: fields/,
    ],
    [
      'another range of versions',
      sample([groupId, count, places, epoch, inner], '0-3'),
      /versions: ours "0-3", Kafka's "1-3"/,
    ],
    ['another first flexible version', sample([groupId, count, places, epoch, inner], '1-3', '3+'), /v2: flexible/],
    [
      'a field in no valid version',
      sample([groupId, count, places, epoch, inner, field('old', int32, { in: '0' })]),
      /old: is in no valid version/,
    ],
  ])('finds %s', (_, found, expected) => {
    expect(found.join('\n')).toMatch(expected)
  })

  test('finds another key, other listeners and another stability of an API', () => {
    const ours = api({ ...source, versions: '1-3', flexible: '2+', request: [groupId, count, places, epoch, inner] })
    const response = { ...kafka, name: 'SampleResponse', fields: [] }
    expect(apiDifferences(ours, kafka, response)).toEqual([])
    const other = { ...kafka, apiKey: 201, listeners: ['controller'], latestVersionUnstable: true }
    expect(apiDifferences(ours, other, { ...response, apiKey: 202 })).toHaveLength(4)
  })

  test('refuses a property that it does not know', () => {
    expect(() => parseKafkaMessage(kafkaText.replace('"ignorable"', '"mapOrder"'), 'x.json')).toThrow(/mapOrder/)
    expect(() => parseKafkaMessage(kafkaText.replace('"listeners"', '"hosts"'), 'x.json')).toThrow(/hosts/)
  })

  test('takes a bare null for no default, as Kafka does', () => {
    const bare = parseKafkaMessage(kafkaText.replace('"default": "null"', '"default": null'), 'x.json')
    const ours = api({ ...source, versions: '1-3', flexible: '2+', request: [groupId, count, places, epoch, inner] })
    expect(messageDifferences(ours.request, bare).join('\n')).toMatch(/groupId: default: ours "null", Kafka's "empty"/)
  })

  test('names fields that Kafka defines for no valid version', () => {
    const gone = parseKafkaMessage(kafkaText.replace('"versions": "1-2"', '"versions": "0"'), 'x.json')
    expect(kafkaFieldsInNoVersion(gone)).toEqual(['SampleRequest.Count'])
  })
})

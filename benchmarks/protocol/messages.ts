/**
 * Messages: what a client does all day, encode requests and decode responses, as whole frames; and the other two
 * directions, which only we have. Each at the newest version of kafkajs, where all three can be compared, and at the
 * newest of platformatic.
 */
import assert from 'node:assert/strict'
import { decodeRequest, decodeResponse, encodeRequest, encodeResponse, openRequest } from '@samsa/protocol'
import type { Benchmark, Contender } from '../measure/benchmark.ts'
import type { KafkajsPeer } from '../peers/kafkajs.ts'
import type { PlatformaticPeer } from '../peers/platformatic.ts'
import type { Peers } from './peers.ts'
import { pairsOf } from './reading.ts'
import { fieldTexts, type Shape, type Subject } from './subject.ts'
import { fetchSubject } from './subjects/fetch.ts'
import { heartbeatSubject } from './subjects/heartbeat.ts'
import { metadataSubject } from './subjects/metadata.ts'
import { offsetFetchSubject } from './subjects/offset-fetch.ts'
import { produceSubject } from './subjects/produce.ts'

const LENGTH_BYTES = 4
const CORRELATION_ID = 4711
const CLIENT_ID = 'benchmark'

/** Encodes a request: `run` resolves to a frame, as one buffer or in chunks. */
interface Encoder extends Contender {
  readonly run: () => Uint8Array | readonly Uint8Array[] | Promise<Uint8Array>
}

/** Decodes a response. */
interface Decoder extends Contender {
  readonly shape: Shape
  /** The response itself, where `run` goes on to its records. */
  readonly decode: () => unknown
}

export function messageBenchmarks(peers: Peers): Benchmark[] {
  return [
    ...benchmarksOf(metadataSubject, peers),
    ...benchmarksOf(fetchSubject, peers),
    ...benchmarksOf(produceSubject, peers),
    ...benchmarksOf(offsetFetchSubject, peers),
    ...benchmarksOf(heartbeatSubject, peers),
  ]
}

function benchmarksOf(subject: Subject, peers: Peers): Benchmark[] {
  const shared = subject.kafkajs.version
  const newest = subject.platformatic.newestVersion
  const onlyPlatformatic = { ...peers, kafkajs: undefined }
  return [
    encodeBenchmark(subject, shared, peers),
    decodeBenchmark(subject, shared, peers),
    encodeBenchmark(subject, newest, onlyPlatformatic),
    decodeBenchmark(subject, newest, onlyPlatformatic),
    ...brokerBenchmarks(subject, newest),
  ]
}

function encodeBenchmark(subject: Subject, version: number, { kafkajs, platformatic }: Peers): Benchmark {
  const { api, samsa } = subject
  const name = `${api.name} v${version}, encode request`
  const options = { version, correlationId: CORRELATION_ID, clientId: CLIENT_ID }
  const request = samsa.request(version)
  const encodeOwn = samsa.makesRequestEachTime
    ? () => encodeRequest(api, samsa.request(version), options)
    : () => encodeRequest(api, request, options)
  const contenders: Encoder[] = [{ name: 'samsa', run: encodeOwn }]
  if (kafkajs !== undefined) contenders.push(kafkajsEncoder(kafkajs, subject))
  if (platformatic !== undefined) contenders.push(platformaticEncoder(platformatic, subject, version))
  const check = async () => {
    const expected = requestIn(subject, version, encodeOwn())
    for (const contender of contenders) {
      const found = requestIn(subject, version, await contender.run())
      assert.deepEqual(found, expected, `${name}: what ${contender.name} encodes`)
    }
  }
  return { name, unit: 'messages', unitsPerRun: 1, contenders, check }
}

function kafkajsEncoder(peer: KafkajsPeer, { kafkajs }: Subject): Encoder {
  const { request } = peer.api(kafkajs.name, kafkajs.version)
  const run = () => peer.encodeRequest(request(kafkajs.fields), CORRELATION_ID, CLIENT_ID)
  return { name: 'kafkajs', isAsync: true, run }
}

function platformaticEncoder(peer: PlatformaticPeer, { platformatic }: Subject, version: number): Encoder {
  const api = peer.api(`${platformatic.name}V${version}`)
  const fields = platformatic.fields(version)
  return { name: 'platformatic', run: () => peer.encodeRequest(api, fields, CORRELATION_ID, CLIENT_ID) }
}

function decodeBenchmark(subject: Subject, version: number, { kafkajs, platformatic }: Peers): Benchmark {
  const { api, samsa } = subject
  const name = `${api.name} v${version}, decode response`
  const frame = frameOf(encodeResponse(api, samsa.response(version), { version, correlationId: CORRELATION_ID }))
  const contenders: Decoder[] = [ownDecoder(subject, version, frame)]
  if (kafkajs !== undefined) contenders.push(kafkajsDecoder(kafkajs, subject, frame))
  if (platformatic !== undefined) contenders.push(platformaticDecoder(platformatic, subject, version, frame))
  const check = async () => {
    const [own] = contenders
    if (own === undefined) return
    const texts = fieldTexts(own.decode(), own.shape)
    assert.ok(texts.length > 1 && !texts.includes('undefined'), `${name}: the shape names fields that are not there`)
    const touched = samsa.touch === undefined ? undefined : await own.run()
    for (const contender of contenders) {
      const what = `${name}: what ${contender.name} decodes`
      assert.deepEqual(fieldTexts(await contender.decode(), contender.shape), texts, what)
      if (touched !== undefined) assert.equal(await contender.run(), touched, what)
    }
  }
  return { name, unit: 'messages', unitsPerRun: 1, contenders, check }
}

function ownDecoder({ api, samsa }: Subject, version: number, frame: Buffer): Decoder {
  const decode = () => decodeResponse(api, version, frame).body
  const { touch } = samsa
  const run = touch === undefined ? decode : () => touch(decode())
  return { name: 'samsa', shape: samsa.responseShape(version), decode, run }
}

function kafkajsDecoder(peer: KafkajsPeer, { kafkajs }: Subject, frame: Buffer): Decoder {
  const api = peer.api(kafkajs.name, kafkajs.version)
  const decode = () => peer.decodeResponse(api, frame)
  const { touch } = kafkajs
  const run = touch === undefined ? decode : async () => touch(await decode())
  return { name: 'kafkajs', isAsync: true, shape: kafkajs.responseShape, decode, run }
}

function platformaticDecoder(
  peer: PlatformaticPeer,
  { platformatic }: Subject,
  version: number,
  frame: Buffer,
): Decoder {
  const api = peer.api(`${platformatic.name}V${version}`)
  const decode = () => peer.decodeResponse(api, frame)
  const { touch } = platformatic
  const run = touch === undefined ? decode : () => touch(decode())
  return { name: 'platformatic', shape: platformatic.responseShape(version), decode, run }
}

/** What a broker does with them; nobody to compare with. */
function brokerBenchmarks(subject: Subject, version: number): Benchmark[] {
  const { api, samsa } = subject
  const options = { version, correlationId: CORRELATION_ID, clientId: CLIENT_ID }
  const frame = frameOf(encodeRequest(api, samsa.request(version), options))
  const response = samsa.response(version)
  const decode = () => decodeRequest(api, version, openRequest(frame).body)
  const encode = () => encodeResponse(api, response, options)
  const common = { unit: 'messages', unitsPerRun: 1 } as const
  return [
    {
      ...common,
      name: `${api.name} v${version}, decode request`,
      contenders: [{ name: 'samsa', run: decode }],
      check: async () =>
        assert.deepEqual(comparable(decode()), requestIn(subject, version, [Buffer.alloc(LENGTH_BYTES), frame]).body),
    },
    {
      ...common,
      name: `${api.name} v${version}, encode response`,
      contenders: [{ name: 'samsa', run: encode }],
      check: async () => {
        const { body } = decodeResponse(api, version, frameOf(encode()))
        assert.ok(!fieldTexts(body, samsa.responseShape(version)).includes('undefined'))
      },
    },
  ]
}

/** The request in a frame, read by us, whoever encoded it. */
function requestIn({ api }: Subject, version: number, encoded: Uint8Array | readonly Uint8Array[]) {
  const { header, body } = openRequest(frameOf(encoded))
  return { header, body: comparable(decodeRequest(api, version, body)) }
}

function frameOf(encoded: Uint8Array | readonly Uint8Array[]): Buffer {
  return Buffer.concat(encoded instanceof Uint8Array ? [encoded] : encoded).subarray(LENGTH_BYTES)
}

/** The message with its batches as the texts in them: batches may differ in what does not matter, as the leader epoch. */
function comparable(value: unknown): unknown {
  if (value instanceof Uint8Array) return pairsOf(value)
  if (Array.isArray(value)) return value.map(comparable)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, comparable(field)]))
}

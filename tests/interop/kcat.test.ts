/**
 * kcat (librdkafka), unmodified, against a broker: what it writes lies there byte for byte in the codec asked for, and what
 * it reads is what was written.
 */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isInstalled, mustRun, runProgram } from './program.js'
import { type SampleRecord, sampleRecords } from './sample-records.js'
import { createTopic, storedIn } from './stored-batches.js'
import { startTarget, type Target } from './target.js'

const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd']
const KEY_END = 0x01
const RECORD_END = 0x02
/** Lengths first, so that whatever the key and the value hold can be cut out again. */
const FORMAT = '%o %T %K %S [%h]\\n%k%s\\n'

let target: Target

function kcat(args: readonly string[], input?: string | Uint8Array): Promise<Buffer> {
  return mustRun('kcat', ['-b', target.address, '-q', ...args], input)
}

async function newTopic(partitions = 1): Promise<string> {
  const topic = `kcat-${randomUUID()}`
  await createTopic(target.address, topic, partitions)
  return topic
}

/** As kcat takes them with -K and -D; with -Z an empty key or value is none. */
function linesOf(records: readonly SampleRecord[]): Buffer {
  return Buffer.concat(
    records.flatMap(({ key, value }) => [
      key ?? Buffer.alloc(0),
      Buffer.from([KEY_END]),
      value ?? Buffer.alloc(0),
      Buffer.from([RECORD_END]),
    ]),
  )
}

interface Consumed {
  readonly offset: number
  readonly timestamp: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: string
}

/** What kcat printed in FORMAT. */
function parse(output: Buffer): Consumed[] {
  const records: Consumed[] = []
  for (let at = 0; at < output.length; ) {
    const lineEnd = output.indexOf('\n', at)
    const line = output.toString('utf8', at, lineEnd)
    const [, offset, timestamp, keyBytes, valueBytes, headers = ''] =
      /^(\d+) (-?\d+) (-?\d+) (-?\d+) \[(.*)\]$/.exec(line) ?? []
    if (offset === undefined) throw new Error(`kcat printed ${line}`)
    let cut = lineEnd + 1
    const take = (length: number): Buffer | null => {
      if (length < 0) return null
      cut += length
      return output.subarray(cut - length, cut)
    }
    const key = take(Number(keyBytes))
    const value = take(Number(valueBytes))
    records.push({ offset: Number(offset), timestamp: Number(timestamp), key, value, headers })
    at = cut + 1
  }
  return records
}

function contentOf({ key, value }: { readonly key: Buffer | null; readonly value: Buffer | null }): unknown {
  return { key: key?.toString('latin1') ?? null, value: value?.toString('latin1') ?? null }
}

describe.skipIf(!isInstalled('kcat', '-V'))('kcat (needs kcat)', () => {
  beforeAll(async () => {
    target = await startTarget()
  })

  afterAll(() => target.stop())

  test.each(CODECS)('%s: what kcat produces lies there as it was sent, and kcat reads it back', async codec => {
    const topic = await newTopic()
    const records = sampleRecords({ seed: `kcat ${codec}`, without: [KEY_END, RECORD_END], headers: 'none' })
    const codecArgs = ['-X', `compression.codec=${codec}`]
    await kcat(
      ['-P', '-t', topic, '-p', '0', '-Z', '-K', '\\x01', '-D', '\\x02', '-X', 'linger.ms=200', ...codecArgs],
      linesOf(records),
    )
    const stored = await storedIn(target.address, topic)
    expect(stored.codecs).toEqual([codec])
    expect(stored.records.map(contentOf)).toEqual(records.map(contentOf))
    const read = parse(await kcat(['-C', '-t', topic, '-p', '0', '-e', '-f', FORMAT]))
    expect(read.map(contentOf)).toEqual(records.map(contentOf))
    expect(read.map(({ offset }) => offset)).toEqual(records.map((_, index) => index))
  })

  test('an idempotent producer is given an id and every record once', async () => {
    const topic = await newTopic()
    const records = sampleRecords({ seed: 'idempotent', without: [KEY_END, RECORD_END], headers: 'none' })
    await kcat(
      [
        '-P',
        '-t',
        topic,
        '-p',
        '0',
        '-Z',
        '-K',
        '\\x01',
        '-D',
        '\\x02',
        '-X',
        'enable.idempotence=true',
        '-X',
        'batch.num.messages=7',
      ],
      linesOf(records),
    )
    const stored = await storedIn(target.address, topic)
    expect(stored.producerIds).toHaveLength(1)
    expect(stored.records.map(contentOf)).toEqual(records.map(contentOf))
  })

  test.each(['0', '1', 'all'])('acks=%s: the record arrives', async acks => {
    const topic = await newTopic()
    await kcat(['-P', '-t', topic, '-X', `acks=${acks}`], 'one')
    await expect.poll(async () => (await storedIn(target.address, topic)).records.length, { timeout: 20_000 }).toBe(1)
  })

  test('headers keep order, doubles, and the difference of empty and none', async () => {
    const topic = await newTopic()
    await kcat(['-P', '-t', topic, '-k', 'key', '-H', 'a=1', '-H', 'b=', '-H', 'c', '-H', 'a=2'], 'value')
    const { records } = await storedIn(target.address, topic)
    expect(records[0]?.headers).toEqual([
      ['a', Buffer.from('1')],
      ['b', Buffer.from('')],
      ['c', null],
      ['a', Buffer.from('2')],
    ])
    const [read] = parse(await kcat(['-C', '-t', topic, '-e', '-f', FORMAT]))
    expect(read?.headers).toBe('a=1,b=,c=NULL,a=2')
  })

  test('keys go to the partition that their hash names, and each partition is read by itself', async () => {
    const topic = await newTopic(6)
    const lines = Array.from({ length: 60 }, (_, index) => `key-${index}:value-${index}`).join('\n')
    await kcat(['-P', '-t', topic, '-K', ':', '-X', 'topic.partitioner=murmur2'], lines)
    const found: string[] = []
    for (let partition = 0; partition < 6; partition++) {
      const read = parse(await kcat(['-C', '-t', topic, '-p', String(partition), '-e', '-f', FORMAT]))
      expect(read.length).toBeGreaterThan(0)
      found.push(...read.map(({ key, value }) => `${key}:${value}`))
    }
    expect(found.sort()).toEqual(lines.split('\n').sort())
  })

  test('reading starts at an offset, so many before the end, and at a time', async () => {
    const topic = await newTopic()
    for (const value of ['one', 'two', 'three']) await kcat(['-P', '-t', topic, '-p', '0'], value)
    const { records } = await storedIn(target.address, topic)
    const from = async (...args: string[]): Promise<string[]> =>
      parse(await kcat(['-C', '-t', topic, '-p', '0', '-e', '-f', FORMAT, ...args])).map(({ value }) => String(value))
    expect(await from('-o', '1')).toEqual(['two', 'three'])
    expect(await from('-o', '-1')).toEqual(['three'])
    expect(await from('-o', 'end')).toEqual([])
    expect(await from('-o', `s@${records[1]?.timestamp}`)).toEqual(['two', 'three'])
  })

  test('offsets by time are those of the first record at or after it', async () => {
    const topic = await newTopic()
    for (const value of ['one', 'two']) await kcat(['-P', '-t', topic, '-p', '0'], value)
    const { records } = await storedIn(target.address, topic)
    const offsetAt = async (time: number): Promise<string> =>
      String(await kcat(['-Q', '-t', `${topic}:0:${time}`])).trim()
    const second = records[1]?.timestamp ?? 0
    expect(await offsetAt(second)).toBe(`${topic} [0] offset 1`)
    expect(await offsetAt(second + 1)).toBe(`${topic} [0] offset -1`)
    expect(await offsetAt(-2)).toBe(`${topic} [0] offset 0`)
    expect(await offsetAt(-1)).toBe(`${topic} [0] offset 2`)
  })

  test('the list of metadata names broker, topic, partitions and leader', async () => {
    const topic = await newTopic(3)
    const { brokers, topics } = JSON.parse(String(await kcat(['-L', '-J', '-t', topic])))
    expect(brokers).toEqual([{ id: expect.any(Number), name: target.address }])
    const replica = { id: brokers[0].id }
    expect(topics).toEqual([
      {
        topic,
        partitions: [0, 1, 2].map(partition => ({
          partition,
          leader: replica.id,
          replicas: [replica],
          isrs: [replica],
        })),
      },
    ])
  })

  test('a topic that is not there is created by producing to it', async () => {
    const topic = `kcat-${randomUUID()}`
    await kcat(['-P', '-t', topic], 'first')
    expect((await storedIn(target.address, topic)).records.map(({ value }) => String(value))).toEqual(['first'])
  })

  test('a record above the limit of the topic is refused, and the broker goes on', async () => {
    const topic = await newTopic()
    const { status, errors } = await runProgram(
      'kcat',
      ['-b', target.address, '-P', '-t', topic, '-D', '\\x02', '-X', 'message.max.bytes=4000000'],
      Buffer.alloc(2_000_000, 'x'),
    )
    expect(status).not.toBe(0)
    expect(errors).toContain('Message size too large')
    await kcat(['-P', '-t', topic], 'small')
    expect((await storedIn(target.address, topic)).records).toHaveLength(1)
  })
})

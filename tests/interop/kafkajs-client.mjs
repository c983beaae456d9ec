/**
 * kafkajs in a process of its own: reads one job as JSON from standard input, does it, and prints what came of it as JSON.
 * Keys, values and headers are in base64 on the way.
 */
import { createRequire } from 'node:module'
import { text } from 'node:stream/consumers'
import zlib from 'node:zlib'

const require = createRequire(new URL('../../interop/kafkajs/package.json', import.meta.url))
const { CompressionCodecs, CompressionTypes, ConfigResourceTypes, Kafka, logLevel } = require('kafkajs')

/** gzip it has of its own; the others are plugged in as its documentation says. */
function registerCodecs() {
  const lz4 = require('lz4-napi')
  const readsNothing = async () => {
    throw new Error('nothing is read here')
  }
  CompressionCodecs[CompressionTypes.Snappy] = require('kafkajs-snappy')
  CompressionCodecs[CompressionTypes.LZ4] = () => ({
    compress: async ({ buffer }) => lz4.compressFrame(buffer),
    decompress: readsNothing,
  })
  CompressionCodecs[CompressionTypes.ZSTD] = () => ({
    compress: async ({ buffer }) => compressZstd(buffer),
    decompress: readsNothing,
  })
}

/** Node's own where it has one, else the workspace's package, which is compiled for the Node that installed it. */
function compressZstd(buffer) {
  if (zlib.zstdCompressSync !== undefined) return zlib.zstdCompressSync(buffer)
  return createRequire(new URL('../../packages/protocol/package.json', import.meta.url))('zstd-napi').compress(buffer)
}

const jobs = { produce, admin, group, transform }

async function produce(kafka, { topic, codec, idempotent, acks, records }) {
  const producer = kafka.producer({ idempotent, allowAutoTopicCreation: false, retry: { retries: 3 } })
  await producer.connect()
  const messages = records.map(({ key, value, headers }) => ({
    key: bytes(key),
    value: bytes(value),
    partition: 0,
    headers: grouped(headers),
  }))
  const results = await producer.send({ topic, acks, compression: CompressionTypes[codec], messages })
  await producer.disconnect()
  return results
}

/** The life of a topic, from its creation to its end, as the administrator sees it. */
async function admin(kafka, { topic }) {
  const client = kafka.admin({ retry: { retries: 3 } })
  await client.connect()
  const found = {}
  const configEntries = [{ name: 'retention.ms', value: '3600000' }]
  found.created = await client.createTopics({
    topics: [{ topic, numPartitions: 2, replicationFactor: 1, configEntries }],
  })
  found.createdAgain = await client.createTopics({ topics: [{ topic }] })
  found.isListed = (await client.listTopics()).includes(topic)
  found.cluster = await client.describeCluster()
  found.partitions = await partitionsOf(client, topic)
  await client.createPartitions({ topicPartitions: [{ topic, count: 3 }] })
  found.morePartitions = await partitionsOf(client, topic)
  const producer = kafka.producer()
  await producer.connect()
  const messages = ['1000', '2000', '3000'].map(timestamp => ({ partition: 0, timestamp, value: `at ${timestamp}` }))
  await producer.send({ topic, messages })
  await producer.disconnect()
  found.offsets = sorted(await client.fetchTopicOffsets(topic))
  found.offsetsByTime = sorted(await client.fetchTopicOffsetsByTimestamp(topic, 1500))
  await client.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '2' }] })
  found.offsetsAfterDelete = sorted(await client.fetchTopicOffsets(topic))
  const resource = { type: ConfigResourceTypes.TOPIC, name: topic }
  found.retention = await configOf(client, resource, 'retention.ms')
  await client.alterConfigs({
    resources: [{ ...resource, configEntries: [{ name: 'retention.ms', value: '7200000' }] }],
  })
  found.alteredRetention = await configOf(client, resource, 'retention.ms')
  await client.deleteTopics({ topics: [topic] })
  found.isListedAfterDelete = (await client.listTopics()).includes(topic)
  await client.disconnect()
  return found
}

/**
 * Two consumers of one group, one after the other: the second makes the first share, both read to the end and commit, and
 * a third one, alone, finds nothing left but what is sent then.
 */
async function group(kafka, { topic, groupId, count }) {
  const first = await consumerOf(kafka, topic, groupId)
  await first.reads(1)
  const second = await consumerOf(kafka, topic, groupId)
  const producer = kafka.producer()
  await producer.connect()
  const messages = Array.from({ length: count }, (_, index) => ({ partition: index % 2, value: `value ${index}` }))
  await second.joined
  await producer.send({ topic, messages })
  while (first.values.length + second.values.length < count + 1) await pause()
  const client = kafka.admin()
  await client.connect()
  const { groups } = await client.describeGroups([groupId])
  const [{ state, protocolType, members }] = groups
  await first.consumer.disconnect()
  await second.consumer.disconnect()
  const [{ partitions }] = await client.fetchOffsets({ groupId, topics: [topic] })
  const third = await consumerOf(kafka, topic, groupId)
  await producer.send({ topic, messages: [{ partition: 0, value: 'last' }] })
  await third.reads(1)
  await third.consumer.disconnect()
  await client.deleteGroups([groupId])
  const left = (await client.listGroups()).groups.filter(each => each.groupId === groupId).length
  await producer.disconnect()
  await client.disconnect()
  return {
    state,
    protocolType,
    members: members.length,
    shared: [first.values.length > 1, second.values.length > 0],
    read: first.values.length + second.values.length,
    committed: partitions.map(({ offset }) => Number(offset)).reduce((sum, offset) => sum + offset, 0),
    afterwards: third.values,
    left,
  }
}

/** What is read from one topic is written to another, and both are one transaction; the first attempt is aborted. */
async function transform(kafka, { topic, output, groupId, count }) {
  const settings = { transactionalId: `id-${groupId}`, maxInFlightRequests: 1, idempotent: true }
  const producer = kafka.producer(settings)
  await producer.connect()
  const consumer = kafka.consumer({ groupId, heartbeatInterval: 200 })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  const aborted = await producer.transaction()
  await aborted.send({ topic: output, messages: [{ partition: 0, value: 'aborted' }] })
  await aborted.sendOffsets({
    consumerGroupId: groupId,
    topics: [{ topic, partitions: [{ partition: 0, offset: '1' }] }],
  })
  await aborted.abort()
  let transformed = 0
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch, resolveOffset }) => {
      const offset = String(Number(batch.lastOffset()) + 1)
      const transaction = await producer.transaction()
      const messages = batch.messages.map(({ value }) => ({ partition: 0, value: `${value}!` }))
      await transaction.send({ topic: output, messages })
      await transaction.sendOffsets({
        consumerGroupId: groupId,
        topics: [{ topic, partitions: [{ partition: batch.partition, offset }] }],
      })
      await transaction.commit()
      resolveOffset(batch.lastOffset())
      transformed += batch.messages.length
    },
  })
  while (transformed < count) await pause()
  await consumer.disconnect()
  await producer.disconnect()
  const client = kafka.admin()
  await client.connect()
  const [{ partitions }] = await client.fetchOffsets({ groupId, topics: [topic] })
  await client.disconnect()
  const reader = await consumerOf(kafka, output, `reader-${groupId}`)
  await reader.reads(count)
  await reader.consumer.disconnect()
  return { values: reader.values, committed: partitions.map(({ offset }) => Number(offset)) }
}

async function consumerOf(kafka, topic, groupId) {
  const consumer = kafka.consumer({ groupId, heartbeatInterval: 200, retry: { retries: 10 } })
  const values = []
  const joined = new Promise(resolve => consumer.on(consumer.events.GROUP_JOIN, resolve))
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await consumer.run({ eachMessage: async ({ message }) => values.push(String(message.value)) })
  const reads = async least => {
    while (values.length < least) await pause()
  }
  return { consumer, values, joined, reads }
}

function pause() {
  return new Promise(resolve => setTimeout(resolve, 20))
}

async function partitionsOf(client, topic) {
  const { topics } = await client.fetchTopicMetadata({ topics: [topic] })
  return topics[0].partitions.map(({ partitionId }) => partitionId).sort()
}

async function configOf(client, resource, name) {
  const { resources } = await client.describeConfigs({
    includeSynonyms: false,
    resources: [{ ...resource, configNames: [name] }],
  })
  return resources[0].configEntries.map(entry => [entry.configName, entry.configValue])
}

function sorted(offsets) {
  return offsets.sort((left, right) => left.partition - right.partition)
}

/** Several values of a name are an array to kafkajs. */
function grouped(headers) {
  const groups = {}
  for (const [name, value] of headers) groups[name] = [...(groups[name] ?? []), bytes(value)]
  return groups
}

function bytes(base64) {
  return base64 === null ? null : Buffer.from(base64, 'base64')
}

registerCodecs()
const { job, address, ...options } = JSON.parse(await text(process.stdin))
const kafka = new Kafka({ clientId: 'interop', brokers: [address], logLevel: logLevel.NOTHING })
process.stdout.write(JSON.stringify((await jobs[job](kafka, options)) ?? null))

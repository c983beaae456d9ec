/**
 * Log collection: many processes write lines, of which some may be lost rather than slow anybody down; one consumer gathers them
 * and writes files, many lines at a time. Throughput counts, so batches are large and compressed, and only the leader answers.
 */
import { appendFileSync, readdirSync, readFileSync } from 'node:fs'
import { Consumer, string } from '@samsa/consumer'
import { Producer } from '@samsa/producer'
import { temporaryFolder } from '../temporary-folder.js'

const bootstrapServers = process.env['BOOTSTRAP_SERVERS'] ?? 'localhost:9092'
const topic = 'logs'
const services = ['web', 'search', 'billing']
const LINES = 3_000

await using producer = new Producer({
  bootstrapServers,
  key: string,
  // Lines of a service look alike: compressed together they take a small part of their size.
  compression: 'gzip',
  batchSize: 128 * 1024,
  lingerMs: 20,
  // The leader's answer will do. Idempotence would want all replicas.
  acks: 1,
  enableIdempotence: false,
})

for (let line = 0; line < LINES; line++) {
  const service = services[line % services.length] ?? ''
  const level = line % 100 === 0 ? 'ERROR' : 'INFO'
  // Not awaited: logging must not hold up what is logged. Where memory is full, a line is dropped and counted.
  void producer.send({
    topic,
    key: service,
    value: `${new Date(line * 1000).toISOString()} ${level} ${service}: request ${line} took ${line % 70} ms`,
    // What a collector sorts by without reading the line.
    headers: { level },
  })
}
await producer.flush()
const { recordsSent, recordsFailed, batchesSent } = producer.metrics()
console.log(
  `${recordsSent} lines sent, ${recordsFailed} lost, ${recordsSent / batchesSent > 50 ? 'many' : 'few'} a batch`,
)

await using consumer = new Consumer({
  bootstrapServers,
  groupId: 'collector',
  autoOffsetReset: 'earliest',
  key: string,
  value: string,
  // It pays to wait for more, and to take much at once.
  maxPollRecords: 1_000,
  fetchMinBytes: 64 * 1024,
  fetchMaxWaitMs: 100,
})
consumer.subscribe([topic])

using folder = temporaryFolder()
let errors = 0
let collected = 0
// What a poll gave is committed by a later one: a crash writes some lines again, and loses none.
for await (const records of consumer.batches()) {
  const lines = new Map<string, string>()
  for (const { key, value, headers } of records) {
    lines.set(key ?? '', `${lines.get(key ?? '') ?? ''}${value}\n`)
    if (headers.some(header => header.key === 'level' && header.value?.toString() === 'ERROR')) errors++
  }
  // One write a file and poll, not one a line.
  for (const [service, text] of lines) appendFileSync(folder.file(`${service}.log`), text)
  collected += records.count
  if (collected >= LINES) break
}
for (const file of readdirSync(folder.path).toSorted()) {
  console.log(`${file}: ${readFileSync(folder.file(file), 'utf8').split('\n').length - 1} lines`)
}
console.log(`errors: ${errors}`)

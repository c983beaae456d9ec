/**
 * Peak shaving: a burst comes in faster than it can be worked off. The topic takes it at once, whoever sent it goes on, and the
 * consumer works at the pace that what is behind it can stand. While it has enough it pauses: it goes on polling, so it stays in
 * its group, and fetches no more than it can hold.
 */
import { Consumer, string } from '@samsa/consumer'
import { Producer } from '@samsa/producer'

const bootstrapServers = process.env['BOOTSTRAP_SERVERS'] ?? 'localhost:9092'
const topic = 'jobs'
const BURST = 400
/** Above the first the consumer pauses, below the second it goes on. */
const HIGH = 60
const LOW = 20
/** What one poll may bring on top of it. */
const POLL = 100
/** What the database, or whatever is behind it, can stand at a time. */
const WORKERS = 8

await using producer = new Producer({ bootstrapServers })
await producer.sendAll(Array.from({ length: BURST }, (_, n) => ({ topic, partition: n % 2, value: `job ${n}` })))
console.log(`a burst of ${BURST} is stored`)

await using consumer = new Consumer({
  bootstrapServers,
  groupId: 'jobs',
  autoOffsetReset: 'earliest',
  enableAutoCommit: false,
  value: string,
  maxPollRecords: POLL,
})
consumer.subscribe([topic])

const waiting: string[] = []
let working = 0
let done = 0
let most = 0
let pauses = 0

/** Takes the next job whenever one is done. */
function startWork(): void {
  while (working < WORKERS && waiting.length > 0) {
    const job = waiting.shift()
    working++
    void workOff(job ?? '').finally(() => {
      working--
      done++
      startWork()
    })
  }
}

async function workOff(_job: string): Promise<void> {
  await new Promise(resolve => setTimeout(resolve, 5))
}

while (done < BURST) {
  // With everything paused a poll gives nothing, but heartbeats and rebalances go on.
  for (const { value } of await consumer.poll(10)) waiting.push(value ?? '')
  most = Math.max(most, waiting.length)
  startWork()
  const isPaused = consumer.paused().length > 0
  if (!isPaused && waiting.length > HIGH) {
    consumer.pause(consumer.assignment())
    pauses++
  } else if (isPaused && waiting.length < LOW) {
    consumer.resume(consumer.paused())
  }
}
// Only now: before, a commit of the position would have covered jobs that still wait. run() keeps track of that by itself, with
// `concurrency` for the workers and `maxPendingRecords` for the mark: see concurrency-by-key.
await consumer.commitSync()
console.log(`${done} done by ${WORKERS} at a time, with never more than ${HIGH + POLL} waiting: ${most <= HIGH + POLL}`)
console.log(`paused ${pauses > 0 ? 'and resumed on the way' : 'never'}`)

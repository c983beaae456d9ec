/**
 * Retry topics and dead letters: a record that fails is tried again at once, then a little later by way of a topic for delays, and
 * later still by another one, so that what is behind it need not wait. What nothing helps is set aside with the reason. The price:
 * a record that went by a delay topic is handled behind those that came after it.
 *
 * Middleware is read from the outside in: dead letters are for what all retries have failed with, and an id that was handled is
 * known whichever way its record comes.
 */
import { Consumer, type ConsumerRecord, deadLetterHeaders, json, string } from '@samsa/consumer'
import { deadLetter, dedup, retry } from '@samsa/eos'
import { sqliteStore } from '@samsa/eos/sqlite'
import { Producer } from '@samsa/producer'
import { temporaryFolder } from '../temporary-folder.js'

interface Mail {
  readonly id: string
  readonly to: string
}

const bootstrapServers = process.env['BOOTSTRAP_SERVERS'] ?? 'localhost:9092'
const topic = 'mails'
const delays = [
  { topic: 'mails.retry.50ms', delayMs: 50 },
  { topic: 'mails.retry.200ms', delayMs: 200 },
]
const letters = 'mails.dead'

const addresses = ['ann', 'bob', 'nobody', 'cem', 'dee']
{
  await using sender = new Producer({ bootstrapServers, value: json<Mail>() })
  await sender.sendAll(addresses.map((to, n) => ({ topic, partition: 0, value: { id: `m${n}`, to } })))
}

using folder = temporaryFolder()
await using store = sqliteStore(folder.file('mails.db'))
await store.transaction(async tx => tx.run('CREATE TABLE sent (address TEXT, attempt INTEGER)'))

// Moves records as they came, so it has no serdes.
await using producer = new Producer({ bootstrapServers })
await using consumer = new Consumer({
  bootstrapServers,
  groupId: 'mailer',
  autoOffsetReset: 'earliest',
  value: json<Mail>(),
})
// The delay topics too, by the same consumer: a record waits there until it is due, and holds up only those behind it there.
consumer.subscribe([topic, ...delays.map(delay => delay.topic)])

const end = new AbortController()
const settled = new Set<string>()
function settle(to: string): void {
  settled.add(to)
  if (settled.size === addresses.length) end.abort()
}

const idOf = (record: ConsumerRecord<unknown, Mail>): string | undefined => record.value?.id
const deliver = dedup({ store, key: idOf }, ({ value }, { attempt, tx }) => {
  if (value === null) return
  // Bob's mailbox is full for a while; nobody lives at nobody's.
  if (value.to === 'nobody') throw new Error('there is no such address')
  if (value.to === 'bob' && attempt < 4) throw new Error('the mailbox is full')
  tx.run('INSERT INTO sent VALUES (?, ?)', value.to, attempt)
  settle(value.to)
})

await consumer.run(
  deadLetter(
    {
      producer: {
        send: async letter => {
          await producer.send(letter)
          settle('nobody')
        },
      },
      topic: letters,
      // Counts deliveries where a crash does not take the count along: a record that ends the process each time comes here too.
      store,
      maxDeliveries: 20,
    },
    // Two attempts in place, two in each of the delay topics: six in all.
    retry({ attempts: 2, initialMs: 1, topics: delays, producer }, deliver),
  ),
  // One handler at a time is enough: one that waits, for its time or between two attempts, leaves its place to others.
  { signal: end.signal },
)

const sent = await store.transaction(async tx => tx.all('SELECT address, attempt FROM sent ORDER BY address'))
for (const { address, attempt } of sent) console.log(`to ${address}, at attempt ${attempt}`)

await using reader = new Consumer({ bootstrapServers, autoOffsetReset: 'earliest', value: string })
reader.assign([{ topic: letters, partition: 0 }])
for await (const letter of reader) {
  const { errorMessage, attempts, topic: from } = deadLetterHeaders
  console.log(`set aside: ${letter.value}, of ${letter.header(from)}`)
  console.log(`${letter.header(errorMessage)}, after ${letter.header(attempts)} attempts`)
  break
}

/**
 * Handlers side by side, one after another for each customer. What fails is tried again; what cannot be handled goes to a
 * topic of its own, and the rest goes on.
 */
import { Consumer, type DeadLetterRecord, string } from '@samsa/consumer'
import { Producer } from '@samsa/producer'

const bootstrapServers = process.env['BOOTSTRAP_SERVERS'] ?? 'localhost:9092'

await using producer = new Producer({ bootstrapServers })
const customers = ['ann', 'bob', 'cem']
const bookings = Array.from({ length: 9 }, (_, index) => ({ key: customers[index % 3] ?? '', value: `${index}` }))
await producer.sendAll(bookings.map(booking => ({ topic: 'bookings', ...booking })))

await using consumer = new Consumer({
  bootstrapServers,
  groupId: 'booking-desk',
  autoOffsetReset: 'earliest',
  key: string,
  value: string,
})
consumer.subscribe(['bookings'])

const byCustomer = new Map<string, string[]>()
const end = new AbortController()
let left = bookings.length
/** A service would go on, and pass the signal of its own end to run(). */
function done(): void {
  left--
  if (left === 0) end.abort()
}

/** Any object with a `send` will do; this one counts as well. */
const letters = {
  send: async (letter: DeadLetterRecord): Promise<void> => {
    await producer.send(letter)
    done()
  },
}

await consumer.run(
  async ({ key, value }, { attempt }) => {
    if (value === '4' && attempt === 1) throw new Error('the first attempt fails')
    if (value === '8') throw new Error('this one can never be booked')
    byCustomer.set(key ?? '', [...(byCustomer.get(key ?? '') ?? []), value ?? ''])
    done()
  },
  {
    concurrency: 3,
    orderBy: 'key',
    retry: { attempts: 3, initialMs: 10 },
    deadLetter: { producer: letters, topic: 'bookings.dead' },
    signal: end.signal,
  },
)
for (const customer of customers) console.log(`${customer}: ${byCustomer.get(customer)?.join(', ')}`)
console.log(`dead letters: ${consumer.metrics().deadLetters}`)

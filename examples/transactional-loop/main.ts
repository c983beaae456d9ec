/**
 * Consume, transform, produce: what is made of the records, and the offsets behind them, are one Kafka transaction. Whoever reads
 * with isolationLevel 'readCommitted' sees the result of each record once, whatever was aborted, tried again or died on the way.
 * What the transformation does besides sending is not covered: it may happen again.
 */
import { Consumer, type ConsumerRecord, deadLetterHeaders, json, string } from '@samsa/consumer'
import { transactionalLoop } from '@samsa/eos'
import { Producer } from '@samsa/producer'

interface Basket {
  readonly pieces: number
}

const bootstrapServers = process.env['BOOTSTRAP_SERVERS'] ?? 'localhost:9092'
const [input, output, deadLetters] = ['baskets', 'baskets.priced', 'baskets.dead'] as const
const BASKETS = 60

{
  await using shop = new Producer({ bootstrapServers, value: json<Basket>() })
  // One of them can never be priced.
  const baskets = Array.from({ length: BASKETS }, (_, n) => ({ pieces: n === 33 ? -1 : n }))
  await shop.sendAll(baskets.map(value => ({ topic: input, partition: 0, value })))
}

await using consumer = new Consumer({
  bootstrapServers,
  groupId: 'pricing',
  autoOffsetReset: 'earliest',
  // What was aborted further up must not be read; and offsets are committed by the transaction alone.
  isolationLevel: 'readCommitted',
  enableAutoCommit: false,
  value: json<Basket>(),
})
// One of these may live at a time: a second one fences the first. Each process of a service has a name of its own.
await using producer = new Producer({ bootstrapServers, transactionalId: 'pricing-1', value: string })

const end = new AbortController()
let batches = 0
const loop = transactionalLoop(
  {
    consumer,
    producer,
    topics: [input],
    maxBatch: 20,
    // A batch that fails is tried again record by record, so that one bad record takes no others along.
    poison: { attempts: 2, initialMs: 1, deadLetter: deadLetters },
  },
  (records, out) => {
    batches++
    for (const { value, offset } of records) {
      if (value === null) continue
      if (value.pieces < 0) throw new Error(`a basket with ${value.pieces} pieces`)
      // Not awaited: the commit waits for all of them, and what cannot be sent aborts the transaction.
      void out.send({ topic: output, value: `basket ${offset}: ${value.pieces * 3} crowns` })
    }
  },
)

/** What a reader of the results sees: with readCommitted, nothing of what was aborted. */
async function read(topic: string, count: number) {
  const isolationLevel = 'readCommitted'
  await using reader = new Consumer({ bootstrapServers, isolationLevel, autoOffsetReset: 'earliest', value: string })
  reader.assign([{ topic, partition: 0 }])
  const seen: ConsumerRecord<Uint8Array, string>[] = []
  for await (const record of reader) if (seen.push(record) === count) break
  return seen
}

// A service would run until it is told to end. Here that is when all results, and the dead letter, can be read.
const running = loop.run({ signal: end.signal })
const results = await read(output, BASKETS - 1)
const [letter] = await read(deadLetters, 1)
end.abort()
await running

console.log(`${results.length} results, ${new Set(results.map(({ value }) => value)).size} different ones`)
console.log(`the last: ${results.at(-1)?.value}`)
console.log(
  `a dead letter from offset ${letter?.header(deadLetterHeaders.offset)}: ${letter?.header(deadLetterHeaders.errorMessage)}`,
)
console.log(`${batches} batches, of which those with the bad one were aborted`)

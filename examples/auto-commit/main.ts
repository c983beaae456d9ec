/**
 * How a consumer that commits by itself loses records, how it repeats them, and what prevents each.
 *
 * A loop over poll() says nothing about what became of the records that it was given. So the next poll(), and close(), take all
 * of them for done. Commits come every autoCommitIntervalMs: what was handled since the last one is handled again after a crash.
 */
import { Consumer, type ConsumerOptions, string } from '@samsa/consumer'
import { Producer } from '@samsa/producer'

const bootstrapServers = process.env['BOOTSTRAP_SERVERS'] ?? 'localhost:9092'
const topic = 'tasks'
const place = { topic, partition: 0 }

await using producer = new Producer({ bootstrapServers })
await producer.sendAll(Array.from({ length: 10 }, (_, n) => ({ ...place, value: `${n}` })))

function consumerOf(groupId: string, options: Partial<ConsumerOptions<never, string>> = {}): Consumer<never, string> {
  const common = { bootstrapServers, groupId, value: string, autoOffsetReset: 'earliest' as const }
  const consumer = new Consumer<never, string>({ ...common, ...options } as ConsumerOptions<never, string>)
  consumer.assign([place])
  return consumer
}

/** What a consumer that comes next begins with. */
async function nextOf(groupId: string): Promise<string> {
  await using consumer = consumerOf(groupId, { enableAutoCommit: false })
  const [committed] = await consumer.committed([place])
  return `${committed?.offset ?? 0}`
}

const failsAt4 = (value: string | null): void => {
  if (value === '4') throw new Error('task 4 fails')
}

// Lost: the loop throws at 4, and close() commits all ten that the poll had returned. 4 to 9 are never handled.
try {
  await using consumer = consumerOf('loses')
  for (const { value } of await consumer.poll(5_000)) failsAt4(value)
} catch {}
console.log(`a loop over poll(): handled 0 to 3, goes on at ${await nextOf('loses')}`)

// Prevented by loops that know where they are: only what the body has finished is committed, so 4 comes again.
try {
  await using consumer = consumerOf('loses-nothing')
  for await (const { value } of consumer) failsAt4(value)
} catch {}
console.log(`for await: handled 0 to 3, goes on at ${await nextOf('loses-nothing')}`)

// The same with run(), which also tries again, and needs no loop. What is not awaited is not finished: return every promise.
{
  await using consumer = consumerOf('tries-again')
  const end = new AbortController()
  const handler = (
    { value, offset }: { value: string | null; offset: bigint },
    { attempt }: { attempt: number },
  ): void => {
    if (attempt === 1) failsAt4(value)
    if (offset === 9n) end.abort()
  }
  await consumer.run(handler, { retry: { attempts: 3, initialMs: 1 }, signal: end.signal })
}
console.log(`run() with retries: handled 0 to 9, goes on at ${await nextOf('tries-again')}`)

// Repeated: six are handled, and the process dies before the next commit. (It is left as it is here, and closed at the end.)
await using crashed = consumerOf('repeats', { maxPollRecords: 6 })
await crashed.poll(5_000)
console.log(`a crash between two commits: handled 0 to 5, goes on at ${await nextOf('repeats')}`)

// Made rarer by committing more often: here behind every record. A crash between effect and commit still repeats one. What
// prevents it for good is to keep ids with the effects: see exactly-once-dedup.
await using careful = consumerOf('repeats-one', { enableAutoCommit: false })
let handled = 0
for await (const { offset } of careful) {
  await careful.commitSync([{ ...place, offset: offset + 1n }])
  if (++handled === 6) break
}
console.log(`a commit behind each record: handled 0 to 5, goes on at ${await nextOf('repeats-one')}`)

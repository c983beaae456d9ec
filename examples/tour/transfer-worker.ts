/**
 * The worker of the money transfer, a process of its own: moves money for each transfer, once, however often that one comes.
 * Says what it did with each record, one line each, and ends when its standard input does. Told to stand still within a transfer,
 * it waits there for its end, with half of the money moved.
 */
import { writeSync } from 'node:fs'
import { Consumer, type ConsumerRecord, json } from '@samsa/consumer'
import { ledger } from '@samsa/eos'
import { sqliteStore } from '@samsa/eos/sqlite'
import type { Transfer } from './bank.js'

export interface WorkerJob {
  readonly bootstrapServers: string
  readonly topic: string
  readonly groupId: string
  readonly bank: string
  /** The how many-th transfer is the one to stand still in; 0 for none. */
  readonly standStillAt: number
}

const job = JSON.parse(process.argv[2] ?? '{}') as WorkerJob
/** At once, and not when there is time: what is said before a SIGKILL must have been said. */
const say = (text: string): void => void writeSync(1, `${text}\n`)

await using store = sqliteStore(job.bank)
await using consumer = new Consumer({
  bootstrapServers: job.bootstrapServers,
  groupId: job.groupId,
  // Who comes back under the same name has the partitions of the one that died, at once.
  groupInstanceId: 'transfer-worker',
  autoOffsetReset: 'earliest',
  autoCommitIntervalMs: 100,
  value: json<Transfer>(),
})
consumer.subscribe([job.topic])

let begun = 0
let isDuplicate = false
const moveMoney = ledger(
  {
    store,
    // Both entries, or none. They are the memory of what was done: there for good, as a ledger is.
    entries: ({ value }: ConsumerRecord<unknown, Transfer>) => {
      if (value === null) return []
      const { id, from, to, amount } = value
      return [
        { table: 'ledger', key: { transfer_id: id, account_id: from }, row: { amount: -amount } },
        { table: 'ledger', key: { transfer_id: id, account_id: to }, row: { amount } },
      ]
    },
    invariant: entries => entries.reduce((sum, { row }) => sum + Number(row['amount']), 0) === 0,
    onDuplicate: () => {
      isDuplicate = true
    },
  },
  async ({ value }, { tx }) => {
    if (value === null) return
    tx.run('UPDATE accounts SET balance = balance - ? WHERE id = ?', value.amount, value.from)
    if (++begun === job.standStillAt) {
      say('halfway')
      await new Promise(() => {})
    }
    tx.run('UPDATE accounts SET balance = balance + ? WHERE id = ?', value.amount, value.to)
  },
)

const end = new AbortController()
process.stdin.once('end', () => end.abort()).resume()
// Ctrl-C is meant for the tour, which ends its worker in its own time.
process.on('SIGINT', () => {})

await consumer.run(
  async (record, context) => {
    isDuplicate = false
    await moveMoney(record, context)
    say(`${isDuplicate ? 'duplicate' : 'applied'} ${record.partition} ${record.offset}`)
  },
  { signal: end.signal },
)

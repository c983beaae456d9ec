/**
 * One client that copies a topic in transactions, in a process of its own: takes one job as JSON from its arguments and
 * tells what copying took, behind a part that warms up. A client calls `tally.committed(records)` behind each commit.
 */
import { measured } from '../contest/process-cost.mjs'
import { CopyTally } from './copy-tally.mjs'

const job = JSON.parse(process.argv[2])
const { copy } = await import(`./clients/${job.client}.mjs`)

const tally = new CopyTally()
copy(job, tally).catch(error => {
  console.error(error)
  process.exit(1)
})
await tally.past(job.warmUp)
await measured(async () => {
  const before = { records: tally.records, transactions: tally.transactions }
  await tally.past(job.warmUp + job.records)
  return { records: tally.records - before.records, transactions: tally.transactions - before.transactions }
})
// What it would copy further is nobody's business.
process.exit(0)

/**
 * One client that reads, in a process of its own: takes one job as JSON from its arguments and tells what reading took, from
 * before the client was made.
 */
import { readPayload } from '../contest/payload.mjs'
import { measured } from '../contest/process-cost.mjs'
import { Stopwatch, Tally } from './tally.mjs'

const job = JSON.parse(process.argv[2])
const { read } = await import(`./clients/${job.client}.mjs`)

await { reading, endToEnd, firstRecord }[job.kind]()
// Some clients leave timers and sockets behind.
process.exit(0)

/** All there is. A part of it was read before by another consumer, so that code is compiled. */
async function reading() {
  if (job.warmUp > 0) {
    const close = await read({ ...job, group: `${job.group}-warm-up` }, new Tally(job.warmUp, job.partitions))
    await close()
  }
  await measuredReading(job.records)
}

function firstRecord() {
  return measuredReading(1)
}

async function measuredReading(records) {
  let close
  await measured(async () => {
    const tally = new Tally(records, job.partitions)
    close = await read(job, tally)
    return tally.found
  })
  await close()
}

/** A producer of the same client sends on a schedule, and what comes back is timed. */
async function endToEnd() {
  const { open } = await import(`../producer/clients/${job.client}.mjs`)
  const records = readPayload(job.payload, job.recordBytes)
  const producer = await open({ ...job, mode: 'latency' })
  const stopwatches = [new Stopwatch(0, job.warmUp), new Stopwatch(job.warmUp, job.records)]
  const [warmUp, timed] = stopwatches
  const current = () => (warmUp.isDone ? timed : warmUp)
  const closing = read(job, {
    take: (partition, offset, key, value) => current().take(partition, offset, key, value),
    get isDone() {
      return timed.isDone
    },
    done: timed.done,
  })
  await sendOnSchedule(producer, records, job.warmUp, warmUp)
  await warmUp.done
  await measured(async () => {
    await sendOnSchedule(producer, records, job.records, timed)
    await timed.done
    return { latencies: timed.latencies }
  })
  const close = await closing
  await close()
  await producer.close()
}

/** Who is late catches up: the load does not give way to whom it is too much for. */
async function sendOnSchedule(producer, records, count, stopwatch) {
  const startedAt = performance.now()
  const sent = []
  for (let index = 0; index < count; index++) {
    const earlyMs = startedAt + index * job.intervalMs - performance.now()
    if (earlyMs > 0) await new Promise(resolve => setTimeout(resolve, earlyMs))
    const { value } = records[index % records.length]
    sent.push(producer.sendOne({ key: stopwatch.start(index), value }))
  }
  await Promise.all(sent)
}

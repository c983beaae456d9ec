/**
 * One client that sends, in a process of its own: takes one job as JSON from its arguments, warms up, and prints a line when
 * what is measured begins and one when it has ended, the latter with what it took. CPU time and memory are those of this
 * process, with the collector and the thread pool.
 */
import { readFileSync } from 'node:fs'

const job = JSON.parse(process.argv[2])
const { open } = await import(`./clients/${job.client}.mjs`)
const values = recordsOf(readFileSync(job.payload), job.recordBytes)
const client = await open(job)

await client.send(values, job.warmUp)
say({ event: 'begin' })
const cpuBefore = process.cpuUsage()
const startedAt = performance.now()
const latencies = await client.send(values, job.records)
const elapsedMs = performance.now() - startedAt
const { user, system } = process.cpuUsage(cpuBefore)
const result = { elapsedMs, cpuSeconds: (user + system) / 1e6, maxRssMebibytes: maxRssMebibytes(), latencies }
say({ event: 'end', ...result })
await client.close()
// Some clients leave timers and sockets behind.
process.exit(0)

/** Keys and values as the file has them, one behind the other: 8 bytes of key, the rest of the record is value. */
function recordsOf(bytes, recordBytes) {
  return Array.from({ length: bytes.length / recordBytes }, (_, index) => {
    const start = index * recordBytes
    return {
      key: bytes.subarray(start, start + job.keyBytes),
      value: bytes.subarray(start + job.keyBytes, start + recordBytes),
    }
  })
}

/** What the kernel counts for getrusage survives an exec, so that a process begins with the memory of the one before. */
function maxRssMebibytes() {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS / 1024
  return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024
}

function say(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

/**
 * What a contender's process says of itself: a line when what is measured begins and one when it has ended, the latter with
 * what it took. CPU time and memory are those of the whole process, with the collector and the thread pool.
 */
import { readFileSync } from 'node:fs'

/** Runs `work` and tells what it took, together with what `work` resolves to. */
export async function measured(work) {
  say({ event: 'begin' })
  const cpuBefore = process.cpuUsage()
  const startedAt = performance.now()
  const found = await work()
  const elapsedMs = performance.now() - startedAt
  const { user, system } = process.cpuUsage(cpuBefore)
  const cost = { elapsedMs, cpuSeconds: (user + system) / 1e6, maxRssMebibytes: maxRssMebibytes() }
  say({ event: 'end', ...cost, ...found })
}

/** What the kernel counts for getrusage survives an exec, so that a process begins with the memory of the one before. */
function maxRssMebibytes() {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS / 1024
  return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024
}

function say(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

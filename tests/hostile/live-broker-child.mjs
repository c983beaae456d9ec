/**
 * A broker in a process of its own whose inside can be looked at: takes the options of `createBroker` as JSON, tells its
 * address over the channel to its parent, and answers every `look` with what it costs and what it has logged since.
 *
 * Turns of the event loop are measured in CPU time as well: on a machine with other work a process may wait for seconds
 * without having done anything wrong, but it cannot use a second of CPU in a turn without having blocked the loop.
 */
import { createBroker } from '@samsa/broker'
import { silentLogger } from '@samsa/runtime'

const TICK_MS = 10
const MAX_LINES = 200_000

let lines = []
let longest = { cpuMs: 0, wallMs: 0 }

function line(level, fields, message) {
  const { peer, reason, apiKey, api, err } = fields
  if (lines.length < MAX_LINES) lines.push({ level, message, peer, reason, apiKey, api, error: err?.stack })
}

const logger = {
  ...silentLogger,
  warn: (fields, message) => line('warn', fields, message),
  error: (fields, message) => line('error', fields, message),
  fatal: (fields, message) => line('fatal', fields, message),
}

function watchTurns() {
  let cpu = process.cpuUsage()
  let at = performance.now()
  setInterval(() => {
    const { user, system } = process.cpuUsage(cpu)
    const now = performance.now()
    longest = {
      cpuMs: Math.max(longest.cpuMs, (user + system) / 1000),
      wallMs: Math.max(longest.wallMs, now - at - TICK_MS),
    }
    cpu = process.cpuUsage()
    at = now
  }, TICK_MS)
}

async function look({ id, collect }) {
  // More than once: what a first collection frees outside of the heap is given back to the system by a later one.
  for (let round = 0; collect && round < 4; round++) {
    globalThis.gc?.()
    await new Promise(resolve => setImmediate(resolve))
  }
  const connections = process.getActiveResourcesInfo().filter(name => name === 'TCPSocketWrap').length
  process.send({ id, ...process.memoryUsage(), connections, longest, lines })
  lines = []
  longest = { cpuMs: 0, wallMs: 0 }
}

const broker = await createBroker({ port: 0, ...JSON.parse(process.argv[2] ?? '{}'), logger })
watchTurns()
process.on('message', message => void look(message))
process.on('disconnect', () => process.exit(0))
process.on('SIGINT', () => void broker.close().then(() => process.exit(0)))
process.send({ address: broker.bootstrapServers })

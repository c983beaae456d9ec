/**
 * The brokers that are compared: ours from the command line and a real Apache Kafka from the launcher that SAMSA_KAFKA_BIN
 * names, each a process of its own on data of its own. What they cost is read from /proc, so that is known on Linux only.
 */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Connection, connectTcp, parseAddress } from '@samsa/client'
import { apiVersions } from '@samsa/protocol'

const PROGRAM = fileURLToPath(new URL('../../packages/samsa/dist/main.js', import.meta.url))
const TICKS_PER_SECOND = 100
const API_VERSIONS = 3

/** Resolves to `{ name, address, processId, startMs, stop }`; `startMs` is from the start of the process to its first answer. */
export async function startSamsa({
  dataDir,
  properties = {},
  nodeArgs = [],
  program = commandLine(dataDir, properties),
}) {
  const startedAt = performance.now()
  const child = spawn(process.execPath, [...nodeArgs, ...program], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'close')
  const line = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    ended.then(([status]) => {
      throw new Error(`our broker did not start (${status})`)
    }),
  ])
  const { bootstrapServers: address } = JSON.parse(line)
  await firstAnswer(address)
  const startMs = performance.now() - startedAt
  const stop = async () => {
    child.kill('SIGINT')
    await ended
  }
  return { name: 'samsa', address, processId: child.pid, startMs, stop }
}

function commandLine(dataDir, properties) {
  const place = dataDir === undefined ? ['--in-memory'] : ['--data-dir', dataDir]
  const settings = Object.entries(properties).flatMap(([name, value]) => ['--property', `${name}=${value}`])
  return [PROGRAM, 'broker', '--json', '--port', '0', ...place, ...settings]
}

/** The same for Apache Kafka; a formatted directory is made first, which its time has in it. */
export async function startKafka({ launcher, folder }) {
  const port = await freePort()
  const startedAt = performance.now()
  const { stdout } = await promisify(execFile)(launcher, ['start', '--port', String(port), '--dir', folder])
  const address = stdout.trim()
  await firstAnswer(address)
  const startMs = performance.now() - startedAt
  const processId = Number(readFileSync(join(folder, 'node-1', 'pid'), 'utf8'))
  const stop = () => promisify(execFile)(launcher, ['stop', '--dir', folder])
  return { name: 'Apache Kafka', address, processId, startMs, stop }
}

export async function connectTo(address, options = {}) {
  const stream = await connectTcp(parseAddress(address))
  return new Connection(stream, { clientId: 'benchmark', requestTimeoutMs: 120_000, ...options })
}

/** CPU time that a process has used so far, in seconds; NaN where the system does not tell. */
export function cpuSeconds(processId) {
  const path = `/proc/${processId}/stat`
  if (!existsSync(path)) return Number.NaN
  // The name, in parentheses, may hold spaces; the 12th and 13th field behind it are user and system time.
  const fields = readFileSync(path, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}

/** Resident memory of a process in MiB; NaN where the system does not tell. */
export function residentMebibytes(processId) {
  const path = `/proc/${processId}/status`
  if (!existsSync(path)) return Number.NaN
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(path, 'utf8'))?.[1]) / 1024
}

async function firstAnswer(address) {
  const connection = await connectTo(address)
  await connection.request(apiVersions, API_VERSIONS, {
    clientSoftwareName: 'benchmark',
    clientSoftwareVersion: '0.0.0',
  })
  connection.close()
}

/** Free together with the one a thousand above it, where the launcher puts the controller. */
async function freePort() {
  for (let attempt = 0; attempt < 50; attempt++) {
    const first = await listen(0)
    const second = await listen(first.address().port + 1000).catch(() => undefined)
    const { port } = first.address()
    first.close()
    second?.close()
    if (second !== undefined) return port
  }
  throw new Error('no two free ports a thousand apart')
}

function listen(port) {
  return new Promise((resolve, reject) => {
    const server = createServer()
      .once('error', reject)
      .listen(port, '127.0.0.1', () => resolve(server))
  })
}

/**
 * How each client is started, and why it is not: what is missing is said by name. Clients in JavaScript run under the newest
 * Node; node-rdkafka, which is compiled for one, under whichever loads it.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { cpuSeconds } from '../broker/brokers.mjs'
import { NATIVE_PACKAGES } from '../node-installation.mjs'
import { folderOf, versionOf } from './peers/installation.mjs'

const GO_FOLDER = fileURLToPath(new URL('franz-go/', import.meta.url))
const DEADLINE_MS = 300_000
const ERROR_CHARACTERS = 2000

/**
 * By client: `{ version, command }` or `{ missing }`. `command` is what stands before the job; `load` is the program of those in
 * JavaScript.
 */
export function installedClients(folder, load) {
  return {
    samsa: { version: 'workspace', command: underNode(load) },
    kafkajs: inInterop('kafkajs', 'kafkajs', load),
    platformatic: inInterop('platformatic', '@platformatic/kafka', load),
    'node-rdkafka': nodeRdkafka(load),
    'franz-go': franzGo(folder),
  }
}

/** Runs one job; resolves to what it took, with the broker's CPU time where its process is known. */
export async function runJob(command, job, brokerProcessId) {
  const [program, ...args] = [...command, JSON.stringify(job)]
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const deadline = setTimeout(() => child.kill('SIGKILL'), DEADLINE_MS)
  const ended = once(child, 'close')
  let errors = ''
  child.stderr.on('data', text => {
    errors = `${errors}${text}`.slice(-ERROR_CHARACTERS)
  })
  let brokerCpuBefore = Number.NaN
  let result
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.startsWith('{"event":')) continue
    const { event, ...taken } = JSON.parse(line)
    const brokerCpu = brokerProcessId === undefined ? Number.NaN : cpuSeconds(brokerProcessId)
    if (event === 'begin') brokerCpuBefore = brokerCpu
    else result = { ...taken, brokerCpuSeconds: brokerCpu - brokerCpuBefore }
  }
  const [status, signal] = await ended
  clearTimeout(deadline)
  if (status !== 0 || result === undefined) throw new Error(`it ended with ${status ?? signal}: ${errors.trim()}`)
  return result
}

function underNode(load) {
  return [process.execPath, '--import', NATIVE_PACKAGES, load]
}

/** The same command with a profile of it written to `folder`. */
export function profiled([node, ...args], folder, intervalMicroseconds) {
  const flags = ['--cpu-prof', `--cpu-prof-dir=${folder}`, `--cpu-prof-interval=${intervalMicroseconds}`]
  return [node, ...flags, ...args]
}

function inInterop(name, packageName, load) {
  const version = versionOf(name, packageName)
  return version === undefined
    ? { missing: `not installed: scripts/interop-install ${name}` }
    : { version, command: underNode(load) }
}

/** Without the hook that finds lz4: the Node that it was compiled for may not know it, and it needs none. */
function nodeRdkafka(load) {
  const started = process.env.SAMSA_STARTED_NODE
  const nodes = started === undefined ? [process.execPath] : [process.execPath, started]
  const loads = node =>
    spawnSync(node, ['-p', "require('node-rdkafka').features"], {
      cwd: folderOf('node-rdkafka'),
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  for (const node of nodes) {
    const { status, stdout } = loads(node)
    if (status !== 0) continue
    const lacks = stdout.includes("'zstd'") ? [] : ['zstd']
    return { version: versionOf('node-rdkafka', 'node-rdkafka'), command: [node, load], lacks }
  }
  return { missing: 'does not load in this Node: scripts/interop-install node-rdkafka' }
}

function franzGo(folder) {
  const program = join(folder, 'franz-go')
  const go = ['go', '/usr/local/go/bin/go'].find(path => spawnSync(path, ['version']).status === 0)
  if (go === undefined) return { missing: 'Go is not installed' }
  const { status, stderr } = spawnSync(go, ['build', '-o', program, '.'], { cwd: GO_FOLDER, encoding: 'utf8' })
  if (status !== 0) return { missing: `does not build: ${stderr.trim().split('\n').at(-1)}` }
  const version = /franz-go v(\S+)/.exec(readFileSync(join(GO_FOLDER, 'go.mod'), 'utf8'))?.[1]
  return { version, command: [program] }
}

/**
 * `npm start` in this checkout: what the README promises, with kcat as the client that was never told anything.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { rootFolder } from '../repo/source-tree.js'
import { isInstalled, mustRun } from './program.js'
import { type TemporaryFolder, temporaryFolder } from './temporary-folder.js'

const WITH_KCAT = isInstalled('kcat', '-V')
/** With the build of another Node the command would install anew, under the feet of other tests. */
const IS_OF_THIS_NODE = process.env['SAMSA_SKIP_INSTALL'] === undefined
const NO_INSTALLATION = 'needs an installation for this Node'
const DEADLINE_MS = 120_000

/** Where the command puts what is temporary. */
let temporary: TemporaryFolder
let child: ChildProcessByStdio<null, Readable, null> | undefined

beforeEach(() => {
  temporary = temporaryFolder()
})

afterEach(() => {
  if (child?.pid !== undefined && child.exitCode === null && child.signalCode === null)
    process.kill(-child.pid, 'SIGKILL')
  temporary.remove()
})

function npmStart(...args: readonly string[]) {
  child = spawn('npm', ['start', '--silent', '--', '--port', '0', ...args], {
    cwd: rootFolder,
    env: { ...process.env, TMPDIR: temporary.path },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', text => {
    output += text
  })
  const ended = once(child, 'close').then(([status]) => ({ status, output }))
  return { child, ended }
}

test.skipIf(!WITH_KCAT || !IS_OF_THIS_NODE)(
  `npm start answers kcat and ends with Ctrl-C, also within the tour (${WITH_KCAT ? NO_INSTALLATION : 'needs kcat'})`,
  async () => {
    const { child, ended } = npmStart('--json', '--in-memory', '--topic', 'orders:2')
    const line = await new Promise<string>((resolve, reject) => {
      createInterface({ input: child.stdout }).once('line', resolve)
      child.once('close', status => reject(new Error(`npm start ended with ${status}`)))
    })
    const address = String(Reflect.get(Object(JSON.parse(line)), 'bootstrapServers'))
    const kcat = (...args: readonly string[]) => ['-b', address, '-q', ...args, '-t', 'orders', '-p', '1']
    expect((await mustRun('kcat', ['-b', address, '-L'])).toString('utf8')).toContain(
      'topic "orders" with 2 partitions',
    )
    await mustRun('kcat', kcat('-P'), 'hello\n')
    const read = await mustRun('kcat', kcat('-C', '-e', '-o', 'beginning'))
    expect(read.toString('utf8')).toBe('hello\n')
    // As a terminal does it: the signal goes to all that the command started.
    process.kill(-Number(child.pid), 'SIGINT')
    const { output } = await ended
    expect(output).toMatch(/\{"event":"stopped"\}\n$/)
    expect(readdirSync(temporary.path)).toEqual([])
  },
  DEADLINE_MS,
)

test.skipIf(!IS_OF_THIS_NODE)(
  `npm start ends when npm alone is told to (${NO_INSTALLATION})`,
  async () => {
    const { child, ended } = npmStart('--json', '--in-memory')
    await once(child.stdout, 'data')
    child.kill('SIGTERM')
    const { output } = await ended
    expect(output).toMatch(/\{"event":"stopped"\}\n$/)
    expect(readdirSync(temporary.path)).toEqual([])
  },
  DEADLINE_MS,
)

test.skipIf(!IS_OF_THIS_NODE)(
  `npm start -- --once shows the tour and leaves nothing behind (${NO_INSTALLATION})`,
  async () => {
    const { status, output } = await npmStart('--once').ended
    expect({ status, output }).toMatchObject({ status: 0 })
    for (const text of [
      `in ${temporary.path}/`,
      'every order was acknowledged: 100,000 of 100,000, 0 failed',
      'every order was seen: 100,000 of 100,000',
      'every transfer was made, and made once: 500 of 500',
      'no money came or went: 10,000 before and after',
      '1,000 were sent on purpose',
      'All 9 checks hold',
    ]) {
      expect(output).toContain(text)
    }
    // Neither colours nor a bar where nobody looks at a terminal.
    for (const character of ['\r', '\u001b', '█']) expect(output).not.toContain(character)
    expect(readdirSync(temporary.path)).toEqual([])
  },
  DEADLINE_MS,
)

test.skipIf(!IS_OF_THIS_NODE)(
  `npm start fails where the tour does (${NO_INSTALLATION})`,
  async () => {
    // No record is so new.
    const tooOld = 'log.message.timestamp.before.max.ms=0'
    const { status, output } = await npmStart('--in-memory', '--property', tooOld).ended
    expect(output).toMatch(/✗ every order was acknowledged: [\d,]+ of 100,000, [\d,]+ failed/)
    expect(output).toContain('Not all checks hold')
    expect(status).toBe(1)
    expect(readdirSync(temporary.path)).toEqual([])
  },
  DEADLINE_MS,
)

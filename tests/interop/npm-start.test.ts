/**
 * `npm start` in this checkout: what the README promises, with kcat as the client that was never told anything.
 */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { rootFolder } from '../repo/source-tree.js'
import { isInstalled, mustRun } from './program.js'

const WITH_KCAT = isInstalled('kcat', '-V')
/** With the build of another Node the command would install anew, under the feet of other tests. */
const IS_OF_THIS_NODE = process.env['SAMSA_SKIP_INSTALL'] === undefined

test.skipIf(!WITH_KCAT || !IS_OF_THIS_NODE)(
  `npm start answers kcat and ends with Ctrl-C (${WITH_KCAT ? 'needs an installation for this Node' : 'needs kcat'})`,
  async () => {
    const child = spawn(
      'npm',
      ['start', '--silent', '--', '--json', '--port', '0', '--in-memory', '--topic', 'orders:2'],
      {
        cwd: rootFolder,
        stdio: ['ignore', 'pipe', 'inherit'],
        detached: true,
      },
    )
    try {
      const ended = new Promise(resolve => child.once('close', resolve))
      const line = await new Promise<string>((resolve, reject) => {
        createInterface({ input: child.stdout }).once('line', resolve)
        child.once('close', status => reject(new Error(`npm start ended with ${status}`)))
      })
      const address = String(Reflect.get(Object(JSON.parse(line)), 'bootstrapServers'))
      const topics = (await mustRun('kcat', ['-b', address, '-L'])).toString('utf8')
      expect(topics).toContain('topic "orders" with 2 partitions')
      await mustRun('kcat', ['-b', address, '-q', '-P', '-t', 'orders', '-p', '1'], 'hello\n')
      const read = await mustRun('kcat', [
        '-b',
        address,
        '-q',
        '-C',
        '-t',
        'orders',
        '-p',
        '1',
        '-e',
        '-o',
        'beginning',
      ])
      expect(read.toString('utf8')).toBe('hello\n')
      // As a terminal does it: the signal goes to all that the command started.
      process.kill(-Number(child.pid), 'SIGINT')
      await ended
    } finally {
      if (child.exitCode === null && child.signalCode === null) process.kill(-Number(child.pid), 'SIGKILL')
    }
  },
  120_000,
)

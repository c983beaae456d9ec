/**
 * The built command as users start it: what it prints, how it ends, and that it stops when it is asked to.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const PROGRAM = fileURLToPath(new URL('../dist/main.js', import.meta.url))

let folder: string
const running = new Set<Command>()

class Command {
  readonly child: ChildProcessByStdio<null, Readable, Readable>
  readonly ended: Promise<{ status: number | null; output: string; errors: string }>
  #output = ''
  #errors = ''

  constructor(args: readonly string[]) {
    this.child = spawn(process.execPath, [PROGRAM, ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
    this.child.stdout.setEncoding('utf8').on('data', text => {
      this.#output += text
    })
    this.child.stderr.setEncoding('utf8').on('data', text => {
      this.#errors += text
    })
    running.add(this)
    this.ended = once(this.child, 'close').then(([status]) => {
      running.delete(this)
      return { status, output: this.#output, errors: this.#errors }
    })
  }

  /** What it has printed once the text occurs in it. */
  async said(text: string): Promise<string> {
    while (!this.#output.includes(text)) {
      const ending = await Promise.race([once(this.child.stdout, 'data').then(() => undefined), this.ended])
      if (ending !== undefined && !this.#output.includes(text)) throw new Error(`it ended: ${JSON.stringify(ending)}`)
    }
    return this.#output
  }

  /** The document that it prints when it has started. */
  async started(): Promise<Record<string, unknown>> {
    return JSON.parse(await this.said('\n'))
  }
}

function run(...args: string[]) {
  return new Command(args).ended
}

async function takenPort(): Promise<{ server: Server; port: string }> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return { server, port: String(address.port) }
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'samsa-command-'))
})

afterEach(async () => {
  for (const command of running) {
    command.child.kill('SIGKILL')
    await command.ended
  }
  rmSync(folder, { recursive: true, force: true })
})

describe('usage', () => {
  test('help and version are answers', async () => {
    expect(await run('--help')).toMatchObject({ status: 0, output: expect.stringContaining('broker') })
    expect(await run('broker', '--help')).toMatchObject({ status: 0, output: expect.stringContaining('--data-dir') })
    expect(await run('--version')).toMatchObject({ status: 0, output: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) })
  })

  test.each([
    [['brocker'], 'broker'],
    [[], 'Usage'],
    [['broker', '--prot', '1'], '--port'],
    [['broker', 'now'], 'too many arguments'],
    [['broker', '--port', '70000'], '0 to 65535'],
    [['broker', '--port', '9092x'], '0 to 65535'],
    [['broker', '--in-memory', '--data-dir', 'x'], 'cannot be used with'],
    [['broker', '--topic', 'orders:0'], 'orders:6'],
    [['broker', '--topic', 'a:1', '--topic', 'a:2'], 'given twice'],
    [['broker', '--property', 'log.retention.ms'], 'name and a value'],
    [['broker', '--property', 'a=1', '--property', 'a=2'], 'given twice'],
    [['eos'], 'check'],
    [['eos', 'check'], "missing required argument 'history'"],
    [['eos', 'check', 'a', 'b'], 'too many arguments'],
  ])('%j is refused with status 2 and a word on what is meant', async (args, word) => {
    expect(await run(...args)).toMatchObject({ status: 2, output: '', errors: expect.stringContaining(word) })
    expect(readdirSync(folder)).toEqual([])
  })
})

describe('samsa broker', () => {
  test('tells where it is and where data lives, what to paste, and stops on SIGINT', async () => {
    const command = new Command(['broker', '--port', '0'])
    const output = await command.said('Ctrl-C')
    const address = /bootstrap servers +(127\.0\.0\.1:\d+)\n/.exec(output)?.[1]
    expect(output).toContain(join(folder, '.samsa', 'data'))
    expect(output).toContain(`kcat -b ${address} -P`)
    expect(output).toContain(`brokers: ['${address}']`)
    command.child.kill('SIGINT')
    expect(await command.ended).toMatchObject({ status: 0, errors: '', output: expect.stringContaining('Stopped.') })
  })

  test('--json prints one document at the start and one at the end, and SIGTERM stops it too', async () => {
    const command = new Command(['broker', '--json', '--in-memory', '--port', '0'])
    const started = await command.started()
    expect(started).toEqual({
      event: 'started',
      bootstrapServers: `127.0.0.1:${started['port']}`,
      host: '127.0.0.1',
      port: expect.any(Number),
      clusterId: expect.stringMatching(/^[\w-]{22}$/),
      dataDir: null,
      processId: command.child.pid,
    })
    expect(readdirSync(folder)).toEqual([])
    command.child.kill('SIGTERM')
    const { status, output, errors } = await command.ended
    expect({ status, errors }).toEqual({ status: 0, errors: '' })
    expect(output.split('\n').slice(1)).toEqual(['{"event":"stopped"}', ''])
  })

  test('a signal that comes twice at once, as it does under npm, is one', async () => {
    const command = new Command(['broker', '--json', '--in-memory', '--port', '0'])
    await command.started()
    command.child.kill('SIGINT')
    command.child.kill('SIGINT')
    expect(await command.ended).toMatchObject({ status: 0, output: expect.stringContaining('stopped') })
  })

  test('a client that stays connected does not keep it from stopping', async () => {
    const command = new Command(['broker', '--json', '--in-memory', '--port', '0'])
    const socket = connect(Number((await command.started())['port']), '127.0.0.1')
    await once(socket, 'connect')
    const closed = once(socket, 'close')
    command.child.kill('SIGINT')
    expect(await command.ended).toMatchObject({ status: 0 })
    socket.resume()
    await closed
  })

  test('a directory keeps its cluster and its topics from one start to the next', async () => {
    const args = ['broker', '--json', '--data-dir', 'data', '--port', '0', '--topic', 'orders:3']
    const clusterIds: unknown[] = []
    for (let start = 0; start < 2; start++) {
      const command = new Command(args)
      clusterIds.push((await command.started())['clusterId'])
      command.child.kill('SIGINT')
      expect(await command.ended).toMatchObject({ status: 0, errors: '' })
      expect(readdirSync(join(folder, 'data'))).toEqual(expect.arrayContaining(['orders-0', 'orders-1', 'orders-2']))
    }
    expect(clusterIds[0]).toBe(clusterIds[1])
  })

  test('a port in use is one sentence and status 1', async () => {
    const { server, port } = await takenPort()
    try {
      expect(await run('broker', '--in-memory', '--port', port)).toEqual({
        status: 1,
        output: '',
        errors: expect.stringMatching(new RegExp(`^samsa: .*127\\.0\\.0\\.1:${port}.*\\n$`)),
      })
    } finally {
      server.close()
    }
  })

  test('a directory that another broker holds is one sentence and status 1', async () => {
    const first = new Command(['broker', '--json', '--data-dir', 'data', '--port', '0'])
    await first.started()
    expect(await run('broker', '--data-dir', 'data', '--port', '0')).toEqual({
      status: 1,
      output: '',
      errors: expect.stringMatching(/^samsa: .*another Samsa broker.*\n$/),
    })
  })

  test('a directory that is none, or that something else wrote, is one sentence and status 1', async () => {
    const refused = (word: string) => ({
      status: 1,
      output: '',
      errors: expect.stringMatching(`^samsa: .*${word}.*\n$`),
    })
    writeFileSync(join(folder, 'file'), 'not a directory')
    expect(await run('broker', '--data-dir', 'file', '--port', '0')).toEqual(refused('file'))
    mkdirSync(join(folder, 'foreign'))
    writeFileSync(join(folder, 'foreign', 'meta.properties'), 'version=7\nnode.id=1\n')
    expect(await run('broker', '--data-dir', 'foreign', '--port', '0')).toEqual(refused('meta\\.properties'))
    expect(await run('broker', '--data-dir', '.', '--port', '0')).toEqual(refused("it holds 'f\\w+'"))
    expect(readdirSync(folder).sort()).toEqual(['file', 'foreign'])
  })

  test('an unknown property, a value that cannot be, and a bad name of a topic are one sentence and status 1', async () => {
    const start = ['broker', '--in-memory', '--port', '0']
    const refused = (word: string) => ({
      status: 1,
      output: '',
      errors: expect.stringMatching(new RegExp(`^samsa: .*${word}.*\\n$`)),
    })
    expect(await run(...start, '--property', 'log.retention.msec=1')).toEqual(refused('log\\.retention\\.msec'))
    expect(await run(...start, '--property', 'log.retention.ms=soon')).toEqual(refused('log\\.retention\\.ms'))
    expect(await run(...start, '--topic', 'or ders')).toEqual(refused('or ders'))
  })
})

describe('samsa eos check', () => {
  const sent = { op: 'send', process: 'w', id: 'a', topic: 'orders', partition: 0 }
  const lines = [
    { ...sent, type: 'invoke' },
    { ...sent, type: 'ok', offset: 7 },
  ]
  const write = (events: readonly object[], rest = '') => {
    writeFileSync(join(folder, 'history.jsonl'), events.map(event => `${JSON.stringify(event)}\n`).join('') + rest)
  }

  test('a history that is as it should be ends with status 0', async () => {
    write([
      ...lines,
      { op: 'remains', topics: ['orders'], records: [{ topic: 'orders', partition: 0, offset: 7, id: 'a' }] },
    ])
    expect(await run('eos', 'check', 'history.jsonl')).toEqual({
      status: 0,
      errors: '',
      output: 'history.jsonl is as it should be.\n  3 events: 1 records sent, 0 transactions, 0 reads\n',
    })
  })

  test('what is wrong is told by its kind, to people and to programs, with status 1', async () => {
    write([...lines, { op: 'remains', topics: ['orders'], records: [] }])
    const { status, errors, output } = await run('eos', 'check', 'history.jsonl')
    expect({ status, errors }).toEqual({ status: 1, errors: '' })
    expect(output).toContain('\nlost write (1): records were acknowledged')
    expect(output).toContain('\n  a, which was acknowledged for orders-0 at 7\n')
    const told = await run('eos', 'check', '--json', 'history.jsonl')
    expect(told.status).toBe(1)
    expect(JSON.parse(told.output)).toMatchObject({ isGood: false, counts: { 'lost write': 1 }, events: 3 })
  })

  test('what cannot be read is one sentence with the line, and status 2', async () => {
    write(lines, '{"op":"se')
    const refused = (errors: string) => ({
      status: 2,
      output: '',
      errors: expect.stringMatching(`^samsa: .*${errors}.*\n$`),
    })
    expect(await run('eos', 'check', 'history.jsonl')).toEqual(refused('Line 3: it is no JSON'))
    expect(await run('eos', 'check', 'nowhere.jsonl')).toEqual(refused('nowhere.jsonl cannot be read'))
    expect(await run('eos', 'check', '.')).toEqual(refused('cannot be read'))
  })
})

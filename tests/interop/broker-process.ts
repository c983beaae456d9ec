/**
 * A broker of ours as a process of its own, started by the command line as users start it: what kills or blocks it
 * cannot touch the test, and the other way round. Whoever starts one stops it.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { rootFolder } from '../repo/source-tree.js'

const PROGRAM = join(rootFolder, 'packages/samsa/dist/main.js')
const STDERR_LIMIT_CHARS = 64 * 1024

export interface BrokerProcessOptions {
  /** Absent: in memory. */
  readonly dataDir?: string
  /** Default: a free one. */
  readonly port?: number
  /** As after `--topic`: `orders:6`. */
  readonly topics?: readonly string[]
  /** As after `--property`: `name=value`. */
  readonly properties?: readonly string[]
  /** For Node itself. */
  readonly nodeArgs?: readonly string[]
  /** As `ulimit -n` sets it; not on Windows. */
  readonly maxDescriptors?: number
}

export class BrokerProcess {
  /** `host:port`. */
  readonly address: string
  readonly dataDir: string | undefined
  readonly #launch: BrokerLaunch

  private constructor(launch: BrokerLaunch, address: string) {
    this.#launch = launch
    this.address = address
    this.dataDir = launch.dataDir
  }

  /** Resolves once it answers; rejects with what it said when it ends before. */
  static async start(options: BrokerProcessOptions = {}): Promise<BrokerProcess> {
    const launch = new BrokerLaunch(options)
    return new BrokerProcess(launch, await launch.started)
  }

  get processId(): number {
    return this.#launch.child.pid ?? Number.NaN
  }

  /** The way Ctrl-C ends it; rejects unless it ended cleanly. Harmless when it has. */
  async stop(): Promise<void> {
    this.#launch.child.kill('SIGINT')
    const { status, signal, said } = await this.#launch.ended
    if (status !== 0) throw new Error(`the broker ended with ${status ?? signal}: ${said}`)
  }

  /** SIGKILL: it gets no chance to write anything more. Harmless when it is over. */
  kill(): Promise<void> {
    return this.#launch.kill()
  }
}

/** A process on its way to be a broker: for those who do not wait until it is one. */
export class BrokerLaunch {
  readonly child: ChildProcess
  readonly dataDir: string | undefined
  /** Its address, once it answers; rejects with what it said when it ends before. */
  readonly started: Promise<string>
  readonly ended: Promise<Ending>

  constructor(options: BrokerProcessOptions) {
    const { dataDir, port = 0, topics = [], properties = [], nodeArgs = [], maxDescriptors } = options
    this.dataDir = dataDir
    const command = [
      process.execPath,
      ...nodeArgs,
      PROGRAM,
      ...['broker', '--json', '--port', String(port)],
      ...(dataDir === undefined ? ['--in-memory'] : ['--data-dir', dataDir]),
      ...topics.flatMap(topic => ['--topic', topic]),
      ...properties.flatMap(property => ['--property', property]),
    ]
    const [program = '', ...args] = maxDescriptors === undefined ? command : withLimit(maxDescriptors, command)
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    this.child = child
    let said = ''
    child.stderr.setEncoding('utf8').on('data', text => {
      said = (said + text).slice(-STDERR_LIMIT_CHARS)
    })
    this.ended = new Promise(resolve => {
      child.once('close', (status, signal) => resolve({ status, signal, said }))
    })
    this.started = new Promise((resolve, reject) => {
      createInterface({ input: child.stdout }).once('line', line => resolve(addressIn(line)))
      child.once('error', reject)
      child.once('close', (status, signal) =>
        reject(new Error(`the broker did not start (${status ?? signal}): ${said}`)),
      )
    })
    // Who does not wait for the start is not told that there was none.
    this.started.catch(() => {})
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL')
    await this.ended
  }
}

export interface Ending {
  readonly status: number | null
  readonly signal: string | null
  /** The end of its standard error. */
  readonly said: string
}

/** The shell becomes the program, so the process is still the one that was started. */
function withLimit(maxDescriptors: number, command: readonly string[]): string[] {
  return ['sh', '-c', 'ulimit -n "$0" && exec "$@"', String(maxDescriptors), ...command]
}

function addressIn(line: string): string {
  const address: unknown = Reflect.get(Object(JSON.parse(line)), 'bootstrapServers')
  if (typeof address === 'string') return address
  throw new Error(`the broker began with ${line}`)
}

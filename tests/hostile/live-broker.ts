/**
 * A broker that hostile clients meet, seen from the test: started, looked into, stopped. Whoever starts one stops it.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { BrokerOptions } from '@samsa/broker'

const PROGRAM = fileURLToPath(new URL('live-broker-child.mjs', import.meta.url))
const SAID_LIMIT_CHARS = 64 * 1024
const POLL_MS = 20

export interface LogLine {
  readonly level: string
  readonly message: string
  readonly peer?: string
  readonly reason?: string
  readonly apiKey?: number
  readonly error?: string
}

export interface Look {
  readonly rss: number
  readonly heapUsed: number
  /** Sockets that it has open. */
  readonly connections: number
  /** The longest turn of its event loop since the last look, in CPU time and by the clock. */
  readonly longest: { readonly cpuMs: number; readonly wallMs: number }
}

export interface LiveBrokerOptions extends BrokerOptions {
  /** Where the broker is to have little: `--max-old-space-size=256`. */
  readonly nodeArgs?: readonly string[]
}

export class LiveBroker {
  readonly host: string
  readonly port: number
  /** Everything from warnings on that it has logged up to the last look. */
  readonly lines: LogLine[] = []
  readonly #child: ChildProcess
  readonly #ended: Promise<string>
  #lastLook = 0

  private constructor(child: ChildProcess, ended: Promise<string>, address: string) {
    this.#child = child
    this.#ended = ended
    const [host = '', port] = address.split(':')
    this.host = host
    this.port = Number(port)
  }

  static async start({ nodeArgs = [], ...options }: LiveBrokerOptions = {}): Promise<LiveBroker> {
    const child = spawn(process.execPath, ['--expose-gc', ...nodeArgs, PROGRAM, JSON.stringify(options)], {
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    })
    let said = ''
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-SAID_LIMIT_CHARS)
    })
    const ended = once(child, 'close').then(([status, signal]) => `the broker ended (${status ?? signal}): ${said}`)
    const address = await Promise.race([
      once(child, 'message').then(([message]) => String(Reflect.get(Object(message), 'address'))),
      ended.then(why => Promise.reject(new Error(why))),
    ])
    return new LiveBroker(child, ended, address)
  }

  get address(): string {
    return `${this.host}:${this.port}`
  }

  get processId(): number {
    return this.#child.pid ?? Number.NaN
  }

  /** Rejects when the broker is dead, with what it said. `collect`: after its garbage is collected. */
  async look({ collect = false }: { readonly collect?: boolean } = {}): Promise<Look> {
    const id = ++this.#lastLook
    const answer = new Promise<Look>(resolve => {
      const onMessage = (message: unknown): void => {
        if (Reflect.get(Object(message), 'id') !== id) return
        this.#child.off('message', onMessage)
        const { lines, ...look } = message as Look & { readonly lines: readonly LogLine[] }
        this.lines.push(...lines)
        resolve(look)
      }
      this.#child.on('message', onMessage)
    })
    if (this.#child.connected) this.#child.send({ id, collect })
    return Promise.race([answer, this.#ended.then(why => Promise.reject(new Error(why)))])
  }

  /** Looks until the condition holds; rejects with the last look when it has not held for too long. */
  async until(
    condition: (look: Look) => boolean,
    { deadlineMs = 60_000, collect = false }: { readonly deadlineMs?: number; readonly collect?: boolean } = {},
  ): Promise<Look> {
    for (const startedAt = performance.now(); ; ) {
      const last = await this.look({ collect })
      if (condition(last)) return last
      if (performance.now() - startedAt > deadlineMs)
        throw new Error(`it did not come to pass: ${JSON.stringify(last)}`)
      await new Promise(resolve => setTimeout(resolve, POLL_MS))
    }
  }

  /** As Ctrl-C ends it. Rejects unless it ended cleanly. */
  async stop(): Promise<void> {
    this.#child.kill('SIGINT')
    const why = await this.#ended
    if (this.#child.exitCode !== 0) throw new Error(why)
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#ended
  }
}

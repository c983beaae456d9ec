/**
 * A machine that runs one broker after another on one simulated disk: starts, stops and crashes them, and asks them over
 * connections in memory. Time stands still but for `advance`. Owns disk, clock, broker and connections.
 */
import { setImmediate } from 'node:timers'
import { type Broker, type BrokerOptions, createBroker, MemoryListener } from '@samsa/broker'
import { type CrashKind, type EntryFate, FaultyFileSystem } from '@samsa/broker/internal'
import { Connection } from '@samsa/client'
import type { Api, Decoded } from '@samsa/protocol'
import { ManualClock, type Random } from '@samsa/runtime'

import { TOMBSTONE_MS } from './compaction-model.js'

const DATA = '/data'
/** More than any request takes. */
const MOST_TURNS = 10_000
const QUIET_TURNS = 4
/** In so much time, every flush ends. */
export const STEP_MS = 50

export type FlushMode = NonNullable<BrokerOptions['flush']>

/** Often enough for a workload of seconds to meet all of it. */
const PROPERTIES = {
  'log.retention.check.interval.ms': '1000',
  'log.flush.offset.checkpoint.interval.ms': '700',
  'log.cleaner.enable': 'true',
  'log.cleaner.backoff.ms': '50',
  'log.cleaner.min.cleanable.ratio': '0.01',
  'log.cleaner.delete.retention.ms': String(TOMBSTONE_MS),
}

export class Machine {
  readonly random: Random
  readonly flush: FlushMode
  readonly #properties: Readonly<Record<string, string>>
  disk: FaultyFileSystem
  clock: ManualClock = new ManualClock()
  #listener = new MemoryListener()
  #broker: Broker | undefined
  #connections: Connection[] = []
  #lives = 0
  #diedMs = 0

  /** `properties` come on top of those that all workloads have. */
  constructor(random: Random, flush: FlushMode, properties: Readonly<Record<string, string>> = {}) {
    this.random = random
    this.flush = flush
    this.#properties = { ...PROPERTIES, ...properties }
    const sync = random.fork('sync')
    const syncing = (): Promise<void> => turns(sync.integer(0, 3))
    this.disk = new FaultyFileSystem({ random: random.fork('disk'), syncing })
  }

  /** When the broker that ran last was stopped. */
  get diedMs(): number {
    return this.#diedMs
  }

  /** Undefined when the broker serves, or why it does not. Where the disk crashed meanwhile, that is no answer. */
  async start(): Promise<unknown> {
    this.#lives++
    this.clock = new ManualClock({ startMs: this.clock.now() + 1 })
    this.#listener = new MemoryListener()
    this.#connections = []
    const starting = createBroker({
      dataDir: DATA,
      fileSystem: this.disk,
      clock: this.clock,
      random: this.random.fork(`life ${this.#lives}`),
      listener: this.#listener,
      flush: this.flush,
      recentBytes: this.random.fork(`recent ${this.#lives}`).integer(0, 2) * 20_000,
      properties: this.#properties,
    })
    const { clock, disk } = this
    void disk.crashed.then(() => {
      this.#diedMs = clock.now()
    })
    try {
      this.#broker = await Promise.race([starting, this.disk.crashed.then(() => undefined)])
      return undefined
    } catch (error) {
      return error
    }
  }

  /** A clean stop. Rejects, or never began, where the disk crashed meanwhile. */
  async stop(): Promise<void> {
    const stopping = this.#broker?.close().catch(() => undefined)
    await Promise.race([stopping, this.disk.crashed])
  }

  /** Leaves room for so many bytes. */
  fill(bytes: number): void {
    const { total, usable } = this.disk.space(DATA)
    this.disk.capacityBytes = total - usable + bytes
  }

  /** The disk works, and has room. */
  heal(): void {
    this.disk.heal()
    this.disk.capacityBytes = Number.MAX_SAFE_INTEGER
  }

  /** The next process finds what is left. */
  survive(how: CrashKind, entries: EntryFate): void {
    this.disk = this.disk.survivor(how, entries)
    this.heal()
  }

  /** The answer; undefined when the machine stopped or the connection ended before it came. */
  async request<Request extends object, Response extends object>(
    api: Api<Request, Response>,
    version: number,
    request: Request,
    connection = 0,
  ): Promise<Decoded<Response> | undefined> {
    if (this.disk.hasCrashed) return undefined
    const { disk } = this
    const asked = this.#connection(connection).request(api, version, request)
    const answer = await Promise.race([asked.catch(() => undefined), disk.crashed.then(() => undefined)])
    return disk.hasCrashed ? undefined : answer
  }

  /** For a request that has no answer. */
  send<Request extends object>(api: Api<Request>, version: number, request: Request): void {
    this.#connection(0).send(api, version, request)
  }

  /** Lets time pass, in steps after each of which all syncs end. */
  async advance(ms: number): Promise<void> {
    const { disk } = this
    for (let left = ms; left > 0 && !disk.hasCrashed; left -= STEP_MS) {
      await this.clock.advance(Math.min(left, STEP_MS))
      await this.quiet()
    }
  }

  /** Until nothing is under way any more. */
  async quiet(): Promise<void> {
    let quietTurns = 0
    for (let turn = 0; turn < MOST_TURNS && quietTurns < QUIET_TURNS && !this.disk.hasCrashed; turn++) {
      quietTurns = this.disk.syncsUnderWay === 0 ? quietTurns + 1 : 0
      await turns(1)
    }
  }

  /** All files with what they hold. */
  bytes(path: string = DATA): Record<string, string> {
    const files = this.disk.list(path).map((name): Record<string, string> => {
      const each = `${path}/${name}`
      return this.disk.isDirectory(each) ? this.bytes(each) : { [each]: this.disk.readFile(each).toString('base64') }
    })
    return Object.assign({}, ...files)
  }

  #connection(index: number): Connection {
    const known = this.#connections[index]
    if (known !== undefined && known.closed === undefined) return known
    const made = new Connection(this.#listener.connect(), { clock: this.clock, requestTimeoutMs: 600_000 })
    this.#connections[index] = made
    return made
  }
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise<void>(resolve => setImmediate(resolve))
}

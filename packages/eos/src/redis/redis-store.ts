/**
 * RedisStore: claims in Redis, over a client of the application. Owns how many commands may be under way, and how long one may
 * take. Redis forgets ids by itself when their time is over.
 */
import { type Clock, KafkaError, systemClock, TimeoutError } from '@samsa/runtime'
import { settleWithin } from '@samsa/runtime/internal'
import { idText } from '../store/id-text.js'
import type { Claim, ClaimOutcome, ClaimRequest, Durability, LeaseStore } from '../store/lease-store.js'
import { storeClosed, storeFailed, storeReadOnly } from '../store/store-error.js'
import { checkStoreOptions } from '../store/store-options.js'
import { commandOf, type RedisClient, type RedisCommand } from './redis-client.js'
import { bytesFromText, bytesToText, CLAIM, COMPLETE, RELEASE, RENEW, type RedisScript } from './redis-scripts.js'
import { durabilityOf, readSettings, refuseEviction } from './redis-server.js'

export interface RedisStoreOptions {
  /** What an answered claim survives, when you know it better than the server says. Default: as its settings say. */
  readonly durability?: Durability | undefined
  /** In front of every key. Default: `samsa:eos:`. */
  readonly keyPrefix?: string | undefined
  /** The longest that a command may take, reconnecting included. Default: 10,000. */
  readonly commandTimeoutMs?: number | undefined
  /** The most commands that may be under way. Default: 10,000. */
  readonly maxWaiting?: number | undefined
  /** Time, for tests: of the limits. What is stored has the server's. */
  readonly clock?: Clock | undefined
}

/** A client of `ioredis` or `redis`; it stays the application's to close. */
export function redisStore(client: RedisClient, options: RedisStoreOptions = {}): RedisStore {
  checkStoreOptions('redisStore', options)
  return new RedisStore(client, options)
}

export class RedisStore implements LeaseStore {
  readonly #command: RedisCommand
  readonly #clock: Clock
  readonly #keyPrefix: string
  readonly #commandTimeoutMs: number
  readonly #maxWaiting: number
  readonly #isDurabilitySaid: boolean
  #durability: Durability
  #settings: Promise<void> | undefined
  #underWay = 0
  #isClosed = false
  readonly #onIdle: (() => void)[] = []

  constructor(client: RedisClient, options: RedisStoreOptions) {
    this.#command = commandOf(client)
    this.#clock = options.clock ?? systemClock
    this.#keyPrefix = options.keyPrefix ?? 'samsa:eos:'
    this.#commandTimeoutMs = options.commandTimeoutMs ?? 10_000
    this.#maxWaiting = options.maxWaiting ?? 10_000
    this.#isDurabilitySaid = options.durability !== undefined
    this.#durability = options.durability ?? 'process'
  }

  /** As it was said, or as the server's settings say from the first use on. */
  get durability(): Durability {
    return this.#durability
  }

  /** Looks at the server's settings, and refuses one that may evict ids. The first use does it too. */
  async setup(): Promise<void> {
    if (this.#isClosed) throw storeClosed()
    this.#settings ??= this.#look().catch(error => {
      this.#settings = undefined
      throw error
    })
    await this.#settings
  }

  async claim({ scope, key, owner, leaseMs, ttlMs, fingerprint }: ClaimRequest): Promise<ClaimOutcome> {
    await this.setup()
    const args = [owner, whole(leaseMs), whole(ttlMs), bytesToText(fingerprint)]
    const answer = await this.#run(CLAIM, { scope, key }, args)
    const [status, first, second, third] = Array.isArray(answer) ? (answer as readonly unknown[]) : []
    if (status === 'claimed') {
      return { status, epoch: Number(first), attempts: Number(second), fingerprint: bytesFromText(third) }
    }
    if (status === 'done') return { status, result: bytesFromText(first), fingerprint: bytesFromText(second) }
    if (status === 'busy') return { status, retryAfterMs: Number(first), fingerprint: bytesFromText(second) }
    throw storeFailed('claim an id', `Redis answered ${JSON.stringify(answer)}`)
  }

  renew(claim: Claim, leaseMs: number): Promise<boolean> {
    return this.#change(RENEW, claim, whole(leaseMs))
  }

  complete(claim: Claim, ttlMs: number, result?: Uint8Array): Promise<boolean> {
    return this.#change(COMPLETE, claim, whole(ttlMs), bytesToText(result))
  }

  release(claim: Claim): Promise<boolean> {
    return this.#change(RELEASE, claim)
  }

  /** There is nothing to do: Redis has removed them by itself. */
  async prune(): Promise<number> {
    return 0
  }

  async close(): Promise<void> {
    this.#isClosed = true
    if (this.#underWay > 0) await new Promise<void>(resolve => this.#onIdle.push(resolve))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #look(): Promise<void> {
    const settings = await readSettings((...args) => this.#send(args))
    refuseEviction(settings)
    if (!this.#isDurabilitySaid) this.#durability = durabilityOf(settings)
  }

  async #change(
    script: RedisScript,
    { scope, key, owner, epoch }: Claim,
    ...args: readonly string[]
  ): Promise<boolean> {
    await this.setup()
    return Number(await this.#run(script, { scope, key }, [owner, String(epoch), ...args])) === 1
  }

  async #run(
    { sha, text }: RedisScript,
    { scope, key }: { readonly scope: string; readonly key: string },
    args: readonly string[],
  ): Promise<unknown> {
    const rest = ['1', `${this.#keyPrefix}${idText(scope, key)}`, ...args]
    try {
      return await this.#send(['EVALSHA', sha, ...rest])
    } catch (error) {
      // It has not seen the script since it was started.
      if (!isAnswer(error, 'NOSCRIPT')) throw error
      return await this.#send(['EVAL', text, ...rest])
    }
  }

  async #send([name = '', ...args]: readonly string[]): Promise<unknown> {
    if (this.#isClosed) throw storeClosed()
    if (this.#underWay >= this.#maxWaiting) throw fullError(this.#underWay)
    this.#underWay++
    const answer = this.#command(name, ...args).finally(() => {
      this.#underWay--
      if (this.#underWay === 0) for (const tell of this.#onIdle.splice(0)) tell()
    })
    const timeoutError = (waitedMs: number): TimeoutError =>
      new TimeoutError(
        `Redis has not answered within ${waitedMs} ms, so nobody knows whether it has done what it was asked: it cannot be reached, or is busy. Try again, or raise commandTimeoutMs.`,
      )
    try {
      return await settleWithin(this.#clock, answer, { timeoutMs: this.#commandTimeoutMs, timeoutError })
    } catch (cause) {
      throw KafkaError.is(cause) || isAnswer(cause, 'NOSCRIPT') ? cause : redisError(cause)
    }
  }
}

/** Scripts count in whole milliseconds. */
function whole(ms: number): string {
  return String(Math.ceil(ms))
}

function isAnswer(error: unknown, kind: string): boolean {
  return error instanceof Error && error.message.startsWith(kind)
}

function redisError(cause: unknown): KafkaError {
  if (isAnswer(cause, 'READONLY')) return storeReadOnly('Redis', cause)
  if (!isAnswer(cause, 'OOM')) return storeFailed('be asked', cause)
  const message =
    'The memory of Redis is full (maxmemory), and nothing was done: give it more, or keep ids for a shorter time.'
  return new KafkaError(message, { code: 'STORE_FULL', retriable: true, cause })
}

function fullError(underWay: number): KafkaError {
  const message = `${underWay} commands to Redis are under way already: have fewer at a time, or raise maxWaiting.`
  return new KafkaError(message, { code: 'STORE_BUSY', retriable: true })
}

/**
 * SchedulePlayer: carries out the steps of a schedule on one store, and says what the store said. Owns what its workers know:
 * they act on what they were told last, however long ago that was.
 */
import type { Claim } from '../store/lease-store.js'
import type { AcquiredOffset } from '../store/offset-store.js'
import type { ScheduleStep } from './schedule.js'
import type { ContractStores, StoreUnderTest } from './store-case.js'

/** All that passes and lasts is a multiple of it, so that a clock that nobody stops changes nothing. */
export const UNIT_MS = 10_000
const LEASE_MS = 2 * UNIT_MS
const TTL_MS = 6 * UNIT_MS
const SCOPE = 'schedule'
const LIMIT = 1_000

/** What a store says to a step, as text, and how long it asks to wait. */
export interface Said {
  readonly text: string
  readonly waitMs: number
}

type AllStores = ContractStores['leases'] & ContractStores['offsets'] & ContractStores['outbox']

class RolledBack extends Error {}

export class SchedulePlayer {
  readonly #store: AllStores
  readonly #subject: Pick<StoreUnderTest, 'passMs' | 'forgetsByItself'>
  readonly #claims = new Map<string, Claim>()
  readonly #owned = new Map<string, AcquiredOffset>()
  #owners = 0
  #records = 0

  constructor(subject: StoreUnderTest) {
    // Steps of contracts that it does not keep are not drawn.
    this.#store = subject.store as AllStores
    this.#subject = subject
  }

  async play(step: ScheduleStep): Promise<Said> {
    const answer = await this.#answer(step)
    const waitMs = 'waitMs' in answer ? Number(answer['waitMs']) : 0
    return { text: JSON.stringify({ ...answer, waitMs: undefined }), waitMs }
  }

  async #answer(step: ScheduleStep): Promise<Readonly<Record<string, unknown>>> {
    switch (step.kind) {
      case 'claim':
        return await this.#claim(step)
      case 'renew':
      case 'complete':
      case 'release':
        return await this.#end(step)
      case 'crash':
        for (const id of this.#claims.keys()) if (id.startsWith(`${step.worker} `)) this.#claims.delete(id)
        return {}
      case 'pass':
        await this.#subject.passMs(step.units * UNIT_MS)
        return {}
      case 'prune':
        return { pruned: await this.#store.prune(LIMIT) }
      case 'once':
        return await this.#once(step)
      case 'acquire':
        return await this.#acquire(step)
      case 'advance':
        return await this.#advance(step)
      case 'put':
        return await this.#put(step)
      case 'send':
        return await this.#send(step)
    }
  }

  async #claim({ worker, key, mark, again }: Extract<ScheduleStep, { kind: 'claim' }>) {
    const id = `${worker} ${key}`
    const known = this.#claims.get(id)
    const owner = again && known !== undefined ? known.owner : `owner ${this.#owners++}`
    const fingerprint = Uint8Array.of(mark)
    const outcome = await this.#store.claim({ scope: SCOPE, key, owner, leaseMs: LEASE_MS, ttlMs: TTL_MS, fingerprint })
    const told = { status: outcome.status, fingerprint: shown(outcome.fingerprint) }
    if (outcome.status === 'busy') return { ...told, waitMs: outcome.retryAfterMs }
    if (outcome.status === 'done') return { ...told, result: shown(outcome.result) }
    const { epoch, attempts } = outcome
    this.#claims.set(id, { scope: SCOPE, key, owner, epoch })
    return { ...told, epoch, attempts }
  }

  /** A worker that has been replaced tries it all the same. */
  async #end({ kind, worker, key }: Extract<ScheduleStep, { kind: 'renew' | 'complete' | 'release' }>) {
    const claim = this.#claims.get(`${worker} ${key}`)
    if (claim === undefined) return {}
    if (kind === 'renew') return { renewed: await this.#store.renew(claim, LEASE_MS) }
    if (kind === 'release') return { released: await this.#store.release(claim) }
    return { completed: await this.#store.complete(claim, TTL_MS, Uint8Array.of(worker)) }
  }

  async #once({ keys, mark, commits }: Extract<ScheduleStep, { kind: 'once' }>) {
    const fingerprint = Uint8Array.of(mark)
    const rows = [...new Set(keys)].map(key => ({ scope: SCOPE, key, ttlMs: TTL_MS, fingerprint }))
    return await this.#transaction(commits, async tx => {
      const outcomes = await this.#store.insertOnce(tx, rows)
      return outcomes.map(outcome => (outcome.isFresh ? 'fresh' : shown(outcome.fingerprint)))
    })
  }

  async #acquire({ worker, partition }: Extract<ScheduleStep, { kind: 'acquire' }>) {
    const acquired = await this.#store.acquire({ group: SCOPE, topic: 't', partition })
    this.#owned.set(`${worker} ${partition}`, acquired)
    return { fence: String(acquired.fence), next: String(acquired.next) }
  }

  async #advance({ worker, partition, commits }: Extract<ScheduleStep, { kind: 'advance' }>) {
    const id = `${worker} ${partition}`
    const owned = this.#owned.get(id)
    if (owned === undefined) return {}
    const { fence, next: from } = owned
    const to = (from ?? 0n) + 1n
    const told = await this.#transaction(commits, tx =>
      this.#store.advance(tx, { group: SCOPE, topic: 't', partition, fence, from, to }),
    )
    if (told.isCommitted && told.given === true) this.#owned.set(id, { fence, next: to })
    return told
  }

  async #put({ lane, count, commits }: Extract<ScheduleStep, { kind: 'put' }>) {
    const records = Array.from({ length: count }, () => {
      const id = `record ${this.#records++}`
      return { id, topic: 't', key: null, value: Buffer.from(id), headers: [] }
    })
    return await this.#transaction(commits, async tx => {
      await this.#store.putInOutbox(tx, { box: SCOPE, lane }, records)
      return true
    })
  }

  async #send({ lane, limit, removes }: Extract<ScheduleStep, { kind: 'send' }>) {
    const place = { box: SCOPE, lane }
    const waiting = await this.#store.readOutbox(place, limit)
    const removed = removes ? await this.#store.removeFromOutbox(place, waiting) : 0
    return { ids: waiting.map(({ id }) => id), removed }
  }

  async #transaction<T>(commits: boolean, work: (tx: unknown) => Promise<T>) {
    let given: T | undefined
    try {
      await this.#store.transaction(async tx => {
        given = await work(tx)
        if (!commits) throw new RolledBack('on purpose')
      })
    } catch (error) {
      if (!(error instanceof RolledBack)) throw error
    }
    return { given, isCommitted: commits }
  }
}

function shown(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : Buffer.from(bytes).toString('hex')
}

/**
 * MemoryStore: all contracts in the process's own memory, for tests and for trying things out. It forgets everything with the
 * process, so after a restart every id is new.
 */
import { type Clock, KafkaError, systemClock } from '@samsa/runtime'
import { reach } from '../failpoint.js'
import { idText } from '../store/id-text.js'
import type { Claim, ClaimOutcome, ClaimRequest, Durability, LeaseStore } from '../store/lease-store.js'
import type { AcquiredOffset, OffsetMove, OffsetPlace, OffsetStore } from '../store/offset-store.js'
import type {
  OutboxLane,
  OutboxPlace,
  OutboxRecord,
  OutboxStore,
  WaitingInLane,
  WaitingRecord,
} from '../store/outbox-store.js'
import { matches, type Row, type RowStore } from '../store/row-store.js'
import { inconsistentTopicId } from '../store/store-error.js'
import { checkStoreOptions } from '../store/store-options.js'
import { TransactionTurns } from '../store/transaction-turns.js'
import type { OnceOutcome, OnceRow } from '../store/tx-store.js'
import { MemoryLeases } from './memory-leases.js'
import { MemoryOutbox } from './memory-outbox.js'
import { MemoryTx } from './memory-tx.js'

export interface MemoryStoreOptions {
  /** Time, for tests. */
  readonly clock?: Clock | undefined
  /** The most ids that it remembers; beyond it a new one is refused until some are pruned. Default: 1,000,000. */
  readonly maxIds?: number | undefined
  /** The most records that may wait in its outboxes; beyond it a new one is refused. Default: 1,000,000. */
  readonly maxOutboxRecords?: number | undefined
  /** The most transactions that may wait for the one under way. Default: 10,000. */
  readonly maxWaiting?: number | undefined
  /** The longest that one may wait. Default: 30,000. */
  readonly waitTimeoutMs?: number | undefined
}

interface OnceEntry {
  readonly fingerprint: Uint8Array | undefined
  readonly expiresAt: number
}

interface OffsetEntry {
  readonly topicId: string | undefined
  readonly fence: bigint
  readonly next: bigint | null
}

export function memoryStore(options: MemoryStoreOptions = {}): MemoryStore {
  checkStoreOptions('memoryStore', options)
  return new MemoryStore(options)
}

export class MemoryStore implements OffsetStore<MemoryTx>, LeaseStore, RowStore<MemoryTx>, OutboxStore<MemoryTx> {
  readonly durability: Durability = 'process'
  readonly #clock: Clock
  readonly #maxIds: number
  readonly #turns: TransactionTurns
  readonly #leases: MemoryLeases
  readonly #once = new Map<string, OnceEntry>()
  readonly #offsets = new Map<string, OffsetEntry>()
  readonly #outbox: MemoryOutbox
  readonly #rows = new Map<string, Row>()
  /** What handlers keep through `tx`. */
  readonly #values = new Map<string, unknown>()

  constructor({
    clock = systemClock,
    maxIds = 1_000_000,
    maxOutboxRecords = 1_000_000,
    maxWaiting = 10_000,
    waitTimeoutMs = 30_000,
  }: MemoryStoreOptions) {
    this.#clock = clock
    this.#maxIds = maxIds
    this.#outbox = new MemoryOutbox(maxOutboxRecords)
    this.#leases = new MemoryLeases(clock)
    this.#turns = new TransactionTurns(clock, { maxWaiting, waitTimeoutMs })
  }

  async setup(): Promise<void> {}

  transaction<T>(work: (tx: MemoryTx) => Promise<T>): Promise<T> {
    return this.#turns.take(async () => {
      const tx = new MemoryTx(this.#values)
      let isCommitted = false
      try {
        const result = await work(tx)
        reach('tx.beforeCommit')
        isCommitted = true
        return result
      } finally {
        tx.end(isCommitted)
        if (isCommitted) reach('tx.afterCommit')
      }
    })
  }

  async insertOnce(tx: MemoryTx, rows: readonly OnceRow[]): Promise<readonly OnceOutcome[]> {
    const now = this.#clock.now()
    return rows.map(({ scope, key, ttlMs, fingerprint }) => {
      const id = idText(scope, key)
      const known = this.#once.get(id)
      if (known !== undefined && known.expiresAt > now) return { isFresh: false, fingerprint: known.fingerprint }
      this.#checkRoom()
      tx.write(this.#once, id, { fingerprint, expiresAt: now + ttlMs })
      return { isFresh: true }
    })
  }

  claim(request: ClaimRequest): Promise<ClaimOutcome> {
    return this.#turns.take(async () => {
      this.#checkRoom()
      return this.#leases.claim(request)
    })
  }

  renew(claim: Claim, leaseMs: number): Promise<boolean> {
    return this.#turns.take(async () => this.#leases.renew(claim, leaseMs))
  }

  complete(claim: Claim, ttlMs: number, result?: Uint8Array): Promise<boolean> {
    return this.#turns.take(async () => this.#leases.complete(claim, ttlMs, result))
  }

  release(claim: Claim): Promise<boolean> {
    return this.#turns.take(async () => this.#leases.release(claim))
  }

  acquire({ group, topic, partition }: OffsetPlace, topicId?: string): Promise<AcquiredOffset> {
    return this.#turns.take(async () => {
      const id = idText(group, topic, partition)
      const known = this.#offsets.get(id)
      if (known?.topicId !== undefined && topicId !== undefined && known.topicId !== topicId) {
        throw inconsistentTopicId(topic, partition)
      }
      const next = known?.next ?? null
      const fence = (known?.fence ?? 0n) + 1n
      this.#offsets.set(id, { topicId: topicId ?? known?.topicId, fence, next })
      return { fence, next }
    })
  }

  async advance(tx: MemoryTx, { group, topic, partition, fence, from, to }: OffsetMove): Promise<boolean> {
    const id = idText(group, topic, partition)
    const known = this.#offsets.get(id)
    if (known === undefined || known.fence !== fence || known.next !== from) return false
    tx.write(this.#offsets, id, { ...known, next: to })
    return true
  }

  async insertRow(tx: MemoryTx, table: string, key: Row, row: Row): Promise<Row | undefined> {
    const id = rowId(table, key)
    const known = this.#rows.get(id)
    if (known === undefined) tx.write(this.#rows, id, { ...key, ...row })
    return known
  }

  async readRow(_tx: MemoryTx, table: string, key: Row): Promise<Row | undefined> {
    return this.#rows.get(rowId(table, key))
  }

  async updateRow(
    tx: MemoryTx,
    table: string,
    key: Row,
    { expected, set }: { readonly expected: Row; readonly set: Row },
  ): Promise<boolean> {
    const known = this.#rows.get(rowId(table, key))
    if (known === undefined || !matches(known, expected)) return false
    tx.write(this.#rows, rowId(table, key), { ...known, ...set })
    return true
  }

  async putInOutbox(tx: MemoryTx, lane: OutboxLane, records: readonly OutboxRecord[]): Promise<void> {
    this.#outbox.put(tx, lane, records, this.#clock.now())
  }

  readOutbox(lane: OutboxLane, limit: number): Promise<readonly WaitingRecord[]> {
    return this.#turns.take(async () => this.#outbox.read(lane, limit))
  }

  removeFromOutbox(lane: OutboxLane, records: readonly OutboxPlace[]): Promise<number> {
    return this.#turns.take(async () => this.#outbox.remove(lane, records))
  }

  waitingInOutbox(box: string): Promise<readonly WaitingInLane[]> {
    return this.#turns.take(async () => this.#outbox.waiting(box, this.#clock.now()))
  }

  prune(limit: number): Promise<number> {
    return this.#turns.take(async () => {
      const now = this.#clock.now()
      let removed = 0
      for (const [id, { expiresAt }] of this.#once) {
        if (removed >= limit) break
        if (expiresAt > now) continue
        this.#once.delete(id)
        removed++
      }
      return removed + this.#leases.prune(limit - removed)
    })
  }

  close(): Promise<void> {
    return this.#turns.close(async () => {})
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #checkRoom(): void {
    if (this.#once.size + this.#leases.size < this.#maxIds) return
    throw new KafkaError(
      `The memory store holds ${this.#maxIds} ids: prune those whose time is over, or raise maxIds.`,
      {
        code: 'STORE_FULL',
        // There is room when some are pruned.
        retriable: true,
      },
    )
  }
}

function rowId(table: string, key: Row): string {
  return idText(
    table,
    ...Object.entries(key)
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .flat(),
  )
}

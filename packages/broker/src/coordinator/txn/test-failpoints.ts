/**
 * Failpoints of transactions: everything that is written of them, by name, and a disk that stops before, behind or after
 * the sync of a named write. A name says what happens, as `commit: Ongoing to PrepareCommit` does, and the first write of a
 * name is the failpoint.
 */
import { batchesIn, decodeVersioned, offsetCommitKey, ProtocolError, RecordBatch } from '@samsa/protocol'
import { override } from '../../log/test-log.js'
import type { FaultyFileSystem } from '../../storage/faulty.js'
import type { FileHandle, FileSystem } from '../../storage/file-system.js'
import type { TransactionState } from './transaction.js'
import { transactionOf } from './transaction-records.js'

export type Moment = 'before it is written' | 'when it is written' | 'when it is synced'

export interface Failpoint {
  readonly name: string
  readonly moment: Moment
}

const LOG = /\/((?:__transaction_state|__consumer_offsets|t)-\d+)\/\d+\.log$/

export class Failpoints {
  /** As the broker has it. */
  readonly fileSystem: FileSystem
  /** What was written, in its order, each name once. */
  readonly written = new Set<string>()
  /** What the transactional id is doing; a part of names. */
  act = ''
  readonly #disk: FaultyFileSystem
  readonly #target: Failpoint | undefined
  readonly #states = new Map<string, TransactionState | 'nothing'>()
  /** Of the file that is struck: it stops with its next sync. */
  #struckPath: string | undefined
  #isSpent = false

  constructor(disk: FaultyFileSystem, target?: Failpoint) {
    this.#disk = disk
    this.#target = target
    this.fileSystem = override<FileSystem>(disk, {
      open: (path, options) => {
        const handle = disk.open(path, options)
        const log = LOG.exec(path)?.[1]
        return log === undefined ? handle : this.#watched(handle, path, log)
      },
    })
  }

  /** The write of that name has come, and the machine has stopped there. */
  get hasStruck(): boolean {
    return this.#isSpent
  }

  #watched(handle: FileHandle, path: string, log: string): FileHandle {
    return override<FileHandle>(handle, {
      append: chunks => {
        const name = this.#nameOf(log, Buffer.concat(chunks))
        const isMeant = name !== undefined && !this.written.has(name) && name === this.#target?.name
        if (isMeant && this.#target?.moment === 'before it is written') this.#stop()
        handle.append(chunks)
        if (name !== undefined) this.written.add(name)
        if (!isMeant) return
        if (this.#target?.moment === 'when it is written') this.#stop()
        this.#struckPath = path
      },
      sync: async () => {
        await handle.sync()
        if (this.#struckPath === path) this.#stop()
      },
    })
  }

  #stop(): void {
    this.#isSpent = true
    this.#disk.crash()
  }

  #nameOf(log: string, bytes: Buffer): string | undefined {
    const [batch] = [...batchesIn(bytes)]
    if (!(batch instanceof RecordBatch)) return undefined
    const what = log.startsWith('__transaction_state') ? this.#stepsOf(batch) : written(batch, log)
    return what === undefined ? undefined : `${this.act}: ${what}`
  }

  #stepsOf(batch: RecordBatch): string {
    const steps: string[] = []
    for (const cursor = batch.records(); cursor.next(); ) {
      const { transactionalId = '', transaction } =
        transactionOf({ key: cursor.key() ?? new Uint8Array(0), value: cursor.value() }) ?? {}
      const state = transaction?.state ?? 'nothing'
      steps.push(`${this.#states.get(transactionalId) ?? 'nothing'} to ${state}`)
      this.#states.set(transactionalId, state)
    }
    return steps.join(', ')
  }
}

/** Undefined for what is no part of a transaction. */
function written(batch: RecordBatch, log: string): string | undefined {
  if (!batch.isTransactional) return undefined
  if (batch.isControl) return `marker in ${log}`
  if (!log.startsWith('__consumer_offsets')) return `records in ${log}`
  const cursor = batch.records()
  cursor.next()
  const { group } = decodeVersioned(offsetCommitKey, cursor.key() ?? new Uint8Array(0))
  return `offsets of ${group} in ${log}`
}

/** The states that an id has come through, as a disk has them that has stopped: up to where its log was torn. */
export function statesOn(disk: FileSystem, dataDir: string, transactionalId: string): TransactionState[] {
  const path = `${dataDir}/__transaction_state-0/00000000000000000000.log`
  const states: TransactionState[] = []
  if (!disk.exists(path)) return states
  try {
    for (const batch of batchesIn(disk.readFile(path))) {
      batch.checkCrc()
      for (const cursor = batch.records(); cursor.next(); ) {
        const said = transactionOf({ key: cursor.key() ?? new Uint8Array(0), value: cursor.value() })
        const isMeant = said?.transactionalId === transactionalId
        if (isMeant && said.transaction !== undefined) states.push(said.transaction.state)
      }
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
  }
  return states
}

/**
 * Money moves between accounts by records that come more than once, handled by a worker that is killed in the middle of a
 * transfer and followed by another one.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { json, Producer, string } from '@samsa/producer'
import { ACCOUNTS, type Audit, auditBank, openBank, type Transfer } from './bank.js'
import type { WorkerJob } from './transfer-worker.js'

export interface Transferred {
  readonly transfers: number
  readonly sent: number
  readonly applied: number
  readonly duplicates: number
  /** How the first worker ended. */
  readonly killedBy: string | null
  readonly audit: Audit
}

export interface TransferOptions {
  readonly bootstrapServers: string
  readonly topic: string
  readonly groupId: string
  /** Where the bank's file is made. */
  readonly bank: string
  readonly count: number
  readonly signal: AbortSignal
  readonly onProgress: (handled: number, total: number, perSecond: number) => void
  readonly onCrash: (text: string) => void
}

const WORKER = fileURLToPath(new URL('transfer-worker.js', import.meta.url))
/** A worker that says nothing for so long will not come to its end. */
const SILENCE_MS = 20_000

export async function transferMoney(options: TransferOptions): Promise<Transferred> {
  const { bank, count, onCrash, onProgress, signal } = options
  await openBank(bank)
  const transfers = Array.from({ length: count }, (_, number) => transferOf(number))
  const { sent, ends } = await sendWithDuplicates(options, transfers)

  const startedAt = performance.now()
  const tally = new Tally(ends, handled =>
    onProgress(Math.min(handled, sent), sent, (handled / (performance.now() - startedAt)) * 1000),
  )
  // The first one is killed between debit and credit, the second one goes on where that left off.
  const killedBy = await work(options, tally, Math.ceil(count / 2))
  if (killedBy === 'SIGKILL') onCrash('SIGKILL between debit and credit; another worker takes its place')
  if (!signal.aborted) await work(options, tally, 0)

  const { applied, duplicates } = tally
  const audit = await auditBank(bank, transfers)
  return { transfers: count, sent, applied, duplicates, killedBy, audit }
}

function transferOf(number: number): Transfer {
  const account = (index: number): string => ACCOUNTS[index % ACCOUNTS.length] ?? ''
  return { id: `t${number}`, from: account(number), to: account(number * 3 + 1), amount: 1 + (number % 50) }
}

/** Each transfer is followed by two earlier ones, as from senders that got no answer. Gives the last offset of each partition. */
async function sendWithDuplicates({ bootstrapServers, topic }: TransferOptions, transfers: readonly Transfer[]) {
  await using producer = new Producer({ bootstrapServers, key: string, value: json<Transfer>() })
  const earlier = (number: number): Transfer[] => transfers.slice(number, number + 1)
  const deliveries = transfers.flatMap((transfer, number) => [
    transfer,
    ...earlier(number >> 1),
    ...earlier(Math.max(0, number - 3)),
  ])
  const places = await producer.sendAll(deliveries.map(value => ({ topic, key: value.id, value })))
  const ends = new Map<number, bigint>()
  for (const { partition, offset } of places) {
    if (offset > (ends.get(partition) ?? -1n)) ends.set(partition, offset)
  }
  return { sent: deliveries.length, ends }
}

/** What workers say that they did, counted; all of it is done when the last record of every partition is. */
class Tally {
  readonly #ends: Map<number, bigint>
  readonly #told: (handled: number) => void
  applied = 0
  duplicates = 0

  constructor(ends: ReadonlyMap<number, bigint>, told: (handled: number) => void) {
    this.#ends = new Map(ends)
    this.#told = told
  }

  get isComplete(): boolean {
    return this.#ends.size === 0
  }

  hear(line: string): void {
    const [what, partition, offset] = line.split(' ')
    if (what === 'applied') this.applied++
    if (what === 'duplicate') this.duplicates++
    if (String(this.#ends.get(Number(partition))) === offset) this.#ends.delete(Number(partition))
    this.#told(this.applied + this.duplicates)
  }
}

/** One life of a worker; gives the signal that ended it, or null when it ended by itself. */
async function work(options: TransferOptions, tally: Tally, standStillAt: number): Promise<string | null> {
  const { bootstrapServers, topic, groupId, bank, signal } = options
  const job: WorkerJob = { bootstrapServers, topic, groupId, bank, standStillAt }
  const worker = spawn(process.execPath, ['--no-warnings', WORKER, JSON.stringify(job)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = once(worker, 'close') as Promise<[number | null, NodeJS.Signals | null]>
  worker.stdin.on('error', () => {})
  const silence = setTimeout(() => worker.kill('SIGTERM'), SILENCE_MS)
  const stop = (): void => void worker.stdin.end()
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  createInterface({ input: worker.stdout }).on('line', line => {
    silence.refresh()
    listen(worker, line, tally, stop)
  })
  try {
    const [, endedBy] = await ended
    return endedBy
  } finally {
    clearTimeout(silence)
    signal.removeEventListener('abort', stop)
  }
}

function listen(worker: ChildProcess, line: string, tally: Tally, stop: () => void): void {
  if (line === 'halfway') {
    worker.kill('SIGKILL')
    return
  }
  tally.hear(line)
  if (tally.isComplete) stop()
}

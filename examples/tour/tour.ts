/**
 * The tour: three steps against one Kafka, each in a file of its own, and the checks that have to hold. It makes its topics, which
 * it finds by their names and makes anew, and leaves them there to be looked at.
 */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { Admin } from '@samsa/client'
import { ACCOUNTS, OPENING_BALANCE } from './bank.js'
import { produceOrders } from './produce-orders.js'
import { counted, type Screen } from './screen.js'
import { shareOrders } from './share-orders.js'
import { transferMoney } from './transfer-money.js'
import { type Check, checkProduced, checkShared, checkTransferred } from './verdict.js'

export interface TourOptions {
  readonly bootstrapServers: string
  /** Where the bank's database is made; it should be empty. */
  readonly folder: string
  readonly screen: Screen
  readonly signal: AbortSignal
  /** How many orders and transfers; the tour of `npm start` unless told otherwise. */
  readonly size?: { readonly orders: number; readonly transfers: number }
}

export interface TourOutcome {
  /** All of it was seen, and every check holds. */
  readonly isPassed: boolean
  /** The signal came before the end. */
  readonly isInterrupted: boolean
  /** Up to those of the first step with one that does not hold. */
  readonly checks: readonly Check[]
}

export const ORDERS_TOPIC = 'tour-orders'
export const TRANSFERS_TOPIC = 'tour-transfers'
const FULL_SIZE = { orders: 100_000, transfers: 500 }

/** Ends early once the signal is aborted, or where something does not hold: what comes next would build on it. */
export async function tour(options: TourOptions): Promise<TourOutcome> {
  const { screen, signal } = options
  const checks: Check[] = []
  const run = randomUUID().slice(0, 8)
  await makeTopics(options.bootstrapServers)
  for (const step of [showProducing, showSharing, showTransfers]) {
    const found = await step(options, run)
    if (signal.aborted) return { isPassed: false, isInterrupted: true, checks }
    for (const { isPassed, text } of found) screen.check(isPassed, text)
    checks.push(...found)
    if (found.some(check => !check.isPassed)) return { isPassed: false, isInterrupted: false, checks }
  }
  return { isPassed: true, isInterrupted: false, checks }
}

async function showProducing({ bootstrapServers, screen, signal, size = FULL_SIZE }: TourOptions) {
  const count = size.orders
  screen.step(`${counted(count)} orders, in batches`, 'examples/tour/produce-orders.ts')
  const produced = await produceOrders({
    bootstrapServers,
    topic: ORDERS_TOPIC,
    count,
    signal,
    onProgress: (done, perSecond) => screen.progress(done, count, perSecond),
  })
  const { acknowledged, batches, seconds } = produced
  if (acknowledged > 0) {
    screen.line(
      `${counted(acknowledged / seconds)} orders/s: ${seconds.toFixed(1)} s, in ${counted(batches)} batches of ${counted(acknowledged / batches)}`,
    )
  }
  return checkProduced(count, produced)
}

async function showSharing({ bootstrapServers, screen, signal, size = FULL_SIZE }: TourOptions, run: string) {
  const count = size.orders
  screen.step('Two consumers share them', 'examples/tour/share-orders.ts')
  const shared = await shareOrders({
    bootstrapServers,
    topic: ORDERS_TOPIC,
    groupId: `tour-shops-${run}`,
    count,
    signal,
    onProgress: (seen, perSecond) => screen.progress(seen, count, perSecond),
    onRebalance: text => screen.line(text),
  })
  return checkShared(count, shared)
}

async function showTransfers({ bootstrapServers, folder, screen, signal, size = FULL_SIZE }: TourOptions, run: string) {
  const count = size.transfers
  const title = `${counted(count)} money transfers, and a crash`
  screen.step(title, 'examples/tour/transfer-worker.ts')
  const transferred = await transferMoney({
    bootstrapServers,
    topic: TRANSFERS_TOPIC,
    groupId: `tour-bank-${run}`,
    bank: join(folder, 'bank.db'),
    count,
    signal,
    onProgress: (handled, total, perSecond) => screen.progress(handled, total, perSecond),
    onCrash: text => screen.line(text),
  })
  return checkTransferred(transferred, ACCOUNTS.length * OPENING_BALANCE)
}

async function makeTopics(bootstrapServers: string): Promise<void> {
  await using admin = new Admin({ bootstrapServers })
  const ours = [
    { name: ORDERS_TOPIC, partitions: 6 },
    { name: TRANSFERS_TOPIC, partitions: 3 },
  ]
  const there = new Set((await admin.listTopics()).map(({ name }) => name))
  const old = ours.map(({ name }) => name).filter(name => there.has(name))
  if (old.length > 0) await admin.deleteTopics(old)
  await admin.createTopics(ours)
}

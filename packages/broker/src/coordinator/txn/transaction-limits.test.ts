/**
 * How much memory of transactional ids and of open transactions a broker keeps, and what ten thousand of them are reckoned at.
 */
import { expect, test } from 'vitest'
import { NO_ID, newTransaction, type Transaction, withPartitions } from './transaction.js'
import { transactionRecord, transactionTombstone } from './transaction-records.js'
import { areFull } from './transaction-runtime.js'
import { TransactionShard } from './transaction-shard.js'

const MOST_BYTES = 256 * 1024 * 1024
const MANY = 10_000
const PARTITIONS = 50

function shardOf(): TransactionShard {
  const settings = {
    expirationMs: 1,
    expirationCheckMs: 1,
    timeoutCheckMs: 1,
    serverVersion: () => 2 as const,
    nextProducerId: () => NO_ID,
    isFullOf: () => false,
    orderMarkers: () => undefined,
  }
  return new TransactionShard(settings, 0)
}

function open(transactionalId: string, partitions: number): Transaction {
  const numbers = Array.from({ length: partitions }, (_, index) => index)
  return withPartitions(newTransaction(transactionalId, 1, 1000, 0), [{ topic: 'orders', partitions: numbers }], 2, 0)
}

function keep(shard: TransactionShard, transaction: Transaction): void {
  shard.replay(transactionRecord(transaction, 2))
}

test('new ids take half of the memory, and open transactions the rest', () => {
  const shard = shardOf()
  keep(shard, newTransaction('x'.repeat(30_000), 1, 1000, 0))
  expect(shard.heldBytes).toBeGreaterThan(60_000)
  const half = { heldBytes: MOST_BYTES / 2 - shard.heldBytes }
  expect([areFull([half], 'ids'), areFull([half, shard], 'ids')]).toEqual([false, true])
  expect(areFull([half, shard], 'partitions')).toBe(false)
  const larger = shardOf()
  keep(larger, open('large', 5000))
  const whole = { heldBytes: MOST_BYTES - larger.heldBytes }
  expect([areFull([whole], 'partitions'), areFull([whole, larger], 'partitions')]).toEqual([false, true])
})

test(`${MANY} transactions with ${PARTITIONS} partitions each are reckoned at less than 3 KiB each, and at nothing when gone`, () => {
  const shard = shardOf()
  for (let index = 0; index < MANY; index++) keep(shard, open(`id-${index}`, PARTITIONS))
  expect(shard.size).toBe(MANY)
  expect(shard.heldBytes / MANY).toBeGreaterThan(PARTITIONS * 32)
  expect(shard.heldBytes / MANY).toBeLessThan(3 * 1024)
  // The same again takes no more.
  for (let index = 0; index < MANY; index++) keep(shard, open(`id-${index}`, PARTITIONS))
  expect(shard.heldBytes / MANY).toBeLessThan(3 * 1024)
  for (let index = 0; index < MANY; index++) shard.replay(transactionTombstone(`id-${index}`))
  expect([shard.size, shard.heldBytes]).toEqual([0, 0])
})

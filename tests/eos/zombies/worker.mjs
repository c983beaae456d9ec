/**
 * A worker of the zombie tests, told by ZOMBIE_JOB who it is. The one that `stalls` stops itself (SIGSTOP) in the middle of its
 * first work; when it is woken, it goes on as if nothing had happened, says what came of that work, and ends. The other one
 * handles all that is there, and ends.
 */
import { Consumer, json } from '@samsa/consumer'
import { dedup, eosMetrics, offsetsInTransaction, transactionalLoop } from '@samsa/eos'
import { armFailpoint } from '@samsa/eos/internal'
import { Producer, json as written } from '@samsa/producer'
import { legsOf, openBank } from '../matrix/banks.mjs'
import { legsTopic, until } from '../matrix/schemes.mjs'

const { scheme, topic, client, place, count, stalls, transactionalId } = JSON.parse(process.env.ZOMBIE_JOB ?? '{}')

const LEASE_MS = 400
const ONE_RECORD = { maxPollRecords: 1, fetchMaxWaitMs: 20 }

/** Whoever sends SIGCONT finds everything as it was. */
let hasStalled = false
function stall() {
  if (!stalls || hasStalled) return
  hasStalled = true
  process.kill(process.pid, 'SIGSTOP')
}

const opened = place === undefined ? undefined : await openBank(place)
const { store, bank } = opened ?? {}

function consumerOf(more = {}) {
  return new Consumer({
    ...client,
    groupId: topic,
    value: json(),
    autoOffsetReset: 'earliest',
    enableAutoCommit: false,
    sessionTimeoutMs: 1000,
    heartbeatIntervalMs: 200,
    ...ONE_RECORD,
    ...more,
  })
}

/** One by one, each committed when it is handled. */
async function handled(handle) {
  const consumer = consumerOf()
  consumer.subscribe([topic])
  const outcome = {}
  for (let isOver = false; !isOver; ) {
    for (const record of await consumer.poll()) {
      const { signal } = new AbortController()
      outcome.handled = await codeOf(handle(record, { attempt: 1, groupId: topic, signal, heartbeat: async () => {} }))
      const { partition, offset } = record
      outcome.committed = await codeOf(consumer.commitSync([{ topic, partition, offset: offset + 1n }]))
      isOver = stalls || record.offset === BigInt(count - 1)
    }
  }
  await consumer.close()
  return outcome
}

/** Runs a loop until it is whole, or where it stalled until something came of that. */
function looped(loop, helper, isWhole) {
  const hasFailed = () => (eosMetrics()[helper]?.fenced ?? 0) + (eosMetrics()[helper]?.aborted ?? 0) > 0
  return until(loop, stalls ? async () => hasStalled && hasFailed() : isWhole)
}

const schemes = {
  async dedup() {
    let duplicates = 0
    const handle = dedup(
      { store, key: ({ value }) => value.id, onDuplicate: () => duplicates++ },
      ({ value }, { tx }) => bank.move(tx, value),
    )
    const outcome = await handled(async (record, context) => {
      stall()
      await handle(record, context)
    })
    return { ...outcome, duplicates }
  },
  lease() {
    armFailpoint('dedup.beforeComplete', 1, stall)
    return handled(
      dedup({ store, key: ({ value }) => value.id, leaseMs: LEASE_MS }, ({ value }, { idempotencyKey }) =>
        bank.moveOnce(idempotencyKey, value),
      ),
    )
  },
  async offsets() {
    const consumer = consumerOf({ autoOffsetReset: 'none' })
    const stalling = new Proxy(store, {
      get: (target, name) => (name === 'transaction' ? work => stallBefore(target, work) : bound(target, name)),
    })
    // The first transaction stores where the partition begins; the second one has records.
    let transactions = 0
    const stallBefore = (target, work) => {
      if (++transactions === 2) stall()
      return target.transaction(work)
    }
    const loop = offsetsInTransaction(
      { consumer, store: stalling, topics: [topic], onMissing: 'earliest', retryBackoffMs: 10 },
      async ([{ value }], { tx }) => bank.move(tx, value),
    )
    await looped(loop, 'offsetsInTransaction', async () => (await bank.read()).legs.length >= count * 2)
    await consumer.close()
    return {}
  },
  async loop() {
    const consumer = consumerOf({ isolationLevel: 'readCommitted' })
    const producer = new Producer({ ...client, transactionalId, transactionTimeoutMs: 4000, value: written() })
    if (stalls) armFailpoint('loop.afterSend', 1, stall)
    const loop = transactionalLoop({ consumer, producer, topics: [topic], maxDelayMs: 0 }, ([{ value }], out) => {
      for (const leg of legsOf(value)) out.send({ topic: legsTopic(topic), value: leg })
    })
    const watcher = new Consumer({ ...client, groupId: topic, enableAutoCommit: false })
    await looped(loop, 'transactionalLoop', async () => {
      const [committed] = await watcher.committed([{ topic, partition: 0 }])
      return committed?.offset === BigInt(count)
    })
    await Promise.all([watcher.close(), consumer.close(), producer.close()])
    return {}
  },
}

async function codeOf(promise) {
  try {
    await promise
    return 'ok'
  } catch (error) {
    return error.code ?? error.message
  }
}

function bound(target, name) {
  const value = target[name]
  return typeof value === 'function' ? value.bind(target) : value
}

const outcome = await schemes[scheme]().catch(error => ({ failure: error.code ?? error.message }))
process.stdout.write(JSON.stringify({ ...outcome, metrics: eosMetrics() }), () => process.exit(0))

/**
 * Schemes: ways in which one process handles all records of a topic, each transfer to be done once. What a scheme needs to be
 * in the matrix is here: its steps, the stores that it runs on, how it runs, and where its results are to be read. A life of
 * a process calls `run` and is over when that resolves, or dies at a step.
 */
import { Consumer, json } from '@samsa/consumer'
import {
  deadLetter,
  dedup,
  dedupBatch,
  kafkaStore,
  ledger,
  offsetsInTransaction,
  outbox,
  retry,
  transactionalLoop,
  versionCheck,
} from '@samsa/eos'
import { historyHeader } from '@samsa/eos/history'
import { Producer, json as written } from '@samsa/producer'
import { legsOf } from './banks.mjs'

const LEASE_MS = 150
/** Long enough that a lane is not lost on a busy machine. */
const LANE_LEASE_MS = 400
const LOOK_MS = 20
const DATABASES = ['memory', 'sqlite', 'postgres', 'mariadb']
const COMMIT = ['tx.beforeCommit', 'tx.afterCommit']
const LOOP = ['loop.afterPoll', 'loop.afterSend', 'loop.afterSendOffsets', 'loop.beforeCommit', 'loop.afterCommit']

const key = record => record.value.id

function consumerOf({ client, topic, closing, history }, more = {}) {
  const make = history === undefined ? options => new Consumer(options) : options => history.consumer(options)
  const consumer = make({
    ...client,
    groupId: topic,
    value: json(),
    autoOffsetReset: 'earliest',
    autoCommitIntervalMs: 10,
    fetchMaxWaitMs: 20,
    maxPollRecords: 4,
    ...more,
  })
  closing.push(timeout => consumer.close(timeout))
  return consumer
}

/** Of a group whose member comes back under its old name: nobody waits for the session of the one that died. */
function memberOf(life, more) {
  const session = { groupInstanceId: 'worker', sessionTimeoutMs: 30_000, heartbeatIntervalMs: 100 }
  return consumerOf(life, { ...session, enableAutoCommit: false, ...more })
}

function producerOf({ client, topic, closing, history }) {
  const make = history === undefined ? options => new Producer(options) : options => history.producer(options)
  const producer = make({ ...client, transactionalId: topic, lingerMs: 0, value: written() })
  closing.push(timeout => producer.close(timeout))
  return producer
}

/** By a handler for `run()`. Partitions are given, not shared: a killed member would keep its own for a session. */
const handled = handlerOf => async life => {
  const consumer = consumerOf(life)
  const place = { topic: life.topic, partition: 0 }
  consumer.assign([place])
  if ((await consumer.position(place)) >= BigInt(life.count)) return
  const handler = handlerOf(life)
  const finished = new AbortController()
  await consumer.run(
    async (record, context) => {
      await handler(record, context)
      if (record.offset === BigInt(life.count - 1)) finished.abort()
    },
    { signal: finished.signal },
  )
}

async function batches(life) {
  const consumer = consumerOf(life)
  consumer.assign([{ topic: life.topic, partition: 0 }])
  const handle = dedupBatch(deduped(life), async (records, { tx }) => {
    for (const { value } of records) await life.bank.move(tx, value)
  })
  for await (const records of consumer.batches()) {
    await handle(records, { groupId: life.topic })
    if ([...records].at(-1).offset === BigInt(life.count - 1)) return
  }
}

/** A loop runs until its results are whole, as somebody sees them who looks now and then. */
export async function until(loop, isWhole) {
  const end = new AbortController()
  const running = loop.run({ signal: end.signal })
  let hasEnded = false
  running
    .catch(() => {})
    .finally(() => {
      hasEnded = true
    })
  try {
    while (!hasEnded && !(await isWhole())) await new Promise(resolve => setTimeout(resolve, LOOK_MS))
  } finally {
    end.abort()
  }
  await running
}

const named = ({ value, offset }) => ({ ...value, id: `${value.id}@${offset}` })

function offsets(life) {
  const consumer = memberOf(life, { autoOffsetReset: 'none' })
  const loop = offsetsInTransaction(
    { consumer, store: life.store, topics: [life.topic], batch: 4, onMissing: 'earliest', retryBackoffMs: 10 },
    async (records, { tx }) => {
      for (const record of records) await life.bank.move(tx, named(record))
    },
  )
  return until(loop, async () => (await life.bank.read()).legs.length >= life.count * 2)
}

/** `dedup`: whether it is each transfer that is done once, or each record. */
const transactions = isDeduped => async life => {
  const { topic, client, closing, count } = life
  const consumer = memberOf(life, { isolationLevel: 'readCommitted' })
  const producer = producerOf(life)
  const store = kafkaStore({ topic: `${topic}.ids` })
  const transfer = isDeduped ? ({ value }) => value : named
  const loop = transactionalLoop(
    {
      ...{ consumer, producer, topics: [topic], maxBatch: 4, maxDelayMs: 0 },
      ...(isDeduped ? { dedup: { store, key } } : {}),
    },
    (records, out) => {
      for (const record of records) {
        // So that a history knows what was made of what.
        const headers = [[historyHeader, record.header(historyHeader) ?? '']]
        for (const value of legsOf(transfer(record))) out.send({ topic: legsTopic(topic), value, headers })
      }
    },
  )
  const watcher = new Consumer({ ...client, groupId: topic, enableAutoCommit: false })
  closing.push(timeout => watcher.close(timeout))
  await until(loop, async () => {
    const [committed] = await watcher.committed([{ topic, partition: 0 }])
    return committed?.offset === BigInt(count)
  })
}

/** Transfers are done and put into the outbox by one commit; the relay of the same process sends them. */
const relayed = mode => async life => {
  const box = outbox(life.store, { name: life.topic, lanes: 2, value: written() })
  const put = handled(({ bank }) =>
    dedup(deduped(life), async ({ value }, { tx }) => {
      await bank.move(tx, value)
      const records = legsOf(value).map(leg => ({ topic: legsTopic(life.topic), key: leg.account, value: leg }))
      await box.put(tx, records)
    }),
  )
  const handling = put(life)
  let isPut = false
  handling.then(
    () => {
      isPut = true
    },
    () => {},
  )
  const relay = box.relay({
    producer: { ...life.client, retryBackoffMs: 10 },
    ...{ mode, batch: 4, pollIntervalMs: 10, retryBackoffMs: 10, leaseMs: LANE_LEASE_MS },
  })
  await Promise.all([handling, until(relay, async () => isPut && (await box.waiting()).records === 0)])
}

const isPoison = ({ number }) => number % 6 === 0
const isSlow = ({ number }) => number % 6 === 1

/** Some transfers cannot be done by anybody, and some not when they come first. */
async function setAside(life) {
  const { topic, client, closing, store, bank } = life
  const consumer = consumerOf(life)
  const places = [topic, laterTopic(topic)].map(name => ({ topic: name, partition: 0 }))
  consumer.assign(places)
  const producer = new Producer({ ...client, lingerMs: 0 })
  closing.push(timeout => producer.close(timeout))
  const move = async ({ value }, { tx, attempt }) => {
    if (isPoison(value)) throw new Error('nobody can do this')
    if (isSlow(value) && attempt === 1) throw new Error('not now')
    await bank.move(tx, value)
  }
  const later = [{ topic: laterTopic(topic), delayMs: 5 }]
  // As often as a transfer comes, and lives are lost over it.
  const maxDeliveries = 1000
  const handler = deadLetter(
    { producer, topic: deadTopic(topic), store, maxDeliveries },
    retry({ attempts: 1, topics: later, producer }, dedup(deduped(life), move)),
  )
  const watcher = new Consumer({ ...client, groupId: topic, enableAutoCommit: false })
  closing.push(timeout => watcher.close(timeout))
  const loop = { run: ({ signal }) => consumer.run(handler, { signal }) }
  await until(loop, async () => {
    // What was moved is there before the offset behind it is committed.
    const committed = await watcher.committed(places)
    const ends = await watcher.endOffsets(places)
    return ends.every(({ offset }, index) => (committed[index]?.offset ?? 0n) === offset)
  })
}

const deduped = ({ store, bank, noting }) => ({
  store,
  key,
  onDuplicate: record => {
    const noted = bank.noteDuplicate(record.value.id)
    noted.catch(() => {})
    noting.push(noted)
  },
})

export const legsTopic = topic => `${topic}.legs`
export const laterTopic = topic => `${topic}.later`
export const deadTopic = topic => `${topic}.dead`

export const schemes = {
  dedup: {
    steps: ['dedup.afterBegin', 'dedup.afterInsert', 'dedup.afterHandler', ...COMMIT],
    stores: DATABASES,
    run: handled(life => dedup(deduped(life), ({ value }, { tx }) => life.bank.move(tx, value))),
  },
  batch: {
    steps: ['dedup.batchAfterInsert', 'dedup.batchAfterHandler', ...COMMIT],
    stores: DATABASES,
    run: batches,
  },
  lease: {
    steps: ['dedup.afterClaim', 'dedup.beforeComplete', 'dedup.afterComplete'],
    stores: [...DATABASES, 'redis'],
    run: handled(life =>
      dedup(
        { ...deduped(life), store: life.leases ?? life.store, leaseMs: LEASE_MS },
        ({ value }, { idempotencyKey }) => life.bank.moveOnce(idempotencyKey, value),
      ),
    ),
  },
  ledger: {
    steps: ['ledger.afterInsert', 'ledger.afterHandler', ...COMMIT],
    stores: DATABASES,
    run: handled(life =>
      ledger(
        {
          ...{ store: life.store, onDuplicate: deduped(life).onDuplicate },
          entries: ({ value }) =>
            legsOf(value).map(({ amount, ...rest }) => ({ table: 'entries', key: rest, row: { amount } })),
        },
        ({ value }, { tx }) => life.bank.move(tx, value),
      ),
    ),
  },
  versionCheck: {
    steps: ['versionCheck.afterUpdate', 'versionCheck.afterHandler', ...COMMIT],
    stores: DATABASES,
    run: handled(life => {
      const { onDuplicate, ...rest } = deduped(life)
      return versionCheck(
        {
          ...rest,
          table: 'books',
          row: () => ({ id: 'all transfers' }),
          expected: record => BigInt(record.value.number),
          set: () => ({}),
          onOutcome: (outcome, record) => void (outcome === 'stale' && onDuplicate(record)),
        },
        ({ value }, { tx }) => life.bank.move(tx, value),
      )
    }),
  },
  'set aside': {
    steps: ['retry.afterSend', 'deadLetter.afterCount', 'deadLetter.afterSend'],
    stores: DATABASES,
    isPoison,
    run: setAside,
  },
  offsets: {
    steps: ['offsets.afterAcquire', 'offsets.afterWork', 'offsets.afterAdvance', ...COMMIT],
    stores: DATABASES,
    unit: 'record',
    run: offsets,
  },
  'relay at least once': {
    steps: [...COMMIT, 'relay.afterRead', 'relay.afterSend', 'relay.afterAck', 'relay.afterRemove'],
    stores: DATABASES,
    results: 'repeated topic',
    run: relayed('at-least-once'),
  },
  'relay exactly once': {
    steps: [...COMMIT, 'relay.afterRead', 'relay.afterSend', 'relay.afterCommit', 'relay.afterRemove'],
    stores: DATABASES,
    results: 'topic',
    run: relayed('exactly-once'),
  },
  'transactional loop': {
    steps: LOOP,
    stores: ['kafka'],
    unit: 'record',
    results: 'topic',
    run: transactions(false),
  },
  'loop with ids': {
    steps: LOOP,
    stores: ['kafka'],
    results: 'topic',
    run: transactions(true),
  },
  /** What happens without any of them: the judge has to notice. */
  nothing: {
    steps: [],
    stores: ['sqlite'],
    run: handled(
      life =>
        ({ value }) =>
          life.store.transaction(async tx => life.bank.move(tx, value)),
    ),
  },
}

/**
 * A worker that one of its records kills: handles a topic and its delay topic by deadLetter(retry(dedup)), with a store in an SQLite
 * file, until SIGTERM. Told what to do by WORKER_JOB; killed at the step that SAMSA_EOS_FAILPOINT names, too.
 */
import { Consumer, json } from '@samsa/consumer'
import { deadLetter, dedup, retry } from '@samsa/eos'
import { sqliteStore } from '@samsa/eos/sqlite'
import { Producer } from '@samsa/producer'

const { bootstrapServers, group, main, soon, dead, path, maxDeliveries } = JSON.parse(process.env.WORKER_JOB ?? '{}')

const store = sqliteStore(path)
await store.transaction(async tx => tx.run('CREATE TABLE IF NOT EXISTS done (id TEXT)'))
const producer = new Producer({ bootstrapServers })
const consumer = new Consumer({
  bootstrapServers,
  groupId: group,
  value: json(),
  autoOffsetReset: 'earliest',
  autoCommitIntervalMs: 10,
  fetchMaxWaitMs: 20,
})
// Given, not shared: a killed member would keep its partitions until its session is over.
consumer.assign([main, soon].map(topic => ({ topic, partition: 0 })))

const handle = deadLetter(
  { producer, topic: dead, store, maxDeliveries },
  retry(
    { attempts: 1, topics: [{ topic: soon, delayMs: 50 }], producer },
    dedup({ store, key: record => record.value.id }, ({ value }, { tx }) => {
      tx.run('INSERT INTO done VALUES (?)', value.id)
      if (value.does === 'kill') process.kill(process.pid, 'SIGKILL')
      if (value.does === 'fail') throw new Error('on purpose')
    }),
  ),
)

const stop = new AbortController()
process.once('SIGTERM', () => stop.abort())
await consumer.run(handle, { signal: stop.signal })
await consumer.close()
await producer.close()
await store.close()

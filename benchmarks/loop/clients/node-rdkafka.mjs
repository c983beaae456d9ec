/**
 * node-rdkafka: as many messages as a call gives, `produce` for each, offsets, commit.
 */
import { connected, KafkaConsumer, Producer } from '../../contest/peers/node-rdkafka.mjs'

const CALL_MS = 30_000
const POLL_MS = 100

export async function copy({ address, topic, output, group, batchRecords }, tally) {
  const producer = new Producer({
    'metadata.broker.list': address,
    'transactional.id': output,
    'linger.ms': 0,
    'socket.nagle.disable': true,
  })
  const consumer = new KafkaConsumer(
    {
      ...{ 'metadata.broker.list': address, 'group.id': group },
      ...{ 'enable.auto.commit': false, 'isolation.level': 'read_committed' },
    },
    { 'auto.offset.reset': 'earliest' },
  )
  await connected(producer)
  await asked(done => producer.initTransactions(CALL_MS, done))
  await connected(consumer)
  consumer.setDefaultConsumeTimeout(POLL_MS)
  consumer.subscribe([topic])
  for (;;) {
    const messages = await asked(done => consumer.consume(batchRecords, done))
    if (messages.length === 0) continue
    await asked(done => producer.beginTransaction(done))
    const ends = new Map()
    for (const { partition, offset, key, value } of messages) {
      producer.produce(output, null, value, key)
      ends.set(partition, offset + 1)
    }
    const offsets = [...ends].map(([partition, offset]) => ({ topic, partition, offset }))
    await asked(done => producer.sendOffsetsToTransaction(offsets, consumer, CALL_MS, done))
    await asked(done => producer.commitTransaction(CALL_MS, done))
    tally.committed(messages.length)
  }
}

function asked(call) {
  return new Promise((resolve, reject) => call((error, found) => (error ? reject(error) : resolve(found))))
}

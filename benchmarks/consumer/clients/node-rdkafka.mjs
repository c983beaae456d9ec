/**
 * node-rdkafka: a thousand messages a call is its best for much, flowing for little at a time.
 */
import { connected, disconnected, KafkaConsumer } from '../../contest/peers/node-rdkafka.mjs'

const MESSAGES_A_CALL = 1000
const CALL_TIMEOUT_MS = 5

const WAYS = {
  consume: async (consumer, tally) => {
    consumer.setDefaultConsumeTimeout(CALL_TIMEOUT_MS)
    while (!tally.isDone) for (const message of await next(consumer)) take(tally, message)
  },
  flowing: async (consumer, tally) => {
    consumer.on('data', message => take(tally, message))
    consumer.consume()
    await tally.done
  },
}

export async function read({ address, topic, group, mode }, tally) {
  const consumer = new KafkaConsumer(
    { 'metadata.broker.list': address, 'group.id': group, 'queued.min.messages': 200_000 },
    { 'auto.offset.reset': 'earliest' },
  )
  await connected(consumer)
  consumer.subscribe([topic])
  await WAYS[mode](consumer, tally)
  return () => disconnected(consumer)
}

function next(consumer) {
  return new Promise((resolve, reject) =>
    consumer.consume(MESSAGES_A_CALL, (error, messages) => (error ? reject(error) : resolve(messages))),
  )
}

function take(tally, { partition, offset, key, value }) {
  tally.take(partition, offset, key, value)
}

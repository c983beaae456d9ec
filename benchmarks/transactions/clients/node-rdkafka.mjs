/**
 * node-rdkafka: `produce` for each record, then `flush`, which waits for all of them.
 */
import { connected, disconnected, Producer } from '../../contest/peers/node-rdkafka.mjs'

const CALL_MS = 30_000

export async function open({ address, topic }) {
  const producer = new Producer({
    'metadata.broker.list': address,
    'transactional.id': topic,
    'linger.ms': 0,
    'socket.nagle.disable': true,
  })
  const asked = call => new Promise((resolve, reject) => call(error => (error ? reject(error) : resolve())))
  await connected(producer)
  await asked(done => producer.initTransactions(CALL_MS, done))
  return {
    begin: () => asked(done => producer.beginTransaction(done)),
    send: records => {
      for (const { key, value } of records) producer.produce(topic, null, value, key)
      return asked(done => producer.flush(CALL_MS, done))
    },
    commit: () => asked(done => producer.commitTransaction(CALL_MS, done)),
    close: () => disconnected(producer),
  }
}

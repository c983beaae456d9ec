/**
 * kafkajs: all records of a transaction in one call.
 */
import { kafkajs } from '../../contest/peers/kafkajs.mjs'

export async function open({ address, topic }) {
  const options = { transactionalId: topic, idempotent: true, maxInFlightRequests: 1 }
  const producer = kafkajs({ address, codec: 'none' }).producer(options)
  await producer.connect()
  let transaction
  return {
    begin: async () => {
      transaction = await producer.transaction()
    },
    send: records => transaction.send({ topic, acks: -1, messages: records.map(({ key, value }) => ({ key, value })) }),
    commit: () => transaction.commit(),
    close: () => producer.disconnect(),
  }
}

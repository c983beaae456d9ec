/**
 * @platformatic/kafka: all records of a transaction in one call.
 */
import { Producer } from '../../contest/peers/platformatic.mjs'

const ACKS_ALL = -1
/** It tries three times by default, once a second, which is not always enough. */
const RETRIES = 20

export async function open({ address, topic }) {
  const how = { transactionalId: topic, acks: ACKS_ALL, idempotent: true, retries: RETRIES }
  const producer = new Producer({ clientId: 'platformatic', bootstrapBrokers: [address], ...how })
  let transaction
  return {
    begin: async () => {
      transaction = await producer.beginTransaction({})
    },
    send: records => transaction.send({ messages: records.map(({ key, value }) => ({ topic, key, value })) }),
    commit: () => transaction.commit(),
    close: () => producer.close(),
  }
}

/**
 * Ours, with all options as they are by default.
 */
import { Producer } from '@samsa/producer'

export async function open({ address, topic }) {
  const producer = new Producer({ bootstrapServers: address, transactionalId: topic })
  await producer.initTransactions()
  return {
    begin: () => producer.beginTransaction(),
    send: records => Promise.all(records.map(({ key, value }) => producer.send({ topic, key, value }))),
    commit: () => producer.commitTransaction(),
    close: () => producer.close(),
  }
}

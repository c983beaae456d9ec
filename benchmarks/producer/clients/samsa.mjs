/**
 * Ours: `send` with a promise for each record, or `enqueue` with a callback that all of them share. No option is changed but
 * what the workload says.
 */
import { Producer } from '@samsa/producer'
import { sendOutstanding } from '../outstanding.mjs'

export async function open({ address, topic, codec, mode, outstanding, options = {} }) {
  const producer = new Producer({ bootstrapServers: address, acks: 'all', compression: codec, ...options })
  const modes = {
    send: (records, count) =>
      sendOutstanding(count, outstanding, (index, succeeded, failed) => {
        const { key, value } = records[index % records.length]
        producer.send({ topic, key, value }).then(succeeded, failed)
      }),
    enqueue: (records, count) => {
      let onDelivery
      return sendOutstanding(count, outstanding, (index, succeeded, failed) => {
        onDelivery ??= error => (error === undefined ? succeeded() : failed(error))
        const { key, value } = records[index % records.length]
        return producer.enqueue({ topic, key, value }, onDelivery)
      })
    },
  }
  const sendOne = ({ key, value }) => producer.send({ topic, key, value })
  return { send: modes[mode], sendOne, close: () => producer.close() }
}

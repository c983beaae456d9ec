/**
 * kafkajs: `send` makes a request of each record; `sendBatch` with 1,000 records a call is its best. Idempotence allows it one
 * request at a time.
 */
import { compressionOf, kafkajs } from '../../contest/peers/kafkajs.mjs'
import { sendOutstanding } from '../outstanding.mjs'

const BATCH_RECORDS = 1000

export async function open({ address, topic, codec, mode, outstanding }) {
  const compression = compressionOf(codec)
  const producer = kafkajs({ address, codec }).producer({ idempotent: true, maxInFlightRequests: 1 })
  await producer.connect()
  const sendOne = ({ key, value }) => producer.send({ topic, acks: -1, compression, messages: [{ key, value }] })
  const modes = {
    send: (records, count) =>
      sendOutstanding(count, outstanding, (index, succeeded, failed) => {
        sendOne(records[index % records.length]).then(succeeded, failed)
      }),
    sendBatch: (records, count) =>
      sendOutstanding(count / BATCH_RECORDS, outstanding / BATCH_RECORDS, (batch, succeeded, failed) => {
        const messages = messagesOf(records, batch)
        producer.sendBatch({ acks: -1, compression, topicMessages: [{ topic, messages }] }).then(succeeded, failed)
      }),
  }
  return { send: modes[mode], sendOne, close: () => producer.disconnect() }
}

/** An application has its messages as objects of its own: new ones each time, as ours and the others get. */
function messagesOf(records, batch) {
  const first = batch * BATCH_RECORDS
  return Array.from({ length: BATCH_RECORDS }, (_, index) => {
    const { key, value } = records[(first + index) % records.length]
    return { key, value }
  })
}

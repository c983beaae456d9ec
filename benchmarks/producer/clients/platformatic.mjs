/**
 * @platformatic/kafka: `send` makes a request of each record; `send` of 1,000 records and `asStream` with batches of 1,000
 * are its best. The stream tells of each record's delivery, as the promises of the others do.
 */
import { once } from 'node:events'
import { Producer } from '../../contest/peers/platformatic.mjs'
import { sendOutstanding } from '../outstanding.mjs'

const BATCH_RECORDS = 1000
const ACKS_ALL = -1

export async function open({ address, topic, codec, mode, outstanding }) {
  const how = { acks: ACKS_ALL, idempotent: true, compression: codec }
  const producer = new Producer({ clientId: 'platformatic', bootstrapBrokers: [address], ...how })
  const message = record => ({ topic, key: record.key, value: record.value })
  const sendOne = record => producer.send({ messages: [message(record)] })
  const modes = {
    send: (records, count) =>
      sendOutstanding(count, outstanding, (index, succeeded, failed) => {
        sendOne(records[index % records.length]).then(succeeded, failed)
      }),
    sendBatch: (records, count) =>
      sendOutstanding(count / BATCH_RECORDS, outstanding / BATCH_RECORDS, (batch, succeeded, failed) => {
        const first = batch * BATCH_RECORDS
        const at = index => message(records[(first + index) % records.length])
        producer
          .send({ messages: Array.from({ length: BATCH_RECORDS }, (_, index) => at(index)) })
          .then(succeeded, failed)
      }),
    stream: (records, count) =>
      throughStream(producer, count, outstanding, index => message(records[index % records.length])),
  }
  return { send: modes[mode], sendOne, close: () => producer.close() }
}

async function throughStream(producer, count, outstanding, messageAt) {
  const stream = producer.asStream({
    batchSize: BATCH_RECORDS,
    batchTime: 5,
    highWaterMark: outstanding,
    reportMode: 'message',
  })
  let delivered = 0
  stream.on('delivery-report', () => delivered++)
  for (let index = 0; index < count; index++) if (!stream.write(messageAt(index))) await once(stream, 'drain')
  await stream.close()
  if (delivered !== count) throw new Error(`${delivered} of ${count} records were reported as delivered`)
}

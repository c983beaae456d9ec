/**
 * @platformatic/kafka: `send` makes a request of each record; `send` of 1,000 records and `asStream` with batches of 1,000
 * are its best. The stream tells of each record's delivery, as the promises of the others do.
 */
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { sendOneByOne, sendOutstanding } from '../outstanding.mjs'

const require = createRequire(new URL('../../../interop/platformatic/package.json', import.meta.url))
const { Producer } = await import(pathToFileURL(require.resolve('@platformatic/kafka')).href)

const BATCH_RECORDS = 1000
const ACKS_ALL = -1

export async function open({ address, topic, codec, mode, outstanding }) {
  const how = { acks: ACKS_ALL, idempotent: true, compression: codec }
  const producer = new Producer({ clientId: 'platformatic', bootstrapBrokers: [address], ...how })
  const message = record => ({ topic, key: record.key, value: record.value })
  const modes = {
    send: (records, count) =>
      sendOutstanding(count, outstanding, (index, succeeded, failed) => {
        producer.send({ messages: [message(records[index % records.length])] }).then(succeeded, failed)
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
    latency: (records, count) =>
      sendOneByOne(count, index => producer.send({ messages: [message(records[index % records.length])] })),
  }
  return { send: modes[mode], close: () => producer.close() }
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

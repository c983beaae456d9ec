/**
 * node-rdkafka: `produce` with a delivery report for each record, which the callback in its opaque value is told. Its reports
 * come when it is polled, which a timer does, no more often than each millisecond.
 */
import { connected, disconnected, Producer } from '../../contest/peers/node-rdkafka.mjs'
import { sendOutstanding } from '../outstanding.mjs'

const POLL_MS = 1

export async function open({ address, topic, codec, mode, outstanding }) {
  const producer = new Producer(
    {
      'metadata.broker.list': address,
      'enable.idempotence': true,
      'compression.codec': codec,
      'linger.ms': mode === 'latency' ? 0 : 5,
      'queue.buffering.max.messages': 1_000_000,
      'socket.nagle.disable': true,
      dr_cb: true,
    },
    { acks: -1 },
  )
  await connected(producer)
  producer.on('delivery-report', (error, report) => report.opaque(error))
  producer.setPollInterval(POLL_MS)
  const modes = {
    produce: (records, count) => {
      let onDelivery
      return sendOutstanding(count, outstanding, (index, succeeded, failed) => {
        onDelivery ??= error => (error ? failed(error) : succeeded())
        const { key, value } = records[index % records.length]
        producer.produce(topic, null, value, key, undefined, onDelivery)
      })
    },
  }
  const sendOne = ({ key, value }) =>
    new Promise((resolve, reject) => {
      const onDelivery = error => (error ? reject(error) : resolve())
      producer.produce(topic, null, value, key, undefined, onDelivery)
    })
  return { send: modes[mode], sendOne, close: () => disconnected(producer) }
}

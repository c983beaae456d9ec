/**
 * @platformatic/kafka: `data` events of its stream. As it is by default it decodes a whole answer of 50 MB before it gives
 * anything; tuned, it takes 2 MB at a time and has room for 8,192 messages.
 */
import { Consumer } from '../../contest/peers/platformatic.mjs'

const OPTIONS = {
  tuned: { maxBytes: 2 * 1024 * 1024, highWaterMark: 8192 },
  default: {},
}

export async function read({ address, topic, group, mode }, tally) {
  const consumer = new Consumer({ clientId: 'platformatic', groupId: group, bootstrapBrokers: [address] })
  const stream = await consumer.consume({ topics: [topic], mode: 'earliest', ...OPTIONS[mode] })
  stream.on('data', ({ partition, offset, key, value }) => tally.take(partition, Number(offset), key, value))
  await tally.done
  return async () => {
    await stream.close()
    await consumer.close(true)
  }
}

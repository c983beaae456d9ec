/**
 * kafkajs: `eachBatch` for all partitions at a time is its best; `eachMessage` is what most of its users have.
 */
import { kafkajs } from '../../contest/peers/kafkajs.mjs'

const HANDLERS = {
  eachBatch: tally => ({
    eachBatch: async ({ batch: { partition, messages } }) => {
      for (const { offset, key, value } of messages) tally.take(partition, Number(offset), key, value)
    },
  }),
  eachMessage: tally => ({
    eachMessage: async ({ partition, message: { offset, key, value } }) => {
      tally.take(partition, Number(offset), key, value)
    },
  }),
}

export async function read({ address, topic, partitions, group, codec, mode }, tally) {
  const consumer = kafkajs({ address, codec }).consumer({ groupId: group })
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  await consumer.run({ partitionsConsumedConcurrently: partitions, ...HANDLERS[mode](tally) })
  await tally.done
  return () => consumer.disconnect()
}

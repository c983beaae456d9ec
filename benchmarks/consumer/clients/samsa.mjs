/**
 * Ours, in each of the ways to read: no option is changed. Each goes on until everything has come.
 */
import { Consumer } from '@samsa/consumer'

const WAYS = {
  poll: async (consumer, tally) => {
    while (!tally.isDone) for (const record of await consumer.poll()) take(tally, record)
  },
  batches: async (consumer, tally) => {
    for await (const records of consumer.batches()) {
      for (const record of records) take(tally, record)
      if (tally.isDone) break
    }
  },
  'for await': async (consumer, tally) => {
    for await (const record of consumer) {
      take(tally, record)
      if (tally.isDone) break
    }
  },
  run: async (consumer, tally) => {
    const enough = new AbortController()
    tally.done.then(() => enough.abort())
    await consumer.run(record => take(tally, record), { signal: enough.signal })
  },
}

/** Resolves, when everything was read, to what closes the consumer. */
export async function read({ address, topic, group, mode }, tally) {
  const consumer = new Consumer({ bootstrapServers: address, groupId: group, autoOffsetReset: 'earliest' })
  consumer.subscribe([topic])
  await WAYS[mode](consumer, tally)
  return () => consumer.close()
}

function take(tally, { partition, offset, key, value }) {
  tally.take(partition, Number(offset), key, value)
}

/**
 * Ours: `transactionalLoop`. That its work is called again says that the batch before is committed.
 */
import { Consumer } from '@samsa/consumer'
import { transactionalLoop } from '@samsa/eos'
import { Producer } from '@samsa/producer'

export async function copy({ address: bootstrapServers, topic, output, group, batchRecords }, tally) {
  const consumer = new Consumer({
    ...{ bootstrapServers, groupId: group, autoOffsetReset: 'earliest' },
    ...{ isolationLevel: 'readCommitted', enableAutoCommit: false },
  })
  const producer = new Producer({ bootstrapServers, transactionalId: output })
  let before = 0
  const loop = transactionalLoop({ consumer, producer, topics: [topic], maxBatch: batchRecords }, (records, out) => {
    if (before > 0) tally.committed(before)
    before = records.length
    for (const { key, value } of records) out.send({ topic: output, key, value })
  })
  await loop.run()
}

/**
 * The same program for any Kafka: only the address differs. Run it as it is, against the bundled broker:
 *
 *     npm run example -- one-address
 *
 * and against a Kafka of yours, without a change:
 *
 *     BOOTSTRAP_SERVERS=kafka.example:9092 npm run example -- one-address
 */
import { Admin } from '@samsa/client'
import { Consumer, string } from '@samsa/consumer'
import { Producer } from '@samsa/producer'

// The one line that says where. Where a cluster asks for a login, `tls` and `sasl` stand beside it, for all three.
const bootstrapServers = process.env['BOOTSTRAP_SERVERS'] ?? 'localhost:9092'
const connection = { bootstrapServers, clientId: 'one-address' }

const topic = 'hello'
const run = `${process.pid}-${Date.now()}`

{
  await using admin = new Admin(connection)
  const { nodes } = await admin.describeCluster()
  console.log(`a cluster of ${nodes.length} ${nodes.length === 1 ? 'broker' : 'brokers'}`)
}

{
  await using producer = new Producer({ ...connection, key: string })
  await producer.send({ topic, key: run, value: `hello from ${run}` })
  console.log('written, and acknowledged by all replicas in sync')
}

await using consumer = new Consumer({
  ...connection,
  groupId: `one-address-${run}`,
  autoOffsetReset: 'earliest',
  key: string,
  value: string,
})
consumer.subscribe([topic])
for await (const { key, value } of consumer) {
  // The topic may hold what earlier runs wrote.
  if (key !== run) continue
  console.log(`read back: ${value === `hello from ${run}`}`)
  break
}
const lag = consumer.lag().reduce((sum, partition) => sum + partition.lag, 0)
console.log(`and behind it: ${lag} records`)

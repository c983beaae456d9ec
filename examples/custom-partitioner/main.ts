/**
 * A partitioner of your own: large customers get a partition each, all others share the rest, by their key as always.
 */
import { keyPartition, type PartitionFunction, Producer } from '@samsa/producer'

const bootstrapServers = process.env['BOOTSTRAP_SERVERS'] ?? 'localhost:9092'
const largeCustomers = ['acme', 'globex']

/** Called for each record once its topic is known. What it gives must be a partition of the topic. */
const partitioner: PartitionFunction = ({ key }, { partitionCount }) => {
  const customer = String(key)
  const large = largeCustomers.indexOf(customer)
  if (large >= 0) return large
  return largeCustomers.length + keyPartition(customer, partitionCount - largeCustomers.length)
}

await using producer = new Producer({ bootstrapServers, partitioner })

for (const customer of ['acme', 'globex', 'initech', 'umbrella', 'acme']) {
  const { partition } = await producer.send({ topic: 'invoices', key: customer, value: `an invoice for ${customer}` })
  console.log(`${customer}: partition ${partition}`)
}

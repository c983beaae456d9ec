/**
 * node-rdkafka as a member of a group, in a process of its own: prints every value that it reads on a line, and leaves at
 * SIGTERM.
 */
import { createRequire } from 'node:module'

const require = createRequire(new URL('../../interop/node-rdkafka/package.json', import.meta.url))
const { KafkaConsumer } = require('node-rdkafka')

const { address, topic, groupId, assignor, heartbeatIntervalMs } = JSON.parse(process.argv[2])
const consumer = new KafkaConsumer(
  {
    'client.id': 'node-rdkafka',
    'metadata.broker.list': address,
    'group.id': groupId,
    'partition.assignment.strategy': assignor,
    'heartbeat.interval.ms': heartbeatIntervalMs,
  },
  { 'auto.offset.reset': 'earliest' },
)
consumer.on('event.error', error => console.error(error))
consumer.on('data', ({ value }) => console.log(String(value)))
consumer.once('ready', () => {
  consumer.subscribe([topic])
  consumer.consume()
})
process.once('SIGTERM', () => consumer.disconnect())
consumer.connect()

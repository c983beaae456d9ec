/**
 * kafkajs as a member of a group, in a process of its own: prints every value that it reads on a line, and leaves at SIGTERM.
 * Of its assignors none goes by a name that others know, so its own one is offered as theirs: whoever leads shares out.
 */
import { createRequire } from 'node:module'

const require = createRequire(new URL('../../interop/kafkajs/package.json', import.meta.url))
const { Kafka, logLevel, PartitionAssigners } = require('kafkajs')

const { address, topic, groupId, assignor, heartbeatIntervalMs } = JSON.parse(process.argv[2])
const kafka = new Kafka({ clientId: 'kafkajs', brokers: [address], logLevel: logLevel.ERROR })
const consumer = kafka.consumer({
  groupId,
  heartbeatInterval: heartbeatIntervalMs,
  maxWaitTimeInMs: heartbeatIntervalMs,
  partitionAssigners: [parts => ({ ...PartitionAssigners.roundRobin(parts), name: assignor })],
})
await consumer.connect()
process.once('SIGTERM', () => consumer.disconnect())
await consumer.subscribe({ topic, fromBeginning: true })
await consumer.run({ eachMessage: async ({ message }) => console.log(String(message.value)) })

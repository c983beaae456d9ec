/**
 * @platformatic/kafka: one transaction for what its stream has given, up to so many messages. It cannot take over a
 * transactional id that has a transaction open: each process comes with an id of its own.
 */
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { fail, job, reached, transformed } from './transformer-steps.mjs'

const require = createRequire(new URL('../../interop/platformatic/package.json', import.meta.url))
const { Consumer, Producer, stringDeserializer, stringSerializer } = await import(
  pathToFileURL(require.resolve('@platformatic/kafka')).href
)

const ACKS_ALL = -1
const RETRIES = { retries: 20, retryDelay: 100 }

const { address, topic, outputs, groupId, transactionalId, transactionTimeoutMs, most } = job
const base = { clientId: 'platformatic', bootstrapBrokers: [address], ...RETRIES }
// What it calls a timeout is that of its transactions as well.
const producer = new Producer({
  ...base,
  ...{ transactionalId, timeout: transactionTimeoutMs, idempotent: true, acks: ACKS_ALL },
  serializers: { value: stringSerializer },
})
const consumer = new Consumer({ ...base, groupId, maxWaitTime: 100, deserializers: { value: stringDeserializer } })

async function transform(messages) {
  const transaction = await producer.beginTransaction({})
  const results = messages.flatMap(({ partition, value }) =>
    outputs.map(output => ({ topic: output, partition, value: transformed(value) })),
  )
  await transaction.send({ messages: results })
  await reached('sent')
  await transaction.addConsumer(consumer)
  const lasts = new Map(messages.map(message => [message.partition, message]))
  for (const message of lasts.values()) await transaction.addOffset(message)
  await reached('offsets')
  await reached('commit')
  await transaction.commit()
  await reached('committed')
}

try {
  const stream = await consumer.consume({
    topics: [topic],
    autocommit: false,
    mode: 'committed',
    fallbackMode: 'earliest',
  })
  const waiting = []
  let wake = () => {}
  stream.on('data', message => {
    waiting.push(message)
    wake()
  })
  stream.on('error', fail)
  for (;;) {
    if (waiting.length > 0) await transform(waiting.splice(0, most))
    else
      await new Promise(resolve => {
        wake = resolve
      })
  }
} catch (error) {
  fail(error)
}

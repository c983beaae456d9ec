/**
 * node-rdkafka, with the calls that take callbacks as promises.
 */
import { requireFrom } from './installation.mjs'

export const { KafkaConsumer, Producer } = requireFrom('node-rdkafka')('node-rdkafka')

const CONNECT_TIMEOUT_MS = 20_000

export function connected(client) {
  return new Promise((resolve, reject) =>
    client.connect({ timeout: CONNECT_TIMEOUT_MS }, error => (error ? reject(error) : resolve())),
  )
}

export function disconnected(client) {
  return new Promise(resolve => client.disconnect(resolve))
}

export { KafkaError, type KafkaErrorOptions } from './errors.js'

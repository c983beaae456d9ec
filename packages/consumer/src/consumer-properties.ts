/**
 * Kafka's own configuration of a consumer, pasted.
 */
import { type KafkaProperties, optionsFromProperties } from '@samsa/client/internal'
import type { FromPropertiesOptions } from '@samsa/runtime'
import { type ConsumerOptions, consumerOptions } from './consumer-options.js'

/**
 * Takes the text of a .properties file, or an object with Kafka's names (`auto.offset.reset`), and gives the options that
 * they are. What Java's deserializers are called becomes the serde that reads the same.
 */
export function fromProperties(
  source: KafkaProperties,
  options?: FromPropertiesOptions,
): Partial<ConsumerOptions<unknown, unknown>> {
  return optionsFromProperties(consumerOptions, source, options)
}

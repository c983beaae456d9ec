/**
 * Kafka's own configuration of a producer, pasted.
 */
import { type KafkaProperties, optionsFromProperties } from '@samsa/client/internal'
import type { FromPropertiesOptions } from '@samsa/runtime'
import { type ProducerOptions, producerOptions } from './producer-options.js'

/**
 * Takes the text of a .properties file, or an object with Kafka's names (`linger.ms`), and gives the options that they are.
 * What Java's serializers are called becomes the serde that writes the same.
 */
export function fromProperties(
  source: KafkaProperties,
  options?: FromPropertiesOptions,
): Partial<ProducerOptions<unknown, unknown>> {
  return optionsFromProperties(producerOptions, source, options)
}

/**
 * Kafka's own configuration for any table of options that has those of a client: what the rows cannot say, since several
 * of Kafka's properties are one option here, is put together first. Those are the properties that say who the client is.
 */
import {
  ConfigError,
  type ConfigTable,
  type FromPropertiesOptions,
  type InputOf,
  type OptionRows,
} from '@samsa/runtime'
import { fromProperties, parseProperties } from '@samsa/runtime/internal'
import type { SaslOptions } from './sasl-authentication.js'

export type KafkaProperties = string | Readonly<Record<string, unknown>>

/** Java's names, and librdkafka's. */
const MECHANISM = ['sasl.mechanism', 'sasl.mechanisms']
const PASSWORD_MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const

export function optionsFromProperties<Rows extends OptionRows>(
  table: ConfigTable<Rows>,
  source: KafkaProperties,
  options?: FromPropertiesOptions,
): Partial<InputOf<Rows>> {
  const properties = new Map(typeof source === 'string' ? parseProperties(source) : Object.entries(source))
  const sasl = takeSasl(properties)
  const rest = fromProperties(table, Object.fromEntries(properties), options)
  return sasl === undefined ? rest : Object.assign(rest, { sasl })
}

/** Takes the properties of SASL out, and gives what they say together. */
function takeSasl(properties: Map<string, unknown>): SaslOptions | undefined {
  const mechanism = MECHANISM.map(name => take(properties, name)).find(value => value !== undefined)
  const jaas = take(properties, 'sasl.jaas.config')
  const username = take(properties, 'sasl.username') ?? jaasOption(jaas, 'username')
  const password = take(properties, 'sasl.password') ?? jaasOption(jaas, 'password')
  if (mechanism === undefined && username === undefined && password === undefined && jaas === undefined)
    return undefined
  const known = PASSWORD_MECHANISMS.find(each => each === mechanism)
  if (known === undefined) {
    throw new ConfigError(
      `sasl.mechanism: ${mechanism === undefined ? 'is missing' : `${mechanism} cannot be given as a property`}; properties can say ${PASSWORD_MECHANISMS.join(', ')}, and in code sasl: { mechanism: 'OAUTHBEARER', token } is another one`,
    )
  }
  if (username === undefined || password === undefined) {
    throw new ConfigError(`sasl.jaas.config: must have username="…" and password="…" for ${known}`)
  }
  return { mechanism: known, username, password }
}

function take(properties: Map<string, unknown>, name: string): string | undefined {
  const value = properties.get(name)
  properties.delete(name)
  return typeof value === 'string' ? value.trim() : undefined
}

/** `name="value"` in the line of a login module; a quote inside is written `\"`. */
function jaasOption(jaas: string | undefined, name: string): string | undefined {
  const found = jaas?.match(new RegExp(`\\b${name}\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s;"]+))`))
  return (found?.[1] ?? found?.[2])?.replace(/\\(.)/g, '$1')
}

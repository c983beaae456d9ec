/**
 * ConfigDefinition: a configuration name with its type, default, rule and text, and the check of a value against it. The
 * sentences of refusals are Kafka's, since clients show them. Pure.
 */

export type ConfigType = 'BOOLEAN' | 'STRING' | 'INT' | 'SHORT' | 'LONG' | 'DOUBLE' | 'LIST' | 'CLASS' | 'PASSWORD'

/** The numbers that DescribeConfigs knows the types by. */
export const configTypeNumbers: Readonly<Record<ConfigType, number>> = {
  BOOLEAN: 1,
  STRING: 2,
  INT: 3,
  SHORT: 4,
  LONG: 5,
  DOUBLE: 6,
  LIST: 7,
  CLASS: 8,
  PASSWORD: 9,
}

/** The number of a value whose type nobody knows. */
export const UNKNOWN_CONFIG_TYPE = 0

export interface ConfigRule {
  readonly min?: number
  readonly max?: number
  /** Allowed beside the range. */
  readonly or?: number
  /** The values of a text, or of each part of a list. */
  readonly oneOf?: readonly string[]
  readonly ignoresCase?: boolean
  /** For what no range can say: the reason why not, or undefined. */
  readonly check?: (value: string) => string | undefined
}

export interface ConfigDefinition {
  readonly name: string
  readonly type: ConfigType
  readonly default: string | null
  readonly documentation: string
  readonly rule?: ConfigRule
}

/** Secrets are never told, not even to those who set them. */
export function isSensitive(definition: ConfigDefinition): boolean {
  return definition.type === 'PASSWORD'
}

/** Why the value is not allowed, as Kafka says it; undefined when it is. */
export function configFault(definition: ConfigDefinition, value: string): string | undefined {
  if (definition.type === 'LIST' && definition.rule?.oneOf !== undefined && listOf(value).includes('')) {
    return `Configuration '${definition.name}' values must not be empty.`
  }
  const why = whyNot(definition, value)
  if (why === undefined) return undefined
  return `Invalid value ${shown(definition, value)} for configuration ${definition.name}: ${why}`
}

/** The value as DescribeConfigs shows it: parsed and written again, as `TRUE` becomes `true` and a list loses repeats. */
export function normalizedValue(definition: ConfigDefinition, value: string): string {
  const text = value.trim()
  switch (definition.type) {
    case 'BOOLEAN':
      return text.toLowerCase()
    case 'INT':
    case 'SHORT':
    case 'LONG':
      return INTEGER.test(text) ? String(BigInt(text.replace(/^\+/, ''))) : text
    case 'DOUBLE':
      return javaDouble(Number(text))
    case 'LIST':
      return [...new Set(listOf(text))].join(',')
    default:
      return text
  }
}

export function listOf(value: string): string[] {
  const text = value.trim()
  return text === '' ? [] : text.split(/\s*,\s*/)
}

const INTEGER = /^[+-]?\d+$/
const DOUBLE = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/

const integerBounds: Readonly<Record<'INT' | 'SHORT' | 'LONG', readonly [min: bigint, max: bigint]>> = {
  SHORT: [-(2n ** 15n), 2n ** 15n - 1n],
  INT: [-(2n ** 31n), 2n ** 31n - 1n],
  LONG: [-(2n ** 63n), 2n ** 63n - 1n],
}

function whyNot(definition: ConfigDefinition, value: string): string | undefined {
  const { type, rule } = definition
  const text = value.trim()
  switch (type) {
    case 'BOOLEAN':
      return /^(true|false)$/i.test(text) ? undefined : 'Expected value to be either true or false'
    case 'INT':
    case 'SHORT':
    case 'LONG': {
      const [min, max] = integerBounds[type]
      const isNumber =
        INTEGER.test(text) && BigInt(text.replace(/^\+/, '')) >= min && BigInt(text.replace(/^\+/, '')) <= max
      return isNumber ? outsideRange(rule, Number(text)) : `Not a number of type ${type}`
    }
    case 'DOUBLE':
      return DOUBLE.test(text) ? outsideRange(rule, Number(text)) : `Not a number of type ${type}`
    case 'LIST': {
      const unknown = rule?.oneOf === undefined ? undefined : listOf(text).find(part => !rule.oneOf?.includes(part))
      return unknown === undefined ? rule?.check?.(text) : `String must be one of: ${rule?.oneOf?.join(', ')}`
    }
    default:
      return notAmong(rule, text) ?? rule?.check?.(text)
  }
}

function outsideRange(rule: ConfigRule | undefined, value: number): string | undefined {
  if (rule === undefined || value === rule.or) return undefined
  const { min, max, or } = rule
  const isBelow = min !== undefined && value < min
  const isAbove = max !== undefined && value > max
  if ((isBelow || isAbove) && or !== undefined) return `Value must be between ${min} and ${max} or equal to ${or}`
  if (isBelow) return `Value must be at least ${min}`
  return isAbove ? `Value must be no more than ${max}` : undefined
}

function notAmong(rule: ConfigRule | undefined, value: string): string | undefined {
  const { oneOf, ignoresCase = false } = rule ?? {}
  if (oneOf === undefined) return undefined
  const isThere = oneOf.some(each => (ignoresCase ? each.toLowerCase() === value.toLowerCase() : each === value))
  return isThere ? undefined : `String must be one of${ignoresCase ? ' (case insensitive)' : ''}: ${oneOf.join(', ')}`
}

/** A list with a value out of place is named by that value; a list judged as a whole stands in brackets. */
function shown(definition: ConfigDefinition, value: string): string {
  const text = value.trim()
  if (definition.type === 'DOUBLE' && DOUBLE.test(text)) return javaDouble(Number(text))
  if (definition.type !== 'LIST') return text
  const unknown = listOf(text).find(part => !definition.rule?.oneOf?.includes(part))
  return definition.rule?.oneOf === undefined ? `[${listOf(text).join(', ')}]` : (unknown ?? text)
}

/** As Java writes a double: always with a fraction. */
function javaDouble(value: number): string {
  const text = String(value)
  if (/^-?\d+$/.test(text)) return `${text}.0`
  return text.replace(/e\+?/, 'E')
}

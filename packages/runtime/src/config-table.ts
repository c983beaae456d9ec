/**
 * Options as a table: one row says of an option what it is called here and in Kafka, what values it takes, its default
 * and its meaning. From the rows come the types of what users write and of what the code reads, the checks
 * (config-parse.ts), the reading of Kafka's own configuration files (config-properties.ts) and the page in the
 * documentation (config-page.ts). The rows are plain data, written `as const`, so that types can be derived from them.
 */
import { readValue } from './config-value.js'
import { invariant } from './invariant.js'

/** What values an option, or an item of a list, takes. */
export type OptionKind =
  | { readonly type: 'boolean' }
  | NumberKind<'integer'>
  | NumberKind<'number'>
  | EnumKind
  | StringKind
  | ListKind
  | GuardedKind<'function'>
  | GuardedKind<'object'>
  | { readonly type: 'regex' }
  | EitherKind

interface NumberKind<Type extends string> {
  readonly type: Type
  readonly min?: number
  readonly max?: number
  /** `Infinity` is a value too, whatever `max` says. */
  readonly infinity?: true
}

interface EnumKind {
  readonly type: 'enum'
  readonly values: readonly EnumValue[]
  /** Kafka's spelling of a value where it differs by more than case, `_`, `-` and `.`: `{ '-1': 'all' }`. */
  readonly kafkaValues?: Readonly<Record<string, EnumValue>>
}

type EnumValue = string | number | boolean

interface StringKind {
  readonly type: 'string'
  readonly nonEmpty?: true
  readonly maxLength?: number
  readonly pattern?: RegExp
}

/** An array; users may also write one string with commas. */
interface ListKind {
  readonly type: 'list'
  /** What the items are. Default: strings that are not empty. */
  readonly of?: OptionKind
  readonly nonEmpty?: true
  /** Default: an item may be there once only, as in Kafka. */
  readonly duplicates?: 'allowed'
}

/** What a check at run time can only partly know: the guard says the type, and `expects` what to tell who is wrong. */
interface GuardedKind<Type extends string> {
  readonly type: Type
  readonly guard?: (value: unknown) => boolean
  /** Goes on after “must be”: `a function of a record that gives a partition`. */
  readonly expects?: string
}

/** The first that fits. */
interface EitherKind {
  readonly type: 'either'
  readonly of: readonly OptionKind[]
}

/** Names that Kafka's documentation uses. */
export type KafkaType = 'boolean' | 'short' | 'int' | 'long' | 'double' | 'string' | 'list' | 'class' | 'password'

interface OptionMeaning {
  /** Kafka's name, the old ones after it; null for an option that Kafka has not got. */
  readonly kafka: string | readonly [string, ...string[]] | null
  /** Only where it does not follow from the kind. */
  readonly kafkaType?: KafkaType
  /** What it does: one sentence for the documentation. */
  readonly text: string
  /** Why the default is not Kafka's. */
  readonly differs?: string
  /** Its value appears in no message and in no log. */
  readonly secret?: true
  /** Reads Kafka's text where the kind alone does not tell how; undefined if it makes no sense. */
  readonly fromKafka?: (text: string) => unknown
  /** What else must be true of a value of the right kind: a complaint that goes on after the name, or undefined. */
  readonly check?: (value: never) => string | undefined
}

/** Exactly one of these is in a row. */
interface OptionDefault {
  readonly default?: unknown
  readonly required?: true
  /** There may be no value. */
  readonly optional?: true
  /** How the default follows from the other options: a phrase for the documentation. The table computes it. */
  readonly computed?: string
}

export type OptionRow = OptionKind & OptionMeaning & OptionDefault

export type OptionRows = Readonly<Record<string, OptionRow>>

/** The type of a value of this kind, as the code gets it. */
export type ValueOf<Kind> = Kind extends { readonly type: 'list' }
  ? readonly ItemOf<Kind>[]
  : Kind extends { readonly type: 'either'; readonly of: readonly (infer Part)[] }
    ? ValueOf<Part>
    : PlainValueOf<Kind>

/** The type of a value of this kind, as users may write it. */
export type InputValueOf<Kind> = Kind extends { readonly type: 'list' }
  ? readonly ItemOf<Kind>[] | string
  : Kind extends { readonly type: 'either'; readonly of: readonly (infer Part)[] }
    ? InputValueOf<Part>
    : PlainValueOf<Kind>

type ItemOf<Kind> = Kind extends { readonly of: infer Item } ? ValueOf<Item> : string

type PlainValueOf<Kind> = Kind extends { readonly type: 'boolean' }
  ? boolean
  : Kind extends { readonly type: 'integer' | 'number' }
    ? number
    : Kind extends { readonly type: 'string' }
      ? string
      : Kind extends { readonly type: 'regex' }
        ? RegExp
        : Kind extends { readonly type: 'enum'; readonly values: readonly (infer Value)[] }
          ? Value
          : Kind extends { readonly guard: (value: unknown) => value is infer Value }
            ? Value
            : Kind extends { readonly type: 'function' }
              ? (...parameters: never[]) => unknown
              : Kind extends { readonly type: 'object' }
                ? object
                : never

type RequiredNames<Rows> = { [Name in keyof Rows]: Rows[Name] extends { required: true } ? Name : never }[keyof Rows]
type ComputedNames<Rows> = { [Name in keyof Rows]: Rows[Name] extends { computed: string } ? Name : never }[keyof Rows]

/** What users write. An option that is `undefined` counts as not given. */
export type InputOf<Rows> = {
  readonly [Name in keyof Rows as Name extends RequiredNames<Rows> ? Name : never]: InputValueOf<Rows[Name]>
} & {
  readonly [Name in keyof Rows as Name extends RequiredNames<Rows> ? never : Name]?:
    | InputValueOf<Rows[Name]>
    | undefined
}

/** What the code reads: everything is there, checked. */
export type ConfigOf<Rows> = {
  readonly [Name in keyof Rows]: Rows[Name] extends { optional: true }
    ? ValueOf<Rows[Name]> | undefined
    : ValueOf<Rows[Name]>
}

/** What a computed default can look at: computed options further down are not there yet unless they were given. */
export type DraftOf<Rows> = {
  readonly [Name in keyof Rows]: Rows[Name] extends { optional: true } | { computed: string }
    ? ValueOf<Rows[Name]> | undefined
    : ValueOf<Rows[Name]>
}

export interface ConfigDefinition<Rows extends OptionRows> {
  /** Whose options they are, as it is called in errors and on the page: `producer`. */
  readonly name: string
  readonly rows: Rows
  /** For each row that is `computed`: its value when it is not given. Called in the order of the rows. */
  readonly compute?: {
    readonly [Name in ComputedNames<Rows>]: (
      draft: DraftOf<Rows>,
      given: ReadonlySet<keyof Rows>,
    ) => ValueOf<Rows[Name]>
  }
  /** What options must be to each other: a whole sentence that names them, or undefined. */
  readonly rules?: readonly ConfigRule<Rows>[]
  /** Names of Kafka's that may stand in a configuration and mean nothing here, with the reason. */
  readonly ignored?: Readonly<Record<string, string>>
}

export type ConfigRule<Rows> = (config: ConfigOf<Rows>, given: ReadonlySet<keyof Rows>) => string | undefined

export interface ConfigTable<Rows extends OptionRows> {
  readonly name: string
  readonly rows: Rows
  /** Every name of Kafka's, the old ones too, with ours. */
  readonly ownNames: ReadonlyMap<string, string>
  readonly ignored: ReadonlyMap<string, string>
  readonly computeByName: ReadonlyMap<string, LooseFunction<unknown>>
  readonly ruleList: readonly LooseFunction<string | undefined>[]
}

/** A config whose names and types only its table knows. */
type LooseConfig = Readonly<Record<string, unknown>>
type LooseFunction<Result> = (config: LooseConfig, given: ReadonlySet<string>) => Result

/** Checks the rows, so that a mistake in a table shows when its module is loaded and not when the row is first used. */
export function configTable<Rows extends OptionRows>(definition: ConfigDefinition<Rows>): ConfigTable<Rows> {
  const { name: tableName, rows, compute = {}, rules = [], ignored = {} } = definition
  const ownNames = new Map<string, string>()
  const computeByName = new Map<string, LooseFunction<unknown>>()
  // The functions were written for the types of these rows, and get only what was checked against the same rows.
  const computes = compute as Readonly<Record<string, LooseFunction<unknown>>>
  for (const [name, row] of Object.entries<OptionRow>(rows)) {
    const where = `option ${name} of the ${tableName}`
    checkRow(where, name, row)
    for (const kafkaName of kafkaNames(row)) {
      invariant(!ownNames.has(kafkaName), () => `${where} and another one are called ${kafkaName}`)
      ownNames.set(kafkaName, name)
    }
    const computed = Object.hasOwn(computes, name) ? computes[name] : undefined
    invariant(!computed === !row.computed, () => `${where}: a row is computed if, and only if, the table computes it`)
    if (computed !== undefined) computeByName.set(name, computed)
  }
  for (const name of Object.keys(ignored)) {
    invariant(!ownNames.has(name), () => `${name} of the ${tableName} is both an option and ignored`)
  }
  return Object.freeze({
    name: tableName,
    rows,
    ownNames,
    ignored: new Map(Object.entries(ignored)),
    computeByName,
    ruleList: rules as readonly LooseFunction<string | undefined>[],
  })
}

/** Kafka's name and the old ones, in this order; none for an option that Kafka has not got. */
export function kafkaNames(row: OptionRow): readonly string[] {
  if (row.kafka === null) return []
  return typeof row.kafka === 'string' ? [row.kafka] : row.kafka
}

/** The type that Kafka's documentation gives, or would give. */
export function kafkaTypeOf(row: OptionRow): KafkaType {
  return row.kafkaType ?? (row.secret === true ? 'password' : kafkaTypeOfKind(row))
}

const kafkaTypes: Readonly<Record<Exclude<OptionKind['type'], 'either' | 'enum' | 'integer'>, KafkaType>> = {
  boolean: 'boolean',
  number: 'double',
  string: 'string',
  regex: 'string',
  list: 'list',
  function: 'class',
  object: 'class',
}

function kafkaTypeOfKind(kind: OptionKind): KafkaType {
  switch (kind.type) {
    case 'either': {
      const [first] = kind.of
      return first === undefined ? 'string' : kafkaTypeOfKind(first)
    }
    case 'enum':
      return 'string'
    case 'integer':
      return (kind.max ?? 0) > 2 ** 31 - 1 ? 'long' : 'int'
    default:
      return kafkaTypes[kind.type]
  }
}

const meaningFields = ['type', 'kafka', 'kafkaType', 'text', 'differs', 'secret', 'fromKafka', 'check']
const defaultFields = ['default', 'required', 'optional', 'computed']
const kindFields: Readonly<Record<OptionKind['type'], readonly string[]>> = {
  boolean: [],
  integer: ['min', 'max', 'infinity'],
  number: ['min', 'max', 'infinity'],
  enum: ['values', 'kafkaValues'],
  string: ['nonEmpty', 'maxLength', 'pattern'],
  list: ['of', 'nonEmpty', 'duplicates'],
  function: ['guard', 'expects'],
  object: ['guard', 'expects'],
  regex: [],
  either: ['of'],
}

/** Rows are data written elsewhere, so a misspelt field does not fail to compile; it fails here. */
function checkRow(where: string, name: string, row: OptionRow): void {
  invariant(/^[a-z][a-zA-Z0-9]*$/.test(name), () => `${where}: a name is written inCamelCase`)
  const known = [...meaningFields, ...defaultFields, ...kindFields[row.type]]
  const unknown = Object.keys(row).filter(field => !known.includes(field))
  invariant(unknown.length === 0, () => `${where}: a row of type ${row.type} has no field ${unknown.join(', ')}`)
  const defaults = defaultFields.filter(field => Object.hasOwn(row, field))
  invariant(defaults.length === 1, () => `${where}: exactly one of ${defaultFields.join(', ')}, not ${defaults}`)
  invariant(/^[A-Z].*\.$/.test(row.text), () => `${where}: the text is a sentence with a full stop`)
  if (defaults[0] !== 'default') return
  const reading = readValue(row, row.default)
  invariant(reading.ok, () => `${where}: the default ${reading.ok ? '' : reading.problem}`)
}

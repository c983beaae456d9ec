import { describe, expect, expectTypeOf, test } from 'vitest'
import { optionsPage } from './config-page.js'
import { parseOptions, redactedConfig } from './config-parse.js'
import { fromProperties } from './config-properties.js'
import { type ConfigOf, type ConfigTable, configTable, type InputOf, type OptionRow } from './config-table.js'
import { ConfigError } from './errors.js'

type Partitioner = (topic: string) => number
interface Registry {
  readonly url: string
}

const rows = {
  bootstrapServers: {
    type: 'list',
    nonEmpty: true,
    required: true,
    kafka: ['bootstrap.servers', 'metadata.broker.list'],
    text: 'Brokers to ask first, as `host:port`.',
  },
  clientId: { type: 'string', computed: 'producer-1', kafka: 'client.id', text: 'Name in the logs of the broker.' },
  lingerMs: { type: 'integer', min: 0, default: 5, kafka: 'linger.ms', text: 'How long a batch waits for more.' },
  retries: {
    type: 'integer',
    min: 0,
    max: 2_147_483_647,
    infinity: true,
    default: Infinity as number,
    kafka: 'retries',
    text: 'How often a batch is sent again.',
    differs: 'Kafka writes the largest int.',
  },
  acks: {
    type: 'enum',
    values: ['all', 0, 1],
    kafkaValues: { '-1': 'all' },
    default: 'all',
    kafka: ['acks', 'request.required.acks'],
    text: 'Who must have a record before it counts as sent.',
  },
  enableIdempotence: {
    type: 'boolean',
    computed: 'true unless `acks` is not all',
    kafka: 'enable.idempotence',
    text: 'Keeps records free of duplicates.',
  },
  transactionalId: { type: 'string', nonEmpty: true, optional: true, kafka: 'transactional.id', text: 'Its name.' },
  partitioner: {
    type: 'either',
    of: [
      { type: 'enum', values: ['default', 'roundRobin'] },
      {
        type: 'function',
        guard: (value => typeof value === 'function') as (value: unknown) => value is Partitioner,
        expects: 'a function of a topic that gives a partition',
      },
    ],
    default: 'default',
    kafka: 'partitioner.class',
    fromKafka: (text: string): unknown => (text.endsWith('.RoundRobinPartitioner') ? 'roundRobin' : undefined),
    text: 'Chooses the partition | of a record.',
  },
  registry: {
    type: 'object',
    optional: true,
    guard: (value => typeof value === 'object' && value !== null && 'url' in value) as (v: unknown) => v is Registry,
    kafka: null,
    text: 'Where schemas are kept.',
  },
  saslPassword: {
    type: 'string',
    secret: true,
    optional: true,
    check: (value: string): string | undefined => (value.length < 4 ? `${value} is too short` : undefined),
    kafka: 'sasl.password',
    text: 'Says who we are.',
  },
} as const

const table: ConfigTable<typeof rows> = configTable({
  name: 'producer',
  rows,
  compute: {
    clientId: (_draft, given) => (given.has('transactionalId') ? 'producer-tx' : 'producer-1'),
    enableIdempotence: draft => draft.acks === 'all',
  },
  rules: [
    (config, given) =>
      given.has('enableIdempotence') && config.enableIdempotence && config.acks !== 'all'
        ? `enableIdempotence needs acks 'all', got ${config.acks}`
        : undefined,
  ],
  ignored: { 'metric.reporters': 'the Java virtual machine has them.' },
})

const least = { bootstrapServers: 'localhost:9092' }

function messageOf(options: object): string {
  return told(() => parseOptions(table, options))
}

function told(call: () => unknown): string {
  try {
    call()
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    return String((error as Error).message)
  }
  return expect.unreachable('nothing was thrown')
}

describe('the types that a table gives', () => {
  test('are what users write', () => {
    expectTypeOf<InputOf<typeof rows>['bootstrapServers']>().toEqualTypeOf<readonly string[] | string>()
    expectTypeOf<InputOf<typeof rows>['lingerMs']>().toEqualTypeOf<number | undefined>()
    expectTypeOf<InputOf<typeof rows>['acks']>().toEqualTypeOf<'all' | 0 | 1 | undefined>()
    expectTypeOf<InputOf<typeof rows>['partitioner']>().toEqualTypeOf<
      'default' | 'roundRobin' | Partitioner | undefined
    >()
    expectTypeOf<{ bootstrapServers: string }>().toExtend<InputOf<typeof rows>>()
    expectTypeOf<{ lingerMs: number }>().not.toExtend<InputOf<typeof rows>>()
  })

  test('are what the code reads', () => {
    type Config = ConfigOf<typeof rows>
    expectTypeOf<Config['bootstrapServers']>().toEqualTypeOf<readonly string[]>()
    expectTypeOf<Config['lingerMs']>().toEqualTypeOf<number>()
    expectTypeOf<Config['clientId']>().toEqualTypeOf<string>()
    expectTypeOf<Config['enableIdempotence']>().toEqualTypeOf<boolean>()
    expectTypeOf<Config['transactionalId']>().toEqualTypeOf<string | undefined>()
    expectTypeOf<Config['registry']>().toEqualTypeOf<Registry | undefined>()
  })
})

describe('parseOptions', () => {
  test('fills in defaults and computed values, and freezes', () => {
    const config = parseOptions(table, least)
    expect(config).toEqual({
      bootstrapServers: ['localhost:9092'],
      clientId: 'producer-1',
      lingerMs: 5,
      retries: Infinity,
      acks: 'all',
      enableIdempotence: true,
      transactionalId: undefined,
      partitioner: 'default',
      registry: undefined,
      saslPassword: undefined,
    })
    expect(Object.isFrozen(config)).toBe(true)
  })

  test('takes what is given, and undefined as not given', () => {
    const given = { ...least, acks: 1, lingerMs: undefined, transactionalId: 'pay', partitioner: () => 3 } as const
    const config = parseOptions(table, given)
    expect(config).toMatchObject({ acks: 1, lingerMs: 5, clientId: 'producer-tx', enableIdempotence: false })
    expect(config.partitioner).toBe(given.partitioner)
  })

  test.each<[object, string]>([
    [{ lingerms: 5 }, 'lingerms: unknown option, did you mean lingerMs?'],
    [
      { 'linger.ms': 5 },
      "linger.ms: unknown option; Kafka's linger.ms is lingerMs here, or give it to fromProperties()",
    ],
    [{ 'request.requried.acks': 1 }, 'request.requried.acks: unknown option, did you mean acks?'],
    [{ somethingElse: 5 }, 'somethingElse: unknown option of the producer'],
    [{ lingerMs: '5' }, 'lingerMs: must be a whole number of at least 0, got "5"'],
    [{ lingerMs: -1 }, 'lingerMs: must be a whole number of at least 0, got -1'],
    [{ lingerMs: 5n }, 'lingerMs: must be a whole number of at least 0, got 5n'],
    [{ acks: 2 }, "acks: must be 'all', 0 or 1, got 2"],
    [{ enableIdempotence: null }, 'enableIdempotence: must be true or false, got null'],
    [
      { bootstrapServers: ['a:1', 'a:1', 'b', 'c', 'd', 'e'] },
      'bootstrapServers: item 2 must not be there twice, got ["a:1", "a:1", "b", "c", "d", … 6 items]',
    ],
    [{ registry: { user: 'x' } }, 'registry: must be an object, got an object'],
    [{ bootstrapServers: [] }, 'bootstrapServers: must have at least one item, got []'],
    [
      { partitioner: 'other' },
      "partitioner: must be 'default' or 'roundRobin' or a function of a topic that gives a partition, got \"other\"",
    ],
    [
      { transactionalId: 'x'.repeat(1000), acks: 'x'.repeat(1000) },
      `acks: must be 'all', 0 or 1, got "${'x'.repeat(60)}…"`,
    ],
    [{ acks: 0, enableIdempotence: true }, "enableIdempotence needs acks 'all', got 0"],
  ])('%o: %s', (options, message) => {
    expect(messageOf({ ...least, ...options })).toBe(message)
  })

  test('tells what a missing option is for', () => {
    expect(messageOf({})).toBe('bootstrapServers: is required. Brokers to ask first, as `host:port`.')
  })

  test('tells all mistakes at once', () => {
    expect(messageOf({ lingerms: 5, acks: 2 })).toBe(
      [
        '3 options of the producer are wrong:',
        'lingerms: unknown option, did you mean lingerMs?',
        'bootstrapServers: is required. Brokers to ask first, as `host:port`.',
        "acks: must be 'all', 0 or 1, got 2",
      ].join('\n  '),
    )
  })

  test('lists no more mistakes than can be read', () => {
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`nonsense${index}`, index]))
    expect(messageOf({ ...least, ...many }).split('\n')).toHaveLength(22)
  })

  test('never shows a secret, not even one under a misspelt name or in the words of a check', () => {
    for (const options of [{ saslPassword: 12345678 }, { saslPasswort: 'hunter2' }, { saslPassword: 'xyz' }]) {
      expect(messageOf({ ...least, ...options })).not.toMatch(/hunter2|12345678|xyz/)
    }
    expect(messageOf({ ...least, saslPassword: 'xyz' })).toBe('saslPassword: (hidden) is too short, got (hidden)')
  })

  test('refuses what is no object of options', () => {
    for (const input of [[], [1]]) expect(messageOf(input)).toMatch(/must be an object, got \[/)
    expect(told(() => Reflect.apply(parseOptions, undefined, [table, null]))).toMatch(/must be an object, got null/)
  })

  test('is not led astray by names that objects have of their own', () => {
    expect(messageOf({ ...least, constructor: 1 })).toBe('constructor: unknown option of the producer')
    expect(messageOf(JSON.parse('{"bootstrapServers":"a","__proto__":{"lingerMs":1}}'))).toMatch(/__proto__: unknown/)
  })
})

describe('fromProperties', () => {
  test('turns a pasted file into options', () => {
    const text = `
# the broker
metadata.broker.list = one:9092, \\
                       two:9092
linger.ms: 20
request.required.acks=-1
partitioner.class=org.apache.kafka.clients.producer.RoundRobinPartitioner
metric.reporters=com.example.Reporter
`
    const options = fromProperties(table, text)
    expectTypeOf(options).toEqualTypeOf<Partial<InputOf<typeof rows>>>()
    expect(options).toEqual({
      bootstrapServers: ['one:9092', 'two:9092'],
      lingerMs: 20,
      acks: 'all',
      partitioner: 'roundRobin',
    })
    expect(parseOptions(table, { ...options, lingerMs: 1 })).toMatchObject({ lingerMs: 1, acks: 'all' })
  })

  test('takes an object with text, numbers and booleans', () => {
    const options = { 'bootstrap.servers': 'a:1', 'linger.ms': '5', acks: -1, 'enable.idempotence': true, retries: 3 }
    expect(fromProperties(table, options)).toEqual({
      bootstrapServers: ['a:1'],
      lingerMs: 5,
      acks: 'all',
      enableIdempotence: true,
      retries: 3,
    })
  })

  test.each<[Record<string, unknown>, string]>([
    [{ 'lingr.ms': '5' }, 'lingr.ms: unknown option, did you mean lingerMs?'],
    [{ lingerMs: '5' }, "lingerMs: here Kafka's names are expected, this option's is linger.ms"],
    [{ registry: '{}' }, 'registry: cannot be given as a property, Kafka has no such option; give it in code'],
    [{ 'linger.ms': 'soon' }, 'linger.ms: must be a whole number of at least 0, got "soon"'],
    [
      { 'partitioner.class': 'com.example.Own' },
      "partitioner.class: must be 'default' or 'roundRobin' or a function of a topic that gives a partition, got \"com.example.Own\"",
    ],
    [
      { acks: 'all', 'request.required.acks': '1' },
      'request.required.acks: is the same option as acks; give one of them',
    ],
    [{ 'sasl.password': 'xyz' }, 'sasl.password: (hidden) is too short, got (hidden)'],
  ])('%o: %s', (properties, message) => {
    expect(told(() => fromProperties(table, properties))).toBe(message)
  })

  test('refuses what is neither text nor an object', () => {
    for (const source of [null, undefined, ['a=1'], 5]) {
      expect(told(() => Reflect.apply(fromProperties, undefined, [table, source]))).toMatch(
        /text of a .properties file or/,
      )
    }
  })

  test('leaves out what is unknown when it is told to', () => {
    const unknown: string[] = []
    const options = { onUnknown: (name: string) => void unknown.push(name) }
    expect(fromProperties(table, 'group.id=x\nlinger.ms=1\nmetric.reporters=y', options)).toEqual({ lingerMs: 1 })
    expect(unknown).toEqual(['group.id'])
  })
})

test('redactedConfig shows what may be shown', () => {
  const config = parseOptions(table, {
    ...least,
    saslPassword: 'hunter2',
    partitioner: () => 1,
    registry: { url: 'x' },
  })
  expect(redactedConfig(table, config)).toMatchObject({
    bootstrapServers: ['localhost:9092'],
    saslPassword: '(hidden)',
    partitioner: '[function]',
    registry: '[object]',
    transactionalId: undefined,
  })
})

test('optionsPage is a Markdown table with a line for each row', () => {
  expect(optionsPage(table)).toMatchInlineSnapshot(`
    "| Option | Kafka's name | Value | Kafka's type | Default | Meaning |
    | --- | --- | --- | --- | --- | --- |
    | \`bootstrapServers\` | \`bootstrap.servers\`, once \`metadata.broker.list\` | a list of strings | list | required | Brokers to ask first, as \`host:port\`. |
    | \`clientId\` | \`client.id\` | a string | string | producer-1 | Name in the logs of the broker. |
    | \`lingerMs\` | \`linger.ms\` | a whole number of at least 0 | int | \`5\` | How long a batch waits for more. |
    | \`retries\` | \`retries\` | a whole number from 0 to 2147483647 or Infinity | int | \`Infinity\` | How often a batch is sent again. Differs from Kafka: Kafka writes the largest int. |
    | \`acks\` | \`acks\`, once \`request.required.acks\` | 'all', 0 or 1 | string | \`'all'\` | Who must have a record before it counts as sent. |
    | \`enableIdempotence\` | \`enable.idempotence\` | true or false | boolean | true unless \`acks\` is not all | Keeps records free of duplicates. |
    | \`transactionalId\` | \`transactional.id\` | a non-empty string | string | none | Its name. |
    | \`partitioner\` | \`partitioner.class\` | 'default' or 'roundRobin' or a function of a topic that gives a partition | string | \`'default'\` | Chooses the partition \\| of a record. |
    | \`registry\` | – | an object | class | none | Where schemas are kept. |
    | \`saslPassword\` | \`sasl.password\` | a string | password | none | Says who we are. |

    Kafka's options that mean nothing here and are passed over:

    - \`metric.reporters\`: the Java virtual machine has them.
    "
  `)
})

describe('configTable refuses', () => {
  const good: OptionRow = { type: 'integer', default: 1, kafka: 'a.b', text: 'Does something.' }
  test.each<[string, Record<string, OptionRow>, RegExp]>([
    [
      'a default that its own row does not take',
      { a: { ...good, min: 2 } as OptionRow },
      /the default must be a whole/,
    ],
    ['two ways to a value', { a: { ...good, required: true } }, /exactly one of default, required/],
    ['no way to a value', { a: { type: 'boolean', kafka: null, text: 'Text.' } }, /exactly one of/],
    ['a misspelt field', { a: { ...good, mn: 1 } as OptionRow }, /type integer has no field mn/],
    ['a field of another kind', { a: { ...good, values: [1] } as OptionRow }, /has no field values/],
    ['a text that is no sentence', { a: { ...good, text: 'does something' } }, /a sentence with a full stop/],
    ['a name in another style', { a_b: good }, /inCamelCase/],
    ['one name for two options', { a: good, b: { ...good, kafka: ['c', 'a.b'] } }, /another one are called a.b/],
    [
      'a computed row that is not computed',
      { a: { type: 'boolean', computed: 'x', kafka: null, text: 'Text.' } },
      /if, and only if/,
    ],
  ])('%s', (_what, wrong, message) => {
    expect(() => configTable<Record<string, OptionRow>>({ name: 'test', rows: wrong })).toThrow(message)
  })

  test('an option that is ignored too', () => {
    const ignored = { 'a.b': 'because' }
    expect(() => configTable<Record<string, OptionRow>>({ name: 'test', rows: { a: good }, ignored })).toThrow(/both/)
  })
})

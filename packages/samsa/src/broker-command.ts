/**
 * `samsa broker`: reads its options, starts one broker, tells where it is, and stops it when the process is asked to end.
 */
import { resolve } from 'node:path'
import type { Broker, BrokerOptions } from '@samsa/broker'
import { consoleLogger } from '@samsa/runtime'
import { Command, InvalidArgumentError, Option } from 'commander'
import { startLine, startText } from './broker-report.js'
import { type StopRequest, stopRequest } from './stop-request.js'

const DEFAULT_DATA_DIRECTORY = '.samsa/data'

/** What runs beside the broker, as the tour of `npm start` does, and what the command is like with it. */
export interface Companion {
  readonly description: string
  /** Flags of its own, and what each does. */
  readonly flags: Readonly<Record<string, string>>
  /** Where records are kept when no flag says it, and the name of that place in the help. */
  readonly data: { readonly directory: string; readonly shown: string }
  /** Kafka's broker properties that no flag sets. */
  readonly properties: Readonly<Record<string, string>>
  /** Resolves to whether the broker goes on; once the signal is aborted, it should resolve soon. */
  run(broker: Broker, given: CompanionFlags): Promise<'goes on' | 'ends'>
}

export interface CompanionFlags {
  /** By name, as commander gives them. */
  readonly flags: Readonly<Record<string, unknown>>
  /** Standard output is for a program: one JSON document a line. */
  readonly isJson: boolean
  readonly signal: AbortSignal
}

interface BrokerFlags {
  readonly port: number
  readonly host: string
  readonly dataDir?: string
  readonly inMemory?: true
  readonly topic: Readonly<Record<string, TopicFlag>>
  readonly property: Readonly<Record<string, string>>
  readonly json?: true
}

interface TopicFlag {
  readonly partitions?: number
}

export function brokerCommand(companion?: Companion): Command {
  const { description, flags, data } = companion ?? {}
  const command = new Command('broker')
    .description(description ?? 'Start a Kafka broker; it runs until Ctrl-C.')
    .option('--port <number>', 'port to listen on; 0 takes a free one', portOf, 9092)
    .option('--host <address>', 'address to listen on; 0.0.0.0 lets other machines in', '127.0.0.1')
    .option(
      '--data-dir <directory>',
      `where records are kept (default: ${data?.shown ?? `"${DEFAULT_DATA_DIRECTORY}"`})`,
    )
    .addOption(new Option('--in-memory', 'keep nothing on disk').conflicts('dataDir'))
    .option(
      '--topic <name:partitions>',
      'create a topic where there is none of that name; may be repeated',
      addTopic,
      {},
    )
    .option('--property <name=value>', "one of Kafka's broker properties; may be repeated", addProperty, {})
    .option('--json', 'print one JSON document a line instead of text')
    .allowExcessArguments(false)
    .action((given: BrokerFlags) => runBroker(given, companion))
  for (const [flag, does] of Object.entries(flags ?? {})) command.option(flag, does)
  return command
}

async function runBroker(flags: BrokerFlags, companion: Companion | undefined): Promise<void> {
  // Armed first: who is told to stop while it starts must still close what it opened.
  const stop = stopRequest()
  try {
    const { createBroker } = await import('@samsa/broker')
    const broker: Broker = await createBroker(optionsOf(flags, companion))
    try {
      await serve(broker, flags, companion, stop)
    } finally {
      await broker.close()
    }
    process.stdout.write(flags.json === true ? `${JSON.stringify({ event: 'stopped' })}\n` : 'Stopped.\n')
  } finally {
    stop.disarm()
  }
}

async function serve(
  broker: Broker,
  flags: BrokerFlags,
  companion: Companion | undefined,
  stop: StopRequest,
): Promise<void> {
  const isJson = flags.json === true
  if (isJson) process.stdout.write(startLine(broker))
  const next = await companion?.run(broker, { flags: { ...flags }, isJson, signal: stop.signal })
  if (next === 'ends' || stop.signal.aborted) return
  if (!isJson) process.stdout.write(startText(broker))
  await stop.requested
}

function optionsOf(flags: BrokerFlags, companion: Companion | undefined): BrokerOptions {
  const directory = flags.dataDir ?? companion?.data.directory ?? DEFAULT_DATA_DIRECTORY
  return {
    port: flags.port,
    host: flags.host,
    ...(flags.inMemory === true ? {} : { dataDir: resolve(directory) }),
    topics: flags.topic,
    properties: { ...companion?.properties, ...flags.property },
    logger: consoleLogger({ level: 'warn' }),
  }
}

function portOf(text: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError('A port is a number from 0 to 65535.')
  return port
}

function addTopic(text: string, topics: Readonly<Record<string, TopicFlag>>): Record<string, TopicFlag> {
  const [, name, count] = /^([^:]+)(?::([1-9]\d{0,5}))?$/.exec(text) ?? []
  if (name === undefined) throw new InvalidArgumentError('A topic is a name and a number of partitions, as orders:6.')
  if (Object.hasOwn(topics, name)) throw new InvalidArgumentError(`The topic ${name} is given twice.`)
  return { ...topics, [name]: count === undefined ? {} : { partitions: Number(count) } }
}

/** Which properties there are, the broker knows; here only the form is looked at. */
function addProperty(text: string, properties: Readonly<Record<string, string>>): Record<string, string> {
  const separator = text.indexOf('=')
  if (separator < 1) throw new InvalidArgumentError('A property is a name and a value, as log.retention.ms=60000.')
  const name = text.slice(0, separator).trim()
  if (Object.hasOwn(properties, name)) throw new InvalidArgumentError(`The property ${name} is given twice.`)
  return { ...properties, [name]: text.slice(separator + 1).trim() }
}

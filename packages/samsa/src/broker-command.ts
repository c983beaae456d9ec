/**
 * `samsa broker`: reads its options, starts one broker, tells where it is, and stops it when the process is asked to end.
 */
import { resolve } from 'node:path'
import type { Broker, BrokerOptions } from '@samsa/broker'
import { consoleLogger } from '@samsa/runtime'
import { Command, InvalidArgumentError, Option } from 'commander'
import { startLine, startText } from './broker-report.js'

const DEFAULT_DATA_DIRECTORY = '.samsa/data'
const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
const FORCED_STATUS = 130
/** npm hands on to its child what the terminal has sent to both of them: one Ctrl-C comes twice. */
const SAME_SIGNAL_MS = 500

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

export function brokerCommand(): Command {
  return new Command('broker')
    .description('Start a Kafka broker; it runs until Ctrl-C.')
    .option('--port <number>', 'port to listen on; 0 takes a free one', portOf, 9092)
    .option('--host <address>', 'address to listen on; 0.0.0.0 lets other machines in', '127.0.0.1')
    .option('--data-dir <directory>', `where records are kept (default: "${DEFAULT_DATA_DIRECTORY}")`)
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
    .action((flags: BrokerFlags) => runBroker(flags))
}

async function runBroker(flags: BrokerFlags): Promise<void> {
  // Armed first: who is told to stop while it starts must still close what it opened.
  const stop = stopSignal()
  try {
    const { createBroker } = await import('@samsa/broker')
    const broker: Broker = await createBroker(optionsOf(flags))
    process.stdout.write(flags.json === true ? startLine(broker) : startText(broker))
    await stop.requested
    await broker.close()
    process.stdout.write(flags.json === true ? `${JSON.stringify({ event: 'stopped' })}\n` : 'Stopped.\n')
  } finally {
    stop.disarm()
  }
}

function optionsOf(flags: BrokerFlags): BrokerOptions {
  return {
    port: flags.port,
    host: flags.host,
    ...(flags.inMemory === true ? {} : { dataDir: resolve(flags.dataDir ?? DEFAULT_DATA_DIRECTORY) }),
    topics: flags.topic,
    properties: flags.property,
    logger: consoleLogger({ level: 'warn' }),
  }
}

/** The first signal asks for a clean stop, a later one does not wait for it. */
function stopSignal(): { readonly requested: Promise<void>; disarm(): void } {
  let request: () => void = () => {}
  let requestedAtMs: number | undefined
  const requested = new Promise<void>(done => {
    request = done
  })
  const onSignal = (): void => {
    const nowMs = performance.now()
    requestedAtMs ??= nowMs
    if (nowMs - requestedAtMs > SAME_SIGNAL_MS) process.exit(FORCED_STATUS)
    request()
  }
  for (const signal of STOP_SIGNALS) process.on(signal, onSignal)
  return {
    requested,
    disarm: () => {
      for (const signal of STOP_SIGNALS) process.off(signal, onSignal)
    },
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

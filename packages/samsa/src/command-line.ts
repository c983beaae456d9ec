/**
 * The command line: which commands there are, and how each ends. Exit status 0 is done, 1 is a command that failed (one
 * sentence on standard error), 2 is a command line that says nothing we know, or a file that cannot be read.
 */
import { readFileSync } from 'node:fs'
import { KafkaError } from '@samsa/runtime'
import { Command, CommanderError } from 'commander'
import { brokerCommand, type Companion } from './broker-command.js'
import { CommandEnd } from './command-end.js'
import { eosCommand } from './eos-command.js'

const USAGE_STATUS = 2

/** Runs one command until it has ended; resolves to the exit status of the process. A companion runs beside the broker. */
export async function runCommandLine(args: readonly string[], companion?: Companion): Promise<number> {
  const program = new Command('samsa')
    .description('Kafka for TypeScript: a broker that any Kafka client can talk to, and a check of exactly-once.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpCommand('help [command]', 'print what a command does')
    .helpOption('-h, --help', 'print this')
    .showHelpAfterError('(samsa --help tells what there is)')
    .exitOverride()
    .addCommand(brokerCommand(companion))
    .addCommand(eosCommand())
  inheritSettings(program)
  try {
    await program.parseAsync(args, { from: 'user' })
    return 0
  } catch (error) {
    return statusOf(error)
  }
}

function inheritSettings(parent: Command): void {
  for (const command of parent.commands) inheritSettings(command.copyInheritedSettings(parent))
}

/** Commander has written its own message by the time that it throws. */
function statusOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE_STATUS
  if (error instanceof CommandEnd) {
    if (error.message !== '') process.stderr.write(`samsa: ${error.message}\n`)
    return error.status
  }
  process.stderr.write(`samsa: ${sentenceOf(error)}\n`)
  return 1
}

/** What is thrown on purpose is a sentence for the user; anything else is a fault of ours, of which the stack tells more. */
function sentenceOf(error: unknown): string {
  if (error instanceof KafkaError && error.code === 'ADDRESS_IN_USE')
    return `${error.message}; --port 0 takes a free one`
  if (error instanceof KafkaError) return error.message
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

function packageVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  return String(typeof manifest === 'object' && manifest !== null ? Reflect.get(manifest, 'version') : undefined)
}

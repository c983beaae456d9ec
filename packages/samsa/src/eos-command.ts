/**
 * `samsa eos`: looks after exactly-once. `check` reads a history that an application has written and says what is wrong in it.
 */
import { KafkaError } from '@samsa/runtime'
import { Command } from 'commander'
import { CommandEnd } from './command-end.js'
import { verdictLine, verdictText } from './history-report.js'

const ANOMALIES_STATUS = 1
const UNREADABLE_STATUS = 2

interface CheckFlags {
  readonly json?: true
}

export function eosCommand(): Command {
  return new Command('eos').description('Look after exactly-once.').addCommand(checkCommand())
}

function checkCommand(): Command {
  return new Command('check')
    .description('Check a history that recordHistory of @samsa/eos/history has written; exit status 1 if it is wrong.')
    .argument('<history>', 'a file of JSON documents, one a line')
    .option('--json', 'print one JSON document instead of text')
    .allowExcessArguments(false)
    .action(checkHistory)
}

async function checkHistory(path: string, flags: CheckFlags): Promise<void> {
  const { checkHistoryFile } = await import('@samsa/eos/history')
  const verdict = await checkHistoryFile(path).catch((error: unknown) => {
    throw unreadable(path, error)
  })
  process.stdout.write(flags.json === true ? verdictLine(path, verdict) : verdictText(path, verdict))
  if (verdict.anomalies.length > 0) throw new CommandEnd(ANOMALIES_STATUS)
}

function unreadable(path: string, error: unknown): unknown {
  if (error instanceof KafkaError) return new CommandEnd(UNREADABLE_STATUS, `${path}: ${error.message}`)
  const isOfSystem = error instanceof Error && 'syscall' in error
  return isOfSystem ? new CommandEnd(UNREADABLE_STATUS, `${path} cannot be read: ${error.message}.`) : error
}

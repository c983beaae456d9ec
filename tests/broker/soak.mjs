/**
 * More rounds of SIGKILL than a test run has time for, 200 without a number: `node tests/broker/soak.mjs [--rounds N]
 * [--seed TEXT]`. Needs a build. Without a seed it takes one of its own and says which, so that a failure can be had again.
 */
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const rootFolder = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '200' }, seed: { type: 'string', default: randomUUID() } },
})
if (!/^[1-9]\d{0,6}$/.test(values.rounds)) {
  process.stderr.write(`--rounds takes a whole number from 1, not ${values.rounds}\n`)
  process.exit(2)
}
process.stdout.write(`${values.rounds} rounds, --seed ${values.seed}\n`)
const vitest = join(rootFolder, 'node_modules/vitest/vitest.mjs')
const env = { ...process.env, SAMSA_KILL_ROUNDS: values.rounds, SAMSA_KILL_SEED: values.seed }
spawn(process.execPath, [vitest, 'run', 'tests/broker/kill'], { cwd: rootFolder, env, stdio: 'inherit' }).once(
  'close',
  status => {
    process.exitCode = status ?? 1
  },
)

/**
 * More seeds of the durability proof than a test run has time for: `node tests/broker/durability-soak.mjs [--seeds N]
 * [--seed N]`. Needs a build. The seeds go from the one that is given on, a third of them in each flush mode; a failure
 * names its seed, and `--seeds 1 --seed N` has it again.
 */
import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const rootFolder = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '20000' }, seed: { type: 'string', default: '1' } },
})
for (const [option, value] of Object.entries(values)) {
  if (/^[1-9]\d{0,8}$/.test(value)) continue
  process.stderr.write(`--${option} takes a whole number from 1, not ${value}\n`)
  process.exit(2)
}
process.stdout.write(`${values.seeds} seeds, --seed ${values.seed}\n`)
const vitest = join(rootFolder, 'node_modules/vitest/vitest.mjs')
const env = { ...process.env, SAMSA_DURABILITY_SEEDS: values.seeds, SAMSA_DURABILITY_SEED: values.seed }
spawn(process.execPath, [vitest, 'run', 'tests/broker/durability'], { cwd: rootFolder, env, stdio: 'inherit' }).once(
  'close',
  status => {
    process.exitCode = status ?? 1
  },
)

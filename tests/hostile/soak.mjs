/**
 * More mutated sequences against a live broker than a test run has time for:
 * `node tests/hostile/soak.mjs [--seeds N] [--first N]`. Needs a build. Without a first seed it takes one of its own and
 * says which, so that a failure can be had again; `SAMSA_HOSTILE_SEED=N` with the test runs one seed alone.
 */
import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const MOST_SEEDS = 10_000_000
const rootFolder = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '20000' },
    first: { type: 'string', default: `${randomInt(1, 2 ** 31)}` },
  },
})
for (const [name, text] of Object.entries(values)) {
  if (/^\d{1,10}$/.test(text) && Number(text) > 0 && (name === 'first' || Number(text) <= MOST_SEEDS)) continue
  process.stderr.write(`--${name} takes a whole number from 1, not ${text}\n`)
  process.exit(2)
}
process.stdout.write(`${values.seeds} seeds, --first ${values.first}\n`)
const vitest = join(rootFolder, 'node_modules/vitest/vitest.mjs')
const env = { ...process.env, SAMSA_HOSTILE_SEEDS: values.seeds, SAMSA_HOSTILE_FIRST_SEED: values.first }
spawn(process.execPath, [vitest, 'run', 'tests/hostile/live-mutation'], {
  cwd: rootFolder,
  env,
  stdio: 'inherit',
}).once('close', status => process.exit(status ?? 1))

/**
 * More seeds of compaction against its model than a test run has time for: `node tests/broker/soak-compaction.mjs
 * [--seeds N] [--seed FIRST]`. Needs a build. A failure says its seed; with `--seeds 1 --seed N` it is had again.
 */
import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const rootFolder = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '2000' }, seed: { type: 'string', default: '1' } },
})
for (const [name, value] of Object.entries(values)) {
  if (/^[1-9]\d{0,8}$/.test(value)) continue
  process.stderr.write(`--${name} takes a whole number from 1, not ${value}\n`)
  process.exit(2)
}
process.stdout.write(`--seeds ${values.seeds} --seed ${values.seed}\n`)
const vitest = join(rootFolder, 'node_modules/vitest/vitest.mjs')
const env = { ...process.env, SAMSA_COMPACTION_SEEDS: values.seeds, SAMSA_COMPACTION_FIRST_SEED: values.seed }
spawn(process.execPath, [vitest, 'run', 'tests/broker/compaction'], { cwd: rootFolder, env, stdio: 'inherit' }).once(
  'close',
  status => {
    process.exitCode = status ?? 1
  },
)

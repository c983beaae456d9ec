/**
 * More seeds of the lives of groups through crashes than a test run has time for:
 * `node tests/broker/group-durability-soak.mjs [--seeds N] [--seed FIRST]`. Needs a build. A third of the seeds is run in
 * each flush mode; a failure says its seed, and with `--seeds 3 --seed N` it is had again.
 */
import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const rootFolder = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '3000' }, seed: { type: 'string', default: '1' } },
})
for (const [name, value] of Object.entries(values)) {
  if (/^[1-9]\d{0,8}$/.test(value)) continue
  process.stderr.write(`--${name} takes a whole number from 1, not ${value}\n`)
  process.exit(2)
}
process.stdout.write(`--seeds ${values.seeds} --seed ${values.seed}\n`)
const vitest = join(rootFolder, 'node_modules/vitest/vitest.mjs')
const env = { ...process.env, SAMSA_GROUP_DURABILITY_SEEDS: values.seeds, SAMSA_GROUP_DURABILITY_SEED: values.seed }
spawn(process.execPath, [vitest, 'run', 'tests/broker/group-durability'], {
  cwd: rootFolder,
  env,
  stdio: 'inherit',
}).once('close', status => {
  process.exitCode = status ?? 1
})

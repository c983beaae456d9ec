/**
 * More seeds of the lives of groups, of both protocols, than a test run has time for: `node tests/broker/soak-groups.mjs
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
const env = { ...process.env, SAMSA_GROUP_SEEDS: values.seeds, SAMSA_GROUP_FIRST_SEED: values.seed }
const lives = ['group-simulation', 'consumer-simulation'].map(name => `packages/broker/src/coordinator/group/${name}`)
spawn(process.execPath, [vitest, 'run', ...lives], {
  cwd: rootFolder,
  env,
  stdio: 'inherit',
}).once('close', status => {
  process.exitCode = status ?? 1
})

/**
 * More random use of many files over few descriptors than a test run has time for:
 * `node tests/broker/disk-files-soak.mjs [--steps N] [--seed TEXT]`. Needs a build. Without a seed it takes one of its own
 * and says which, so that a failure can be had again.
 */
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const rootFolder = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const { values } = parseArgs({
  options: { steps: { type: 'string', default: '1000000' }, seed: { type: 'string', default: randomUUID() } },
})
if (!/^[1-9]\d{0,9}$/.test(values.steps)) {
  process.stderr.write(`--steps takes a whole number from 1, not ${values.steps}\n`)
  process.exit(2)
}
process.stdout.write(`${values.steps} steps, --seed ${values.seed}\n`)
const vitest = join(rootFolder, 'node_modules/vitest/vitest.mjs')
const env = { ...process.env, SAMSA_DESCRIPTOR_STEPS: values.steps, SAMSA_DESCRIPTOR_SEED: values.seed }
spawn(process.execPath, [vitest, 'run', 'tests/broker/disk-files'], { cwd: rootFolder, env, stdio: 'inherit' }).once(
  'close',
  status => {
    process.exitCode = status ?? 1
  },
)

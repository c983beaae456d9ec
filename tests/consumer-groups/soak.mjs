/**
 * More seeds of groups under trouble than a test run has time for:
 * `node tests/consumer-groups/soak.mjs [--seeds N] [--from M]`. Needs a build. A failure names its seed and prints what
 * happens in it; `--seeds 1 --from SEED` has it again.
 */
import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const rootFolder = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '2000' }, from: { type: 'string', default: '1' } },
})
for (const [option, value] of Object.entries(values)) {
  if (/^[1-9]\d{0,8}$/.test(value)) continue
  process.stderr.write(`--${option} takes a whole number from 1, not ${value}\n`)
  process.exit(2)
}
process.stdout.write(`${values.seeds} seeds, --from ${values.from}\n`)
const vitest = join(rootFolder, 'node_modules/vitest/vitest.mjs')
const env = { ...process.env, SAMSA_CONSUMER_GROUPS_SEEDS: values.seeds, SAMSA_CONSUMER_GROUPS_FIRST: values.from }
const args = [vitest, 'run', 'tests/consumer-groups']
spawn(process.execPath, args, { cwd: rootFolder, env, stdio: 'inherit' }).once('close', status => {
  process.exitCode = status ?? 1
})

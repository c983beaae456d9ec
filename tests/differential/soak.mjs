/**
 * More sequences than a test run has time for, against a Kafka of its own:
 * `node tests/differential/soak.mjs [--sequences N] [--seed TEXT] [--only NUMBER]`. Needs a build and SAMSA_KAFKA_BIN.
 * Without a seed it takes one of its own and says which; `--only` runs the one sequence of the seed that has the number.
 */
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const rootFolder = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const { values } = parseArgs({
  options: {
    sequences: { type: 'string', default: '20000' },
    seed: { type: 'string', default: randomUUID() },
    only: { type: 'string' },
  },
})
if (!/^[1-9]\d{0,6}$/.test(values.sequences)) {
  process.stderr.write(`--sequences takes a whole number from 1, not ${values.sequences}\n`)
  process.exit(2)
}
if (values.only !== undefined && !/^\d{1,7}$/.test(values.only)) {
  process.stderr.write(`--only takes the number of a sequence, not ${values.only}\n`)
  process.exit(2)
}
const what = values.only === undefined ? `${values.sequences} sequences` : `sequence ${values.only}`
process.stdout.write(`${what}, --seed ${values.seed}\n`)
const vitest = join(rootFolder, 'node_modules/vitest/vitest.mjs')
const env = {
  ...process.env,
  SAMSA_DIFFERENTIAL_SEQUENCES: values.sequences,
  SAMSA_DIFFERENTIAL_SEED: values.seed,
  ...(values.only === undefined ? {} : { SAMSA_DIFFERENTIAL_ONLY: values.only }),
}
spawn(process.execPath, [vitest, 'run', 'tests/differential/differential'], {
  cwd: rootFolder,
  env,
  stdio: 'inherit',
}).once('close', status => {
  process.exitCode = status ?? 1
})

/**
 * What soak scripts have in common: numbers and words of the command line become the environment of one proof, which is run
 * with them in place of what a test run has time for. Every run says how to have it again.
 */
import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const rootFolder = dirname(dirname(fileURLToPath(import.meta.url)))

/**
 * `options`: by name, the `variable` that the proof reads and the `default`, if it has one; `isText` where any text does,
 * else a whole number from `least` (1) to `most`. `proofs` are the files or folders of tests.
 */
export function soak({ proofs, options }) {
  const names = Object.entries(options)
  const { values } = parseArgs({
    options: Object.fromEntries(names.map(([name, { default: usual }]) => [name, optionOf(usual)])),
  })
  const env = { ...process.env }
  const told = []
  for (const [name, { variable, isText = false, least = 1, most = 1_000_000_000 }] of names) {
    const value = values[name]
    if (value === undefined) continue
    if (!isText && !(/^\d{1,10}$/.test(value) && Number(value) >= least && Number(value) <= most)) {
      process.stderr.write(`--${name} takes a whole number from ${least} to ${most}, not ${value}\n`)
      process.exit(2)
    }
    env[variable] = value
    told.push(`--${name} ${value}`)
  }
  process.stdout.write(`${told.join(' ')}\n`)
  const args = [join(rootFolder, 'node_modules/vitest/vitest.mjs'), 'run', ...proofs]
  spawn(process.execPath, args, { cwd: rootFolder, env, stdio: 'inherit' }).once('close', status => {
    process.exitCode = status ?? 1
  })
}

function optionOf(usual) {
  return usual === undefined ? { type: 'string' } : { type: 'string', default: String(usual) }
}

/**
 * Breaks one rule of the broker, the producer, the consumer and the helpers for exactly-once after the other on purpose, each in a copy of its sources, and
 * sees whether the tests that are named beside it notice: `node tests/mutations/run.mjs [--record] [NAME…]`. Needs a build. Runs all of
 * `mutations.json`, or those that are named; with `--record` it enters what it saw into `result.json`. Ends with status 1
 * when a mutation survives, or when its text is not in the sources any more, exactly once.
 */
import { spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const folder = dirname(fileURLToPath(import.meta.url))
const root = dirname(dirname(folder))
/** Packages with rules to break, and the doors through which tests of other packages see them. */
const PACKAGES = {
  broker: ['index', 'internal', 'testing'],
  client: ['index', 'internal'],
  producer: ['index', 'internal'],
  consumer: ['index', 'internal'],
  eos: ['index', 'internal', 'mysql', 'postgres', 'redis', 'sqlite', 'store-tests'],
}
/** What the named tests import of the repository, apart from what is built. */
const COPIED = [
  ...Object.keys(PACKAGES).flatMap(name => [`packages/${name}/src`, `packages/${name}/package.json`]),
  'tests/behaviour',
  'tests/broker',
  'tests/producer-faults',
  'tests/transactions',
  'tests/consumer-groups',
  'tests/eos',
  'tests/interop/temporary-folder.ts',
  'tests/golden',
  'tests/databases',
  'tests/differential/free-port.ts',
  'tests/behaviour/eventually.ts',
  'tests/proof-size.ts',
]
const LINKED = [
  'node_modules',
  'tests/node_modules',
  ...Object.keys(PACKAGES).map(name => `packages/${name}/node_modules`),
]
/** Seeded proofs stop at their first failure, and need not make it smaller. */
const PROOF = {
  SAMSA_DURABILITY_SEEDS: '300',
  SAMSA_DURABILITY_SMALLER: 'no',
  SAMSA_PRODUCER_FAULTS_SEEDS: '300',
  SAMSA_TRANSACTIONS_SEEDS: '30',
  SAMSA_CONSUMER_GROUPS_SEEDS: '300',
}
const MOST_MS = 300_000

const { values, positionals } = parseArgs({
  options: { record: { type: 'boolean', default: false } },
  allowPositionals: true,
})
process.exitCode = await main(positionals)

async function main(names) {
  const all = JSON.parse(readFileSync(join(folder, 'mutations.json'), 'utf8'))
  const unknown = names.filter(name => !all.some(mutation => mutation.name === name))
  if (unknown.length > 0) {
    process.stderr.write(`no mutation is called ${unknown.join(', ')}\n`)
    return 2
  }
  const copy = mkdtempSync(join(tmpdir(), 'samsa-mutations-'))
  const results = []
  try {
    prepare(copy)
    for (const mutation of all.filter(({ name }) => names.length === 0 || names.includes(name))) {
      const result = await check(copy, mutation)
      process.stdout.write(`${result.outcome}: ${mutation.name}${result.by === undefined ? '' : ` (${result.by})`}\n`)
      results.push(result)
      if (values.record) record(all, results)
    }
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
  return results.every(({ outcome }) => outcome === 'caught') ? 0 : 1
}

/** In the order of the table; what did not run now stays as it was. */
function record(all, results) {
  const path = join(folder, 'result.json')
  const before = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : []
  const rows = all.flatMap(({ name }) => [...results, ...before].find(result => result.name === name) ?? [])
  writeFileSync(path, `${JSON.stringify(rows, undefined, 2)}\n`)
}

function prepare(copy) {
  for (const path of COPIED) cpSync(join(root, path), join(copy, path), { recursive: true })
  for (const path of LINKED) {
    mkdirSync(dirname(join(copy, path)), { recursive: true })
    symlinkSync(join(root, path), join(copy, path), 'dir')
  }
  // Tests outside of a package see its sources too, in place of what was built from other ones.
  const alias = Object.entries(PACKAGES).flatMap(([name, doors]) => doors.map(door => aliasOf(copy, name, door)))
  const config = `export default {
  resolve: { alias: [${alias.join(', ')}] },
  test: { include: ['packages/*/src/**/*.test.ts', 'tests/**/*.test.ts'], pool: 'threads', testTimeout: 60_000 },
}
`
  writeFileSync(join(copy, 'vitest.config.mjs'), config)
}

function aliasOf(copy, name, door) {
  const path = door === 'index' ? '' : `\\/${door}`
  const sources = join(copy, `packages/${name}/src`)
  const file = [`${door}.ts`, `${door}/index.ts`].map(path => join(sources, path)).find(path => existsSync(path))
  return `{ find: /^@samsa\\/${name}${path}$/, replacement: ${JSON.stringify(file)} }`
}

/** The mutation is undone afterwards, so that one copy serves all of them. */
async function check(copy, { name, file, find, replace, tests }) {
  const path = join(copy, file)
  const text = readFileSync(join(root, file), 'utf8')
  const places = text.split(find).length - 1
  if (places !== 1) return { name, outcome: `its text is in ${file} ${places} times` }
  writeFileSync(
    path,
    text.replace(find, () => replace),
  )
  try {
    const failed = await failedTests(copy, tests)
    return failed === undefined ? { name, outcome: 'survived' } : { name, outcome: 'caught', by: failed }
  } finally {
    writeFileSync(path, text)
  }
}

/** The first test that failed; undefined when all passed. One file or folder after the other, so that it is always the same. */
async function failedTests(copy, tests) {
  for (const path of tests) {
    const failed = await failedIn(copy, path)
    if (failed !== undefined) return failed
  }
  return undefined
}

async function failedIn(copy, tests) {
  const report = join(copy, 'report.json')
  rmSync(report, { force: true })
  const vitest = join(root, 'node_modules/vitest/vitest.mjs')
  const args = ['run', '--root', copy, '--bail=1', '--reporter=json', `--outputFile=${report}`, tests]
  const child = spawn(process.execPath, [vitest, ...args], {
    cwd: copy,
    env: { ...process.env, ...PROOF },
    stdio: 'ignore',
    timeout: MOST_MS,
  })
  const status = await new Promise(resolve => child.once('close', resolve))
  if (status === 0) return undefined
  const { testResults } = JSON.parse(readFileSync(report, 'utf8'))
  const failed = testResults.flatMap(result => result.assertionResults.filter(test => test.status === 'failed'))
  if (failed[0] === undefined) throw new Error(`${tests} did not run: ${JSON.stringify(testResults).slice(0, 1000)}`)
  return failed[0].fullName
}

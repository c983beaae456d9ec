/**
 * `npm test`: from a fresh clone to a verdict, with nothing but Node and npm. Installs when something changed, checks
 * the native packages, builds, checks the generated files, lints, and runs the tests; arguments go to vitest.
 *
 * SAMSA_SKIP_INSTALL=1 takes node_modules as it is, SAMSA_SKIP_BUILD=1 the built files too (with no check of sources):
 * for running the same build under another Node.
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { runCaptured, runShown } from './child-process.mjs'
import { install, installedForOtherRuntime, installReason, rebuild } from './install.mjs'
import { checkNativePackages } from './native-packages.mjs'
import { printCounts, printFailures, skipLines } from './test-summary.mjs'
import { cacheFolder, inRoot, pinnedPnpm, readManifest, rootFolder } from './workspace.mjs'

const minimumNode = readManifest(rootFolder).engines.node.replace('>=', '')
const label = process.env.SAMSA_SUMMARY_LABEL || undefined
const titleFilter = process.argv.some(argument => /^(?:-t|--testNamePattern)\b/.test(argument))
const noTests = { passed: 0, failed: 0, failures: [], skipped: [] }
/** Names of the steps that failed; each counts as one failed test, so that the last line says what the exit code says. */
const failedSteps = []

process.exitCode = await main(process.argv.slice(2))

async function main(vitestArgs) {
  if (!nodeIsNewEnough()) {
    say(`Samsa needs Node ${minimumNode} or newer; this is Node ${process.versions.node} (${process.execPath}).`)
    failedSteps.push('Node version')
    return finish(noTests)
  }
  say(`Node ${process.versions.node}, ${process.platform} ${process.arch}`)
  const recompile = installedForOtherRuntime() && !process.env.SAMSA_SKIP_INSTALL
  if (!(await installStep())) return finish(noTests)
  await nativesStep(recompile)
  if (!(await sourceSteps())) return finish(noTests)
  return finish(await vitestStep(vitestArgs))
}

function finish({ passed, failed, failures, skipped }) {
  // With a filter on titles nearly everything is skipped, for a reason that is known.
  if (!titleFilter) for (const line of skipLines(skipped)) say(line)
  printFailures([...failures, ...failedSteps])
  const counts = { passed, failed: failed + failedSteps.length, skipped: skipped.length }
  printCounts(counts, label)
  return counts.failed === 0 ? 0 : 1
}

async function installStep() {
  if (process.env.SAMSA_SKIP_INSTALL) return true
  const reason = installReason()
  if (reason === undefined) return true
  say(`install: ${reason}; ${pinnedPnpm()} install --frozen-lockfile, which may compile for a minute`)
  const seconds = stopwatch()
  const status = await install()
  say(`install: ${status === 0 ? 'done' : 'failed'} in ${seconds()}`)
  if (status === 0) return true
  failedSteps.push('install')
  say(`  where a package.json was changed on purpose: npx ${pinnedPnpm()} install --no-frozen-lockfile`)
  return false
}

/** With `recompile`, packages that the last Node left behind and that do not load under this one are compiled anew. */
async function nativesStep(recompile) {
  const seconds = stopwatch()
  let natives = await checkNativePackages()
  if (recompile && natives.compilable.length > 0) {
    say(`native packages: compiling ${natives.compilable.join(', ')} for this Node`)
    if ((await rebuild(natives.compilable)) !== 0) say('  that failed')
    natives = await checkNativePackages()
  }
  say(`native packages: ${natives.loaded.join(', ') || 'none'} (${seconds()})`)
  for (const sentence of natives.sentences) say(`  ${sentence}`)
}

/** Build, generated files and lint; false when there is nothing to run tests on. */
async function sourceSteps() {
  if (process.env.SAMSA_SKIP_BUILD) return true
  const lint = quietStep('lint', 'node_modules/@biomejs/biome/bin/biome', ['check', '--error-on-warnings', '.'])
  const built = await buildSteps()
  await lint
  return built
}

async function buildSteps() {
  // The generator first: where a schema changed and the messages did not, "stale" says more than the compiler can.
  const generator = 'packages/protocol/dist-generate/generate/main.js'
  const generatorBuilt = await quietStep('generator', 'node_modules/typescript/bin/tsc', [
    '-b',
    'packages/protocol/generate',
  ])
  if (generatorBuilt && existsSync(inRoot(generator))) await quietStep('generated files', generator, ['--check'])
  return quietStep('build', 'node_modules/typescript/bin/tsc', ['-b'])
}

async function vitestStep(vitestArgs) {
  const resultPath = `${cacheFolder}/test-result-${process.pid}.json`
  mkdirSync(cacheFolder, { recursive: true })
  const seconds = stopwatch()
  const status = await runShown(
    process.execPath,
    [
      inRoot('node_modules/vitest/vitest.mjs'),
      'run',
      '--reporter=default',
      `--reporter=${inRoot('scripts/test-reporter.mjs')}`,
      ...vitestArgs,
    ],
    { env: { ...process.env, SAMSA_TEST_RESULT: resultPath } },
  )
  say(`tests: ${seconds()}`)
  const result = existsSync(resultPath) ? JSON.parse(readFileSync(resultPath, 'utf8')) : noTests
  rmSync(resultPath, { force: true })
  if (status !== 0 && result.failed === 0) failedSteps.push(`vitest (exit status ${status})`)
  return result
}

/** Runs a Node program and shows its output only when it fails. */
async function quietStep(name, program, args) {
  const seconds = stopwatch()
  const { status, output } = await runCaptured(process.execPath, [inRoot(program), ...args])
  say(`${name}: ${status === 0 ? 'done' : 'failed'} in ${seconds()}`)
  if (status === 0) return true
  failedSteps.push(name)
  say(output)
  return false
}

function nodeIsNewEnough() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const [leastMajor = 0, leastMinor = 0] = minimumNode.split('.').map(Number)
  return major > leastMajor || (major === leastMajor && minor >= leastMinor)
}

function stopwatch() {
  const start = performance.now()
  return () => `${((performance.now() - start) / 1000).toFixed(1)} s`
}

function say(line) {
  process.stdout.write(`${line}\n`)
}

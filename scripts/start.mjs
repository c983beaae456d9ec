/**
 * `npm start`: a broker from this checkout, installed and built first where it must be, and the tour of examples/tour against
 * it. Arguments go to `samsa broker`; `--once` ends both behind the tour. Data are in a temporary directory unless told.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { prepareWorkspace } from './built-workspace.mjs'
import { inRoot } from './workspace.mjs'

const commandLine = inRoot('packages/samsa/dist/internal.js')
const PARENT_WATCH_MS = 250
const tourFolder = inRoot('examples/dist/tour')

if (await prepareWorkspace({ projects: ['packages/samsa', 'examples'], program: commandLine })) await start()
else process.exitCode = 1

async function start() {
  stopWithNpm()
  const { runCommandLine } = await import(pathToFileURL(commandLine).href)
  const folder = mkdtempSync(join(tmpdir(), 'samsa-tour-'))
  // However the process ends, short of a SIGKILL.
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  let hasFailed = false
  const status = await runCommandLine(['broker', ...process.argv.slice(2)], {
    description: 'Start a Kafka broker, show what it can do, and go on until Ctrl-C.',
    flags: { '--once': 'end when the tour is over' },
    data: { directory: join(folder, 'data'), shown: 'a temporary one' },
    // As in a cluster where groups have members already: the first one need not wait for others.
    properties: { 'group.initial.rebalance.delay.ms': '0' },
    run: async (broker, given) => {
      const { isPassed, isInterrupted } = await showTour(broker, given, folder)
      const isOnce = given.flags.once === true
      // Ctrl-C is how a broker is meant to end, and no end for a proof.
      hasFailed = !isPassed && (isOnce || !isInterrupted)
      if (hasFailed || isOnce) return 'ends'
      if (isPassed && !given.isJson)
        process.stdout.write(`What it wrote is still there, in tour-orders and tour-transfers.\n`)
      return 'goes on'
    },
  })
  process.exitCode = status === 0 && hasFailed ? 1 : status
}

/** npm hands a signal to the shell between, which dies of it and tells nobody: this process would go on without a parent. */
function stopWithNpm() {
  if (process.env.npm_lifecycle_event === undefined) return
  const parent = process.ppid
  const watch = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(watch)
    process.kill(process.pid, 'SIGTERM')
  }, PARENT_WATCH_MS)
  watch.unref()
}

async function showTour({ bootstrapServers, dataDir }, { isJson, signal }, folder) {
  const { tour } = await import(pathToFileURL(join(tourFolder, 'tour.js')).href)
  const { screenOn, silentScreen } = await import(pathToFileURL(join(tourFolder, 'screen.js')).href)
  const screen = isJson ? silentScreen : screenOn(process.stdout)
  screen.step('A broker', 'scripts/start.mjs')
  screen.line(
    `answers at ${bootstrapServers}, keeps its records ${dataDir === undefined ? 'in memory' : `in ${dataDir}`}`,
  )
  const startedAt = performance.now()
  const outcome = await tour({ bootstrapServers, folder, screen, signal })
  const seconds = Number(((performance.now() - startedAt) / 1000).toFixed(1))
  const text = isJson ? JSON.stringify({ event: 'tour', seconds, ...outcome }) : `\n${verdict(outcome, seconds)}\n`
  process.stdout.write(`${text}\n`)
  return outcome
}

function verdict({ isPassed, isInterrupted, checks }, seconds) {
  if (isPassed) return `All ${checks.length} checks hold, after ${seconds} s.`
  if (isInterrupted) return 'The tour was interrupted.'
  return 'Not all checks hold: the tour ends here, and the broker with it.'
}

/**
 * Runs the command line of this checkout in this very process, so that signals and standard streams are its own.
 */
import { pathToFileURL } from 'node:url'
import { prepareWorkspace } from './built-workspace.mjs'
import { inRoot } from './workspace.mjs'

const program = inRoot('packages/samsa/dist/main.js')

export async function runSamsa(args) {
  if (!(await prepareWorkspace({ projects: ['packages/samsa'], program }))) {
    process.exitCode = 1
    return
  }
  process.argv.splice(1, process.argv.length, program, ...args)
  await import(pathToFileURL(program).href)
}

/**
 * Makes the workspace fit to run for scripts that start a program of it: installs and builds when it must. Says nothing
 * when there is nothing to do, and what it says goes to standard error: the output belongs to the program.
 */
import { existsSync } from 'node:fs'
import { runCaptured } from './child-process.mjs'
import { install, installReason } from './install.mjs'
import { inRoot, pinnedPnpm } from './workspace.mjs'

/** Resolves to whether it is fit. `projects` are folders with a tsconfig.json, `program` is what their build makes. */
export async function prepareWorkspace({ projects, program }) {
  return (await installed()) && (await built(projects, program))
}

async function installed() {
  const reason = installReason()
  if (reason === undefined) return true
  say(`Installing with ${pinnedPnpm()}, since ${reason}; this may compile for a minute.`)
  if ((await install()) === 0) return true
  say('The installation failed.')
  return false
}

async function built(projects, program) {
  if (!existsSync(program)) say('Building.')
  const compiler = inRoot('node_modules/typescript/bin/tsc')
  const { status, output } = await runCaptured(process.execPath, [compiler, '-b', ...projects])
  if (status === 0) return true
  say(`${output}\nThe build failed.`)
  return false
}

function say(line) {
  process.stderr.write(`${line}\n`)
}

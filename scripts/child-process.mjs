/**
 * Child processes for the scripts: one that shows its output as it runs, and one that hands it back when it has ended.
 * Neither throws: a program that cannot be started ends like one that failed.
 */
import { spawn } from 'node:child_process'
import { rootFolder } from './workspace.mjs'

/** Runs a program with the terminal as its own and resolves to its exit status. */
export function runShown(command, args, options = {}) {
  return new Promise(resolve => {
    const child = spawn(command, args, { cwd: rootFolder, ...options, stdio: ['ignore', 'inherit', 'inherit'] })
    child.once('error', error => {
      process.stderr.write(`${command} cannot be started: ${error.message}\n`)
      resolve(127)
    })
    child.once('close', (status, signal) => resolve(statusOf(status, signal)))
  })
}

/** Runs a program and resolves to `{ status, output, signal }`, with both of its streams in one string. */
export function runCaptured(command, args, options = {}) {
  const { timeoutMs, ...spawnOptions } = options
  return new Promise(resolve => {
    const chunks = []
    const child = spawn(command, args, {
      cwd: rootFolder,
      ...spawnOptions,
      timeout: timeoutMs,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child.stdout.on('data', chunk => chunks.push(chunk))
    child.stderr.on('data', chunk => chunks.push(chunk))
    const end = (status, signal, note = '') =>
      resolve({ status, signal, output: `${Buffer.concat(chunks).toString('utf8')}${note}`.trimEnd() })
    child.once('error', error => end(127, null, `${command} cannot be started: ${error.message}`))
    child.once('close', (status, signal) => end(statusOf(status, signal), signal))
  })
}

/** Runs one of npm's own programs (`npm`, `npx`); on Windows these are scripts that only a shell can start. */
export function npmProgram(name) {
  return process.platform === 'win32'
    ? { command: `${name}.cmd`, options: { shell: true } }
    : { command: name, options: {} }
}

function statusOf(status, signal) {
  return signal === null ? (status ?? 1) : 1
}

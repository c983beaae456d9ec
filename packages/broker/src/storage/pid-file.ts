/**
 * PidFile: a lock file that names a process and when it started. The start time tells the process from a later one that
 * was given the same id, so that a crash leaves nothing that has to be removed by hand. Owns the file while it is held.
 */
import { execFileSync } from 'node:child_process'
import { linkSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { storageErrorOf, systemCodeOf } from './storage-error.js'

/** When a process started, in any form that stays the same while it lives; undefined when there is no such process. */
export type StartTime = (processId: number) => string | undefined

export class PidFile {
  readonly #path: string
  readonly #content: string

  private constructor(path: string, content: string) {
    this.#path = path
    this.#content = content
  }

  /** Undefined when a process that lives has it. */
  static take(
    path: string,
    startTime: StartTime = startTimeByPs,
    processId: number = process.pid,
  ): PidFile | undefined {
    const content = `${processId}\n${startTime(processId) ?? ''}\n`
    // Made whole beside it and then linked: no one ever sees a file that is half written.
    const own = `${path}.${processId}`
    try {
      writeFileSync(own, content)
      for (let attempts = 0; attempts < 3; attempts++) {
        if (link(own, path)) return new PidFile(path, content)
        if (!removeStale(path, startTime, processId)) return undefined
      }
      return undefined
    } catch (error) {
      throw storageErrorOf('lock', path, error)
    } finally {
      rmSync(own, { force: true })
    }
  }

  remove(): void {
    if (readIfThere(this.#path) === this.#content) rmSync(this.#path, { force: true })
  }
}

function link(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if (systemCodeOf(error) === 'EEXIST') return false
    throw error
  }
}

/**
 * Takes the file away if its process is gone; false if it lives. Two processes may find the same file stale: the one
 * whose rename comes second would take away what the first has made since, sees that by the content, and puts it back.
 */
function removeStale(path: string, startTime: StartTime, processId: number): boolean {
  const found = readIfThere(path)
  if (found === undefined) return true
  const [holder, startedAt] = found.split('\n')
  const holderId = Number(holder)
  if (Number.isSafeInteger(holderId) && holderId > 0 && startTime(holderId) === startedAt) return false
  const aside = `${path}.${processId}.stale`
  try {
    renameSync(path, aside)
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return true
    throw error
  }
  const isTheStaleOne = readIfThere(aside) === found
  if (!isTheStaleOne) link(aside, path)
  unlinkSync(aside)
  return isTheStaleOne
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

function startTimeByPs(processId: number): string | undefined {
  if (!isAlive(processId)) return undefined
  try {
    const environment = { ...process.env, LC_ALL: 'C', TZ: 'UTC' }
    const text = execFileSync('ps', ['-o', 'lstart=', '-p', String(processId)], { encoding: 'utf8', env: environment })
    return text.trim()
  } catch {
    // Without ps a later process with the same id cannot be told apart: then the lock is kept, not broken.
    return 'unknown'
  }
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0)
    return true
  } catch (error) {
    return systemCodeOf(error) === 'EPERM'
  }
}

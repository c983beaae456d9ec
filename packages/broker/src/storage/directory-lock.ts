/**
 * DirectoryLock: one data directory, one broker. A lock that a crash cannot leave behind: on Linux an abstract socket and
 * on Windows a named pipe, both named after the directory's device and inode and gone with the process; elsewhere a file
 * with the process's id and start time, which a later process recognises as stale (`pid-file.ts`).
 *
 * A directory that a running Apache Kafka holds is refused too, where the system tells who holds which lock (Linux).
 * What it cannot prevent: Node has no file locks, so a Kafka that is started later does not see ours; and processes in
 * different network namespaces do not see each other's abstract sockets.
 */
import { readdirSync, readFileSync, readlinkSync, realpathSync, statSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { KafkaError } from '@samsa/runtime'
import { PidFile } from './pid-file.js'
import { storageErrorOf, systemCodeOf } from './storage-error.js'

/** What the lock asks of the machine; a test answers itself. */
export interface LockingSystem {
  readonly platform: NodeJS.Platform
  /** The system's table of file locks, in the form of Linux; undefined where there is none. */
  readLockTable(): string | undefined
}

const thisMachine: LockingSystem = {
  platform: process.platform,
  readLockTable: () => (process.platform === 'linux' ? readFileSync('/proc/locks', 'utf8') : undefined),
}

/**
 * A name that was just given back may be taken a moment longer: a process that another thread spawns has all that was open
 * at its fork until its exec.
 */
const PAUSES_MS = [1, 5, 20, 50, 100, 200]

export class DirectoryLock {
  readonly directory: string
  readonly #held: Server | PidFile

  private constructor(directory: string, held: Server | PidFile) {
    this.directory = directory
    this.#held = held
  }

  /** Takes the lock of an existing directory, or throws one sentence that says who has it. */
  static async acquire(directory: string, system: LockingSystem = thisMachine): Promise<DirectoryLock> {
    const name = lockName(directory, system.platform)
    const held = name === undefined ? PidFile.take(join(directory, '.samsa-lock')) : await listen(name)
    if (held === undefined) throw refusal(directory, 'another Samsa broker')
    const lock = new DirectoryLock(directory, held)
    const kafka = holderOfKafkaLock(directory, system)
    if (kafka === undefined) return lock
    await lock.release()
    throw refusal(directory, `a running Apache Kafka (process ${kafka})`)
  }

  /** Harmless when it was released already. */
  release(): Promise<void> {
    const held = this.#held
    if (held instanceof PidFile) {
      held.remove()
      return Promise.resolve()
    }
    return new Promise(resolve => held.close(() => resolve()))
  }
}

/** The name by which a directory is locked, the same whatever path leads there; undefined where a file is used. */
export function lockName(directory: string, platform: NodeJS.Platform = process.platform): string | undefined {
  const prefix = platform === 'linux' ? '\0' : platform === 'win32' ? '\\\\.\\pipe\\' : undefined
  if (prefix === undefined) return undefined
  try {
    const { dev, ino } = statSync(directory, { bigint: true })
    return `${prefix}samsa-${dev.toString(16)}-${ino}`
  } catch (error) {
    throw storageErrorOf('lock', directory, error)
  }
}

/** The process that holds the lock which Kafka takes on a file in its directories. */
function holderOfKafkaLock(directory: string, system: LockingSystem): number | undefined {
  const path = join(directory, '.lock')
  const file = statSync(path, { bigint: true, throwIfNoEntry: false })
  const table = system.readLockTable()
  if (file === undefined || table === undefined) return undefined
  for (const line of table.split('\n')) {
    const holder = parseLock(line)
    if (holder === undefined || holder.inode !== file.ino) continue
    // Some file systems show another device here than to `stat`; then the process must have the file open.
    if (holder.device === deviceText(file.dev) || hasOpen(holder.process, path)) return holder.process
  }
  return undefined
}

interface HeldLock {
  readonly process: number
  readonly device: string
  readonly inode: bigint
}

/** One line of the table: `3: POSIX  ADVISORY  WRITE 9837 fe:00:10182675 0 EOF`. One that waits has `->` and counts not. */
function parseLock(line: string): HeldLock | undefined {
  const match = /^\d+: (?:POSIX|OFDLCK)\s+\w+\s+\w+\s+(-?\d+) ([0-9a-f]+:[0-9a-f]+):(\d+) /.exec(line)
  const [, process, device, inode] = match ?? []
  if (process === undefined || device === undefined || inode === undefined) return undefined
  return { process: Number(process), device, inode: BigInt(inode) }
}

/** Major and minor number of a device, as the table writes them. */
function deviceText(device: bigint): string {
  const major = ((device >> 8n) & 0xfffn) | ((device >> 32n) & ~0xfffn)
  const minor = (device & 0xffn) | ((device >> 12n) & ~0xffn)
  return `${major.toString(16).padStart(2, '0')}:${minor.toString(16).padStart(2, '0')}`
}

function hasOpen(process: number, path: string): boolean {
  try {
    const target = realpathSync(path)
    const folder = `/proc/${process}/fd`
    return readdirSync(folder).some(descriptor => linkTarget(join(folder, descriptor)) === target)
  } catch {
    // The process is gone, or is not ours to look at.
    return false
  }
}

/** A descriptor may be closed between being listed and being looked at. */
function linkTarget(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch {
    return undefined
  }
}

/** Undefined when another process, or another broker of this one, listens on the name, and goes on to. */
async function listen(name: string): Promise<Server | undefined> {
  for (const pauseMs of PAUSES_MS) {
    const server = await listenOnce(name)
    if (server !== undefined) return server
    await new Promise(resolve => setTimeout(resolve, pauseMs))
  }
  return await listenOnce(name)
}

function listenOnce(name: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer(socket => socket.destroy())
    server.unref()
    server.once('error', error => {
      if (systemCodeOf(error) === 'EADDRINUSE') resolve(undefined)
      else reject(error)
    })
    // Exclusive, since a worker of node:cluster would else be given the name that another worker has.
    server.listen({ path: name, exclusive: true }, () => resolve(server))
  })
}

function refusal(directory: string, holder: string): KafkaError {
  const message = `the data directory ${directory} is in use by ${holder}; stop that one, or choose another directory`
  return new KafkaError(message, { code: 'DATA_DIRECTORY_LOCKED', fatal: true })
}

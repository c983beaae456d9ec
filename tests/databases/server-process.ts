/**
 * A database server as a process of a test, on loopback, with its data in a temporary folder. Whoever starts one stops it; it
 * can be killed and started again over the same data and port. None of them runs as root, so there it gets the user that its
 * package has made.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chmodSync, chownSync, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'
import { freePort } from '../differential/free-port.js'
import { type TemporaryFolder, temporaryFolder } from '../interop/temporary-folder.js'

const START_TIMEOUT_MS = 60_000
const KEPT_LINES = 30

/** Where to reach it: plain data, for a child process too. */
export interface ServerAddress {
  readonly host: string
  readonly port: number
}

export interface ServerKind {
  readonly name: string
  /** Whose process it is when the test is root's. */
  readonly user: string
  /** Fills the folder before the first start. */
  prepare?(folder: string, run: (program: string, args: readonly string[]) => void): void
  command(folder: string, port: number): readonly [program: string, args: readonly string[]]
  /** A line that it writes when it can be used. */
  readonly ready: RegExp
}

export class ServerProcess {
  readonly address: ServerAddress
  readonly #kind: ServerKind
  readonly #folder: TemporaryFolder
  #child: ChildProcess | undefined
  #ended: Promise<unknown> = Promise.resolve()

  private constructor(kind: ServerKind, folder: TemporaryFolder, port: number) {
    this.#kind = kind
    this.#folder = folder
    this.address = { host: '127.0.0.1', port }
  }

  static async start(kind: ServerKind): Promise<ServerProcess> {
    const folder = temporaryFolder()
    try {
      giveTo(kind.user, folder.path)
      kind.prepare?.(folder.path, (program, args) => {
        execFileSync(program, args, { ...identityOf(kind.user), cwd: folder.path, stdio: 'pipe' })
      })
      const server = new ServerProcess(kind, folder, await freePort())
      await server.start()
      return server
    } catch (error) {
      folder.remove()
      throw error
    }
  }

  /** Over the data that it has; resolves when it can be used. */
  async start(): Promise<void> {
    const [program, args] = this.#kind.command(this.#folder.path, this.address.port)
    const child = spawn(program, args, {
      ...identityOf(this.#kind.user),
      cwd: this.#folder.path,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child = child
    this.#ended = new Promise(resolve => child.once('close', resolve))
    await new Promise<void>((resolve, reject) => {
      const said: string[] = []
      const fail = (what: string): void => {
        clearTimeout(limit)
        reject(new Error(`${this.#kind.name} ${what}: ${said.join('\n')}`))
      }
      const limit = setTimeout(() => fail('did not start in time'), START_TIMEOUT_MS)
      child.once('error', error => fail(`cannot be started (${error.message})`))
      child.once('close', status => fail(`ended with ${status}`))
      for (const stream of [child.stdout, child.stderr]) {
        createInterface({ input: stream }).on('line', line => {
          said.push(line)
          if (said.length > KEPT_LINES) said.shift()
          if (!this.#kind.ready.test(line)) return
          clearTimeout(limit)
          resolve()
        })
      }
    })
  }

  get processId(): number {
    return this.#child?.pid ?? Number.NaN
  }

  /** SIGKILL, and then again over the same data. */
  async killAndRestart(): Promise<void> {
    await this.kill()
    await this.start()
  }

  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL')
    await this.#ended
  }

  /** For good; the data goes with it. */
  async stop(): Promise<void> {
    // Its data is of no use any more, so it need not put it in order.
    await this.kill()
    this.#folder.remove()
  }
}

/** The first of the folders, or of PATH, that has the program. */
export function programPath(name: string, ...folders: readonly string[]): string | undefined {
  const all = [...folders, ...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin']
  return all.map(folder => join(folder, name)).find(path => existsSync(path))
}

export function neededProgram(path: string | undefined, name: string): string {
  if (path === undefined) throw new Error(`${name} is not installed`)
  return path
}

function identityOf(user: string): { readonly uid?: number; readonly gid?: number } {
  if (process.getuid?.() !== 0) return {}
  const idOf = (what: string): number => Number(execFileSync('id', [what, user], { encoding: 'utf8', stdio: 'pipe' }))
  return { uid: idOf('-u'), gid: idOf('-g') }
}

function giveTo(user: string, folder: string): void {
  const { uid, gid } = identityOf(user)
  if (uid !== undefined && gid !== undefined) chownSync(folder, uid, gid)
  chmodSync(folder, 0o700)
}

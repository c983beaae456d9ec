/**
 * A volume of a few megabytes that a test can fill up and turn read-only: a tmpfs of its own. Whoever makes one removes it.
 */
import { execFileSync } from 'node:child_process'
import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '../interop/temporary-folder.js'

const FILLER = 'filler'
const BLOCK_BYTES = 4096

export class SmallVolume {
  readonly path: string
  readonly #remove: () => void

  private constructor(path: string, remove: () => void) {
    this.path = path
    this.#remove = remove
  }

  /** The reason instead, where this process may not mount anything. */
  static make(megabytes: number): SmallVolume | string {
    const folder = temporaryFolder()
    try {
      mount('-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder.path)
      return new SmallVolume(folder.path, () => {
        execFileSync('umount', ['--lazy', folder.path], { stdio: 'pipe' })
        folder.remove()
      })
    } catch (error) {
      folder.remove()
      return `a volume cannot be mounted here: ${error instanceof Error ? error.message.trim() : String(error)}`
    }
  }

  /** Takes all room there is but for some blocks. */
  fill(blocksLeft = 0): void {
    const filler = openSync(join(this.path, FILLER), 'w')
    const content = Buffer.alloc(256 * BLOCK_BYTES, 1)
    let position = 0
    try {
      // The last write that has any room ends where the room does.
      for (;;) position += writeSync(filler, content, 0, content.length, position)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
    } finally {
      closeSync(filler)
    }
    if (blocksLeft > 0) this.#cutFiller(position - blocksLeft * BLOCK_BYTES)
  }

  /** Gives the room back that `fill` took. */
  empty(): void {
    rmSync(join(this.path, FILLER), { force: true })
  }

  /** False while a file on it is open for writing: then the system does not let it. */
  makeReadOnly(): boolean {
    try {
      mount('-o', 'remount,ro', this.path)
      return true
    } catch {
      return false
    }
  }

  makeWritable(): void {
    mount('-o', 'remount,rw', this.path)
  }

  remove(): void {
    this.#remove()
  }

  #cutFiller(size: number): void {
    execFileSync('truncate', ['-s', String(Math.max(0, size)), join(this.path, FILLER)])
  }
}

function mount(...options: readonly string[]): void {
  execFileSync('mount', options, { stdio: 'pipe' })
}

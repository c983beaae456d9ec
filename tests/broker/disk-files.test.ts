/**
 * Many files over few descriptors: seeded random use of a real disk, compared step by step with a model.
 * SAMSA_DESCRIPTOR_STEPS and SAMSA_DESCRIPTOR_SEED change how long and which.
 */
import { join } from 'node:path'
import { DiskFileSystem, type FileHandle } from '@samsa/broker/internal'
import { SeededRandom } from '@samsa/runtime'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type TemporaryFolder, temporaryFolder } from '../interop/temporary-folder.js'
import { proofSize } from '../proof-size.js'

const STEPS = proofSize('SAMSA_DESCRIPTOR_STEPS', 6000)
const SEED = process.env['SAMSA_DESCRIPTOR_SEED'] ?? 'descriptors'

let folder: TemporaryFolder

beforeEach(() => {
  folder = temporaryFolder()
})

afterEach(() => folder.remove())

const at = (name: string): string => join(folder.path, name)

test(
  `${STEPS} random steps leave in every file what a model of it holds`,
  async () => {
    const random = new SeededRandom(SEED)
    const disk = new DiskFileSystem({ maxOpenFiles: 5 })
    const files: ModelFile[] = []
    const pending = new Set<Promise<void>>()
    let names = 0
    for (let step = 0; step < STEPS; step++) {
      const file = files[random.integer(0, Math.max(1, files.length))]
      if (file === undefined || (files.length < 40 && random.integer(0, 10) === 0)) {
        files.push(new ModelFile(disk, at(`file-${names++}`)))
      } else if (random.integer(0, 25) === 0) {
        files.splice(files.indexOf(file), 1)
        file.handle.close()
      } else {
        const wait = file.step(random, at(`file-${names++}`), files)
        if (wait !== undefined) {
          const settled: Promise<void> = wait.finally(() => pending.delete(settled))
          pending.add(settled)
        }
        if (pending.size > 20) await Promise.all(pending)
      }
      // Those in use, those without a name, and five.
      const nameless = files.filter(({ isNameless }) => isNameless).length
      expect(disk.openFileCount, `step ${step} of seed ${SEED}`).toBeLessThanOrEqual(5 + 4 + nameless + 5)
    }
    await Promise.all(pending)
    for (const file of files) {
      expect(file.handle.readSync(0, 1 << 20).equals(file.content)).toBe(true)
      file.handle.close()
    }
    expect(disk.openFileCount).toBe(0)
  },
  STEPS * 20 + 30_000,
)

/** A file and what it must hold. */
class ModelFile {
  readonly handle: FileHandle
  readonly #disk: DiskFileSystem
  content = Buffer.alloc(0)
  isNameless = false
  #reads = 0

  constructor(disk: DiskFileSystem, path: string) {
    this.#disk = disk
    this.handle = disk.open(path, { create: true })
  }

  step(random: SeededRandom, freshPath: string, others: readonly ModelFile[]): Promise<void> | undefined {
    const { handle, content } = this
    const bytes = Buffer.from(random.bytes(random.integer(0, 300)))
    const position = random.integer(0, content.length + 1)
    const length = random.integer(0, 400)
    const expected = content.subarray(position, position + length)
    // A file that is being read stays as it is.
    switch (random.integer(this.#reads > 0 ? 4 : 0, 11)) {
      case 0:
      case 1:
        handle.append([bytes.subarray(0, 10), bytes.subarray(10)])
        this.content = Buffer.concat([content, bytes])
        return undefined
      case 2:
        handle.writeAt(position, bytes)
        this.content = Buffer.concat([content.subarray(0, position), bytes, content.subarray(position + bytes.length)])
        return undefined
      case 3:
        handle.truncate(position)
        this.content = content.subarray(0, position)
        return undefined
      case 4:
        expect(handle.readSync(position, length).equals(expected)).toBe(true)
        return undefined
      case 5:
        return handle.sync()
      case 6:
        this.#rename(random, freshPath, others)
        return undefined
      case 7:
        if (!this.isNameless && random.integer(0, 4) === 0) {
          this.#disk.remove(handle.path)
          this.isNameless = true
        }
        return undefined
      default:
        return this.#read(position, length, expected)
    }
  }

  async #read(position: number, length: number, expected: Buffer): Promise<void> {
    this.#reads++
    const found = await this.handle.read(position, Buffer.alloc(length))
    this.#reads--
    expect(found.equals(expected)).toBe(true)
  }

  #rename(random: SeededRandom, freshPath: string, others: readonly ModelFile[]): void {
    if (this.isNameless) return
    const target = others[random.integer(0, others.length)]
    const isReplacing = random.integer(0, 4) === 0 && target !== undefined && target !== this && !target.isNameless
    this.#disk.rename(this.handle.path, isReplacing ? target.handle.path : freshPath)
    if (isReplacing) target.isNameless = true
  }
}

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DirectoryLock, lockName } from './directory-lock.js'
import { PidFile } from './pid-file.js'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'samsa-lock-'))
})

afterEach(() => rmSync(folder, { recursive: true }))

const locked = { code: 'DATA_DIRECTORY_LOCKED' }

describe('the lock of a data directory', () => {
  test('one broker has it, and the next one when it is released', async () => {
    const first = await DirectoryLock.acquire(folder)
    await expect(DirectoryLock.acquire(folder)).rejects.toMatchObject({
      ...locked,
      message: `the data directory ${folder} is in use by another Samsa broker; stop that one, or choose another directory`,
    })
    await first.release()
    await first.release()
    const second = await DirectoryLock.acquire(folder)
    await second.release()
  })

  test('a lock that was given back can be taken at once, whatever other threads spawn', async () => {
    const spawning =
      'for (let i = 0; i < 200; i++) require("node:child_process").spawnSync(process.execPath, ["--none"])'
    const worker = new Worker(spawning, { eval: true })
    await once(worker, 'online')
    for (let times = 0; times < 500; times++) {
      const lock = await DirectoryLock.acquire(folder)
      await lock.release()
      await new Promise(resolve => setImmediate(resolve))
    }
    await worker.terminate()
  })

  test('it is the directory that is locked, not a path to it', async () => {
    const data = join(folder, 'data')
    mkdirSync(data)
    symlinkSync(data, join(folder, 'other-name'))
    const lock = await DirectoryLock.acquire(data)
    await expect(DirectoryLock.acquire(join(folder, 'other-name'))).rejects.toMatchObject(locked)
    const parent = await DirectoryLock.acquire(folder)
    await parent.release()
    await lock.release()
  })

  test('a directory that is not there cannot be locked', async () => {
    await expect(DirectoryLock.acquire(join(folder, 'none'))).rejects.toMatchObject({ operation: 'lock' })
  })

  test.skipIf(lockName('.') === undefined)('a process that is killed leaves no lock behind', async () => {
    const script =
      'require("node:net").createServer().listen(process.argv[1].replace("@", "\\0"), () => console.log("held"))'
    const name = lockName(folder)?.replace('\0', '@') ?? ''
    const holder = spawn(process.execPath, ['-e', script, name], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(holder.stdout, 'data')
    await expect(DirectoryLock.acquire(folder)).rejects.toMatchObject(locked)
    holder.kill('SIGKILL')
    await once(holder, 'exit')
    const lock = await DirectoryLock.acquire(folder)
    await lock.release()
  })

  test.skipIf(process.platform !== 'linux')(
    "a running Kafka's directory is refused by the table of locks",
    async () => {
      writeFileSync(join(folder, '.lock'), '')
      const { dev, ino } = statSync(join(folder, '.lock'))
      const major = ((dev >> 8) & 0xfff).toString(16).padStart(2, '0')
      const minor = ((dev & 0xff) | ((dev >> 12) & 0xfff00)).toString(16).padStart(2, '0')
      const acquireWith = (line: string): Promise<DirectoryLock> =>
        DirectoryLock.acquire(folder, {
          platform: 'linux',
          readLockTable: () => `1: FLOCK  ADVISORY  WRITE 77 ${major}:${minor}:1 0 EOF\n${line}\n`,
        })
      await expect(acquireWith(`2: POSIX  ADVISORY  WRITE 9837 ${major}:${minor}:${ino} 0 EOF`)).rejects.toMatchObject({
        ...locked,
        message: expect.stringContaining('in use by a running Apache Kafka (process 9837)'),
      })
      // Refusing it gave our own lock back; another file's lock and one that is waited for do not count.
      for (const harmless of [
        `2: POSIX  ADVISORY  WRITE 9837 ${major}:${minor}:${ino + 1} 0 EOF`,
        `2: POSIX  ADVISORY  WRITE 2147483646 7f:7f:${ino} 0 EOF`,
        `2: -> POSIX  ADVISORY  WRITE 9837 ${major}:${minor}:${ino} 0 EOF`,
      ]) {
        const lock = await acquireWith(harmless)
        await lock.release()
      }
    },
  )
})

describe('a lock file with a process id', () => {
  const path = (): string => join(folder, '.samsa-lock')
  const lives = (startedAt: string) => (): string => startedAt

  test('one process has it while it lives', () => {
    const first = PidFile.take(path(), lives('monday'), 10)
    expect(first).toBeDefined()
    expect(PidFile.take(path(), lives('monday'), 11)).toBeUndefined()
    first?.remove()
    const next = PidFile.take(path(), lives('monday'), 11)
    expect(next).toBeDefined()
    next?.remove()
    expect(readdirSync(folder)).toEqual([])
  })

  test('a process that is gone, or another one with its id, has it no more', () => {
    expect(PidFile.take(path(), lives('monday'), 10)).toBeDefined()
    const gone = (id: number): string | undefined => (id === 10 ? undefined : 'tuesday')
    expect(PidFile.take(path(), gone, 11)).toBeDefined()
    expect(PidFile.take(path(), lives('wednesday'), 12)).toBeDefined()
    expect(readdirSync(folder)).toEqual(['.samsa-lock'])
  })

  test('a file that says nothing is stale', () => {
    writeFileSync(path(), '')
    expect(PidFile.take(path(), lives('monday'), 10)).toBeDefined()
  })

  test('who lost it does not remove what is now of another', () => {
    const first = PidFile.take(path(), lives('monday'), 10)
    const second = PidFile.take(path(), lives('tuesday'), 11)
    first?.remove()
    expect(readdirSync(folder)).toEqual(['.samsa-lock'])
    second?.remove()
  })

  test.skipIf(process.platform === 'win32')('the system knows since when this process runs', () => {
    const first = PidFile.take(path())
    expect(PidFile.take(path())).toBeUndefined()
    first?.remove()
  })
})

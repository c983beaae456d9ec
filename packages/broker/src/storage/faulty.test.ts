import { SeededRandom } from '@samsa/runtime'
import { describe, expect, test } from 'vitest'
import type { EntryFate } from './directory-journal.js'
import { type CrashKind, FaultyFileSystem } from './faulty.js'

const SEEDS = 200

function disk(seed: number | string = 1): FaultyFileSystem {
  const files = new FaultyFileSystem({ random: new SeededRandom(seed) })
  files.makeDirectory('/data')
  return files
}

/** What a file holds after a crash, over many seeds; undefined where it is gone. */
async function outcomes(
  prepare: (files: FaultyFileSystem) => Promise<void> | void,
  path: string,
  kind: CrashKind = 'loss of power',
  entries: EntryFate = 'in order',
): Promise<Set<string | undefined>> {
  const found = new Set<string | undefined>()
  for (let seed = 0; seed < SEEDS; seed++) {
    const files = disk(seed)
    await files.syncDirectory('/')
    await prepare(files)
    const after = files.survivor(kind, entries)
    found.add(after.exists(path) ? after.readFile(path).toString('latin1') : undefined)
  }
  return found
}

function write(files: FaultyFileSystem, path: string, text: string): void {
  const file = files.open(path, { create: true })
  file.append([Buffer.from(text)])
  file.close()
}

async function writeSynced(files: FaultyFileSystem, path: string, text: string): Promise<void> {
  write(files, path, text)
  await files.open(path).sync()
  await files.syncDirectory('/data')
}

describe('a loss of power', () => {
  test('keeps what was synced, file and entry', async () => {
    const found = await outcomes(files => writeSynced(files, '/data/a', 'one'), '/data/a')
    expect([...found]).toEqual(['one'])
  })

  test('may take a file whose entry was not synced, though its content was', async () => {
    const found = await outcomes(async files => {
      write(files, '/data/a', 'one')
      await files.open('/data/a').sync()
    }, '/data/a')
    expect(found).toEqual(new Set(['one', undefined]))
  })

  test('may take what was written behind the last sync, whole or from a sector on, or leave other bytes there', async () => {
    const [first, second] = ['a'.repeat(700), 'b'.repeat(700)]
    const found = await outcomes(async files => {
      await writeSynced(files, '/data/a', 'start.')
      const file = files.open('/data/a')
      file.append([Buffer.from(first)])
      file.append([Buffer.from(second)])
    }, '/data/a')
    const texts = [...found].map(text => text ?? '')
    expect(texts.every(text => text.startsWith('start.'))).toBe(true)
    expect(texts).toContain('start.')
    expect(texts).toContain(`start.${first}`)
    expect(texts).toContain(`start.${first}${second}`)
    expect(texts.some(text => /^start\.a+$/.test(text) && text.length < 706)).toBe(true)
    expect(texts.some(text => /^start\.a+\0+$/.test(text))).toBe(true)
    expect(
      texts.some(text => /\0b+/.test(text)),
      'a later sector without the one in front of it',
    ).toBe(true)
  })

  test('keeps entries in order, unless all that POSIX promises is asked for', async () => {
    const both = async (entries: EntryFate): Promise<Set<string>> => {
      const found = new Set<string>()
      for (let seed = 0; seed < SEEDS; seed++) {
        const files = disk(seed)
        await files.syncDirectory('/')
        for (const name of ['a', 'b']) write(files, `/data/${name}`, name)
        found.add(files.survivor('loss of power', entries).list('/data').sort().join())
      }
      return found
    }
    expect(await both('in order')).toEqual(new Set(['', 'a', 'a,b']))
    expect(await both('independent')).toEqual(new Set(['', 'a', 'b', 'a,b']))
  })

  test.each<EntryFate>(['in order', 'independent'])('undoes a rename whole or not at all (%s)', async entries => {
    const found = await outcomes(
      async files => {
        await writeSynced(files, '/data/a', 'old')
        await writeSynced(files, '/data/b', 'new')
        files.rename('/data/b', '/data/a')
      },
      '/data/a',
      'loss of power',
      entries,
    )
    expect(found).toEqual(new Set(['old', 'new']))
  })

  test('replaces a file atomically, or leaves the old one', async () => {
    const found = await outcomes(async files => {
      await writeSynced(files, '/data/a', 'old')
      files.crashAfter(files.random.integer(0, 6))
      try {
        files.writeFileAtomically('/data/a', Buffer.from('new'))
      } catch {}
    }, '/data/a')
    expect(found).toEqual(new Set(['old', 'new']))
  })

  test('takes what a failed sync did not write, even if a later sync succeeds', async () => {
    const found = await outcomes(async files => {
      await writeSynced(files, '/data/a', 'one')
      files.open('/data/a').append([Buffer.from('two')])
      files.inject({ operation: 'sync', systemCode: 'EIO' })
      await expect(files.open('/data/a').sync()).rejects.toThrow('input/output error')
      await files.open('/data/a').sync()
      expect(files.readFile('/data/a').toString()).toBe('onetwo')
    }, '/data/a')
    expect([...found]).toEqual(['one'])
  })

  test('leaves the same bytes for the same seed', async () => {
    const once = async (): Promise<(string | undefined)[]> => [
      ...(await outcomes(files => write(files, '/data/a', 'x'.repeat(3000)), '/data/a')),
    ]
    expect(await once()).toEqual(await once())
  })
})

describe('the end of the process', () => {
  test('keeps what was written, synced or not', async () => {
    const found = await outcomes(files => write(files, '/data/a', 'one'), '/data/a', 'end of process')
    expect([...found]).toEqual(['one'])
  })

  test('in the middle of a write keeps a part of it', async () => {
    const found = await outcomes(
      files => {
        write(files, '/data/a', 'one')
        files.crashAfter(0)
        expect(() => files.open('/data/a').append([Buffer.from('two')])).toThrow('the machine has stopped')
      },
      '/data/a',
      'end of process',
    )
    expect(found).toEqual(new Set(['one', 'onet', 'onetw', 'onetwo']))
  })

  test('makes nothing safe: a loss of power after it takes what was not synced', async () => {
    const found = new Set<boolean>()
    for (let seed = 0; seed < SEEDS; seed++) {
      const files = disk(seed)
      write(files, '/data/a', 'one')
      found.add(files.survivor('end of process').survivor('loss of power').exists('/data/a'))
    }
    expect(found).toEqual(new Set([true, false]))
  })

  test('is the end: nothing works any more on the disk that was', async () => {
    const files = disk()
    write(files, '/data/a', 'one')
    const file = files.open('/data/a')
    files.crash()
    for (const call of [() => file.append([Buffer.from('x')]), () => files.list('/data'), () => file.readSync(0, 1)])
      expect(call).toThrow('the machine has stopped')
    await expect(file.sync()).rejects.toThrow('the machine has stopped')
    expect(files.survivor('end of process').readFile('/data/a').toString()).toBe('one')
  })
})

describe('an injected fault', () => {
  test('strikes the operation, the path and the time that it names', () => {
    const files = disk()
    files.inject({ operation: 'append', path: '/b', after: 1, times: 2, systemCode: 'ENOSPC' })
    const other = files.open('/data/a', { create: true })
    const file = files.open('/data/b', { create: true })
    const append = (): void => file.append([Buffer.from('x')])
    other.append([Buffer.from('x')])
    append()
    expect(append).toThrow('no space left')
    expect(append).toThrow('no space left')
    append()
    expect([file.size, other.size]).toEqual([2, 1])
  })

  test('can leave a part of an append that cannot be cut off: the handle takes no more', () => {
    const files = disk()
    const file = files.open('/data/a', { create: true })
    file.append([Buffer.from('one')])
    files.inject({ operation: 'append', systemCode: 'EIO', leavesPart: true })
    expect(() => file.append([Buffer.from('two and three')])).toThrow('input/output error')
    expect(() => file.append([Buffer.from('four')])).toThrow('an earlier write or sync failed')
    expect(file.readSync(0, 99).toString()).toBe('one')
    expect(files.readFile('/data/a').toString()).toMatch(/^onet/)
  })

  test('is not needed for a disk to be full, and room that is given back can be used', () => {
    const files = disk()
    files.capacityBytes = 10
    const file = files.open('/data/a', { create: true })
    file.append([Buffer.alloc(8)])
    expect(() => file.append([Buffer.alloc(3)])).toThrow('no space left')
    expect([file.size, files.space('/data').usable]).toEqual([8, 2])
    files.remove('/data/a')
    write(files, '/data/b', '0123456789')
    expect(files.space('/data').usable).toBe(0)
  })
})

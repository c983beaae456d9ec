/**
 * Whatever ends a compaction in the middle, at whichever step: of the segments that become one, the log has all of the old
 * ones or the new one, never some of each, and the same after a second crash while the first is being cleared up.
 */
import { type ManualClock, SeededRandom } from '@samsa/runtime'
import { beforeAll, describe, expect, test } from 'vitest'
import type { FileSystem } from '../../storage/file-system.js'
import { MemoryFileSystem } from '../../storage/memory.js'
import { clearLeftovers } from '../leftovers.js'
import type { PartitionLog } from '../partition-log.js'
import { copyFiles, DIRECTORY, NOW_MS, override } from '../test-log.js'
import { compact, contentOf, endTransaction, openCompacted, producerOf, put, putBy } from './test-cleaning.js'
import { dyingAt, ForgetfulFileSystem } from './test-crash.js'

const EMPTY = Buffer.alloc(0)
/** Segments of a few batches, two or three of which become one. */
const CONFIG = { segmentBytes: 1100, indexIntervalBytes: 0, deleteRetentionMs: 0 }

interface State {
  readonly content: readonly string[]
  /** Batches that a reader of committed records leaves out, going by the index of aborted transactions. */
  readonly aborted: readonly string[]
  readonly segments: readonly number[]
  readonly producers: unknown
}

let files: MemoryFileSystem
let clock: ManualClock
/** The log as it was, and as compaction leaves it. */
let old: State
let compacted: State
/** Where the groups of segments begin that become one, and the active segment. */
let groups: readonly number[]
/** What a crash at each operation leaves. */
let crashes: readonly MemoryFileSystem[]
/** Operations before which most is not on disk yet. */
let directorySyncs: ReadonlySet<number>

function open(fileSystem: FileSystem, isCleanStop = false, recoveryPoint = 0): PartitionLog {
  return openCompacted({ fileSystem, clock, config: CONFIG, isCleanStop, recoveryPoint }).log
}

/** The last batches of segments go, so that a new segment tells less than it replaces. */
async function writeDirtyLog(): Promise<void> {
  files = new MemoryFileSystem()
  const opened = openCompacted({ fileSystem: files, config: CONFIG })
  clock = opened.clock
  const { log } = opened
  const writer = producerOf(7)
  const aborter = producerOf(8)
  for (let segment = 0; segment < 5; segment++) {
    put(log, `k${segment}=${segment} same=${segment}`)
    putBy(log, aborter, `lost${segment}=x`, { isTransactional: true })
    if (segment % 2 === 0) endTransaction(log, aborter, segment % 4 === 0, NOW_MS)
    putBy(log, writer, `same=${segment}`)
    put(log, `gone${segment}`)
    log.roll()
    if (segment !== 1) continue
    // Of this one nothing will be left.
    put(log, 'same=more')
    log.roll()
  }
  endTransaction(log, aborter, false, NOW_MS)
  put(log, 'gone0=1 gone1=1 gone2=1 gone3=1 gone4=1')
  log.roll()
  put(log, 'active=1')
  await log.prepareClose()
  log.close()
}

async function stateOf(log: PartitionLog): Promise<State> {
  const content = await contentOf(log)
  const aborted = log.cleaning.abortedBetween(0, log.logEndOffset)
  return {
    content,
    aborted: content.filter(batch => {
      const [, offset, id] = /^(\d+)-\d+ p(\d+):.* txn/.exec(batch) ?? []
      return aborted.some(
        ({ producerId, firstOffset, lastOffset }) =>
          producerId === Number(id) && firstOffset <= Number(offset) && Number(offset) <= lastOffset,
      )
    }),
    segments: log.cleaning.segments.map(({ baseOffset }) => baseOffset),
    producers: log.producers.states().toSorted((left, right) => left.producerId - right.producerId),
  }
}

/** What of the state belongs to the offsets `[from, to)`. */
function partOf(state: State, from: number, to: number): string {
  const isInside = (offset: number): boolean => offset >= from && offset < to
  return JSON.stringify([
    state.segments.filter(isInside),
    state.content.filter(batch => isInside(Number.parseInt(batch, 10))),
    state.aborted.filter(batch => isInside(Number.parseInt(batch, 10))),
  ])
}

/** One letter a group: `o` where it has its old segments, `n` for the new one, `!` for anything else. */
function groupsIn(state: State): string {
  const letters = groups.map((from, index) => {
    const to = groups[index + 1] ?? Number.POSITIVE_INFINITY
    const part = partOf(state, from, to)
    if (part === partOf(compacted, from, to)) return 'n'
    return part === partOf(old, from, to) ? 'o' : '!'
  })
  return letters.join('')
}

/** Groups are replaced one after the other; the active segment is the same before and after. */
const STATES = ['ooon', 'noon', 'nnon', 'nnnn']

/** Opens what a crash left and compares it with what may be. */
async function checkCrash(left: MemoryFileSystem, what: string): Promise<string> {
  const log = open(left, false, 1_000_000)
  const state = await stateOf(log)
  const letters = groupsIn(state)
  expect(STATES, `${what}: ${JSON.stringify(state, undefined, 1)}`).toContain(letters)
  expect(state.producers, what).toEqual(old.producers)
  for (const offset of groups) {
    expect(await contentOf(log, offset), what).toEqual(
      state.content.filter(batch => Number(/-(\d+)/.exec(batch)?.[1]) >= offset),
    )
  }
  expect(
    left.list(DIRECTORY).filter(name => /\.(?:cleaned|swap|deleted|replaces|tmp)/.test(name)),
    what,
  ).toEqual([])
  log.discard()
  return letters
}

/** Compacts until the disk dies at the operation, and gives what is on it then. */
async function dieAt(operation: number): Promise<MemoryFileSystem> {
  const inner = copyFiles(files)
  const log = open(dyingAt(inner, operation).fileSystem, true)
  await compact(log, clock).catch(() => {})
  log.discard()
  return copyFiles(inner)
}

beforeAll(async () => {
  await writeDirtyLog()
  const dying = dyingAt(copyFiles(files), Number.MAX_SAFE_INTEGER)
  const log = open(dying.fileSystem, true)
  old = await stateOf(log)
  await compact(log, clock)
  compacted = await stateOf(log)
  groups = compacted.segments
  directorySyncs = dying.directorySyncs
  log.discard()
  const left: MemoryFileSystem[] = []
  for (let operation = 0; operation <= dying.operations(); operation++) left.push(await dieAt(operation))
  crashes = left
}, 120_000)

describe('a compaction that ends in the middle', { timeout: 120_000 }, () => {
  test('has something to go wrong with: three groups, one of them of several segments', () => {
    expect(groups).toHaveLength(4)
    expect(old.segments.length).toBeGreaterThan(5)
    expect(groupsIn(old)).toBe('ooon')
    expect(groupsIn(compacted)).toBe('nnnn')
    expect([old.aborted.length, compacted.aborted.length]).toEqual([2, 0])
  })

  test('by a crash at any operation leaves old or new segments', async () => {
    const seen = new Set<string>()
    for (const [operation, left] of crashes.entries()) {
      seen.add(await checkCrash(copyFiles(left), `operation ${operation}`))
    }
    expect([...seen]).toEqual(STATES)
  })

  test('and by a second crash while the first is cleared up', async () => {
    const known = new Set<string>()
    for (const [operation, left] of crashes.entries()) {
      // Which files there are decides what is done; what is in an unfinished one does not matter.
      const key = left.list(DIRECTORY).sort().join(' ')
      if (known.has(key)) continue
      known.add(key)
      for (let second = 0; ; second++) {
        const again = copyFiles(left)
        const dying = dyingAt(again, second)
        let isWhole = true
        try {
          clearLeftovers(dying.fileSystem, DIRECTORY)
        } catch {
          isWhole = false
        }
        await checkCrash(again, `operation ${operation}, then ${second}`)
        if (isWhole) break
      }
    }
  })

  test('and by a loss of power while the first is cleared up, whatever the disk kept of either', async () => {
    const known = new Set<string>()
    for (const [operation, crashed] of crashes.entries()) {
      const key = crashed.list(DIRECTORY).sort().join(' ')
      if (known.has(key) || !key.includes('.swap')) continue
      known.add(key)
      for (let second = 0, isWhole = false; !isWhole; second++) {
        for (let seed = 1; seed <= 2; seed++) {
          const forgetful = new ForgetfulFileSystem(copyFiles(files), DIRECTORY)
          const log = open(dyingAt(forgetful.fileSystem, operation).fileSystem, true)
          await compact(log, clock).catch(() => {})
          log.discard()
          isWhole = true
          try {
            clearLeftovers(dyingAt(forgetful.fileSystem, second).fileSystem, DIRECTORY)
          } catch {
            isWhole = false
          }
          const random = new SeededRandom(`${operation} ${second} ${seed}`)
          await checkCrash(
            forgetful.loseThePower(random, DIRECTORY),
            `operation ${operation}, then ${second}, seed ${seed}`,
          )
        }
      }
    }
  })

  test('is undone so that what says it is unfinished goes last', () => {
    const unfinished = ['0.log.swap', '0.index.swap', '0.timeindex.cleaned', '0.replaces.swap']
    const left = copyFiles(files)
    const gone: string[] = []
    for (const name of unfinished)
      left.writeFileAtomically(`${DIRECTORY}/${name.padStart(19 + name.length, '0')}`, EMPTY)
    const watched = override<FileSystem>(left, {
      remove(path) {
        left.remove(path)
        gone.push(path.slice(path.indexOf('.')))
      },
      syncDirectoryNow: () => void gone.push('synced'),
    })
    clearLeftovers(watched, DIRECTORY)
    expect(gone.slice(0, 3).sort()).toEqual(['.index.swap', '.log.swap', '.replaces.swap'])
    expect(gone.slice(3)).toEqual(['synced', '.timeindex.cleaned'])
  })

  test('by a loss of power leaves old or new segments, whatever the disk kept of what was not synced', async () => {
    for (const operation of crashes.keys()) {
      for (let seed = 1; seed <= (directorySyncs.has(operation) ? 40 : 1); seed++) {
        const forgetful = new ForgetfulFileSystem(copyFiles(files), DIRECTORY)
        const log = open(dyingAt(forgetful.fileSystem, operation).fileSystem, true)
        await compact(log, clock).catch(() => {})
        log.discard()
        const left = forgetful.loseThePower(new SeededRandom(`${operation} ${seed}`), DIRECTORY)
        await checkCrash(left, `operation ${operation}, seed ${seed}`)
      }
    }
  })
})

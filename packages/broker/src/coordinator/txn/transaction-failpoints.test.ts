/**
 * The failpoint matrix: a broker stops before, behind and after the sync of everything that is written of transactions,
 * each transition of a transactional id, each marker, records and offsets, by name. The next broker ends the transaction as
 * its durable state says; records, offsets and markers agree; nothing is half visible and nothing hangs.
 */
import { SeededRandom } from '@samsa/runtime'
import { describe, expect, test } from 'vitest'
import { startBroker, type TestBroker } from '../../handlers/test-broker.js'
import { FaultyFileSystem } from '../../storage/faulty.js'
import { type Failpoint, Failpoints, type Moment, statesOn } from './test-failpoints.js'
import {
  committedIn,
  FEW_PARTITIONS,
  findCoordinators,
  type Generation,
  offsetOf,
  TransactionalClient,
} from './test-transactions.js'

const DATA = '/data'
const PARTITIONS = [0, 1]
const TIMEOUT_MS = 5000
const EXPIRATION_MS = 60_000

const PROPERTIES = {
  ...FEW_PARTITIONS,
  'transactional.id.expiration.ms': String(EXPIRATION_MS),
  'transaction.remove.expired.transaction.cleanup.interval.ms': '20000',
  'transaction.abort.timed.out.transaction.cleanup.interval.ms': '1000',
}

const MARKERS = ['marker in t-0', 'marker in t-1', 'marker in __consumer_offsets-0']
const CONTENT = ['records in t-0', 'records in t-1', 'offsets of g in __consumer_offsets-0']

/** What is written in one transaction. */
function transaction(act: string, from: string, prepared: string, completed: string): string[] {
  const joins = [`${from} to Ongoing`, 'Ongoing to Ongoing']
  const ends = [`Ongoing to ${prepared}`, ...MARKERS, `${prepared} to ${completed}`]
  return [...joins, ...CONTENT, ...ends].map(what => `${act}: ${what}`)
}

/** All of them: what is not in this table is not written, and what is in it is. */
const NAMES: readonly string[] = [
  'start: nothing to Empty',
  ...transaction('commit', 'Empty', 'PrepareCommit', 'CompleteCommit'),
  ...transaction('abort', 'CompleteCommit', 'PrepareAbort', 'CompleteAbort'),
  // A fence of the epoch is a part of the step that prepares the abort.
  ...transaction('takeover', 'CompleteAbort', 'PrepareAbort', 'CompleteAbort'),
  'takeover: CompleteAbort to Empty',
  ...transaction('timeout', 'Empty', 'PrepareAbort', 'CompleteAbort'),
  'restart: CompleteAbort to Empty',
  ...transaction('another commit', 'Empty', 'PrepareCommit', 'CompleteCommit'),
  // What Kafka calls Dead.
  'expiry: CompleteCommit to nothing',
]

/** What producers were told, by round. */
type Told = Map<'commit' | 'another commit', boolean>

async function write(producer: TransactionalClient, value: string, offset: number): Promise<void> {
  for (const partition of PARTITIONS) await producer.send(partition, value)
  await producer.commitOffset(0, offset)
}

/** Every way that a transactional id goes. */
async function live(kafka: TestBroker, generation: Generation, failpoints: Failpoints, told: Told): Promise<void> {
  failpoints.act = 'start'
  const first = new TransactionalClient(kafka, generation)
  await first.init(TIMEOUT_MS)
  failpoints.act = 'commit'
  await write(first, 'commit', 1)
  if ((await first.end(true)) === 0) told.set('commit', true)
  failpoints.act = 'abort'
  await write(first, 'abort', 2)
  await first.end(false)
  failpoints.act = 'takeover'
  await write(first, 'takeover', 3)
  const second = new TransactionalClient(kafka, generation)
  await second.init(TIMEOUT_MS)
  failpoints.act = 'timeout'
  await write(second, 'timeout', 4)
  await kafka.clock.advance(TIMEOUT_MS + 2000)
  failpoints.act = 'restart'
  const third = new TransactionalClient(kafka, generation)
  await third.init(TIMEOUT_MS)
  failpoints.act = 'another commit'
  await write(third, 'another commit', 5)
  if ((await third.end(true)) === 0) told.set('another commit', true)
  failpoints.act = 'expiry'
  await kafka.clock.advance(EXPIRATION_MS + 40_000)
}

interface Life {
  readonly failpoints: Failpoints
  readonly disk: FaultyFileSystem
  readonly told: Told
}

interface Way {
  readonly kind: 'end of process' | 'loss of power'
  readonly flush: 'os' | 'always'
}

async function play(generation: Generation, { flush }: Way, target?: Failpoint): Promise<Life> {
  const disk = new FaultyFileSystem({ random: new SeededRandom(target?.name ?? 'whole') })
  const failpoints = new Failpoints(disk, target)
  const kafka = await startBroker({ dataDir: DATA, flush, properties: PROPERTIES, fileSystem: failpoints.fileSystem })
  await findCoordinators(kafka.client)
  await kafka.createTopic('t', PARTITIONS.length)
  const told: Told = new Map()
  const living = live(kafka, generation, failpoints, told).catch(() => undefined)
  await Promise.race([living, disk.crashed])
  return { failpoints, disk, told }
}

/** What the next broker shows, once it has done what was left to do and a new producer has the id. */
async function judge({ disk, told }: Life, generation: Generation, { kind, flush }: Way): Promise<void> {
  const fileSystem = disk.survivor(kind)
  const states = statesOn(fileSystem, DATA, 'x')
  const decided = states.filter(state => state === 'PrepareCommit').length
  const kafka = await startBroker({ dataDir: DATA, flush, properties: PROPERTIES, fileSystem })
  await findCoordinators(kafka.client)
  const next = new TransactionalClient(kafka, generation)
  expect(await next.init(TIMEOUT_MS)).toBe(0)
  const rounds = ['commit', 'another commit'] as const
  const expected: readonly string[] = rounds.slice(0, decided)
  for (const round of rounds) if (told.get(round) === true) expect(expected).toContain(round)
  for (const partition of PARTITIONS) {
    const { values, lastStableOffset, highWatermark } = await committedIn(kafka.client, partition)
    expect(values).toEqual(expected)
    expect(lastStableOffset).toBe(highWatermark)
  }
  expect(await offsetOf(kafka.client, 0)).toBe([-1, 1, 5][decided])
  // And it goes on.
  await write(next, 'and on', 6)
  expect(await next.end(true)).toBe(0)
  expect((await committedIn(kafka.client, 0)).values).toEqual([...expected, 'and on'])
  expect(await offsetOf(kafka.client, 0)).toBe(6)
  await kafka.broker.close()
}

const WAYS: readonly (Way & { readonly moments: readonly Moment[] })[] = [
  { kind: 'end of process', flush: 'os', moments: ['before it is written', 'when it is written'] },
  // Where the power goes, what is not synced yet is there in part, or not at all.
  { kind: 'loss of power', flush: 'always', moments: ['when it is written', 'when it is synced'] },
]

describe.each([1, 2] as const)('generation %d', generation => {
  describe.each(WAYS)('$kind', way => {
    test('the table has everything that is written', async () => {
      const { failpoints } = await play(generation, way)
      expect([...failpoints.written].toSorted()).toEqual([...NAMES].toSorted())
    })

    test.each(NAMES)('%s', { timeout: 60_000 }, async name => {
      for (const moment of way.moments) {
        const life = await play(generation, way, { name, moment })
        expect(life.failpoints.hasStruck, moment).toBe(true)
        await judge(life, generation, way)
      }
    })
  })
})

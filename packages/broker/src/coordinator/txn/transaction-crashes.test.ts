/**
 * A broker stops at every operation on its disk in turn, in the middle of transactions: the next one ends them as it finds
 * them decided. What was acknowledged is there, what was aborted is not, nothing is there in part, and nothing hangs.
 */
import { SeededRandom } from '@samsa/runtime'
import { describe, expect, test } from 'vitest'
import { startBroker, type TestBroker } from '../../handlers/test-broker.js'
import { FaultyFileSystem } from '../../storage/faulty.js'
import {
  committedIn,
  FEW_PARTITIONS,
  findCoordinators,
  type Generation,
  offsetOf,
  TransactionalClient,
} from './test-transactions.js'

const DATA = '/var/lib/samsa'
const ROUNDS = 3
const PARTITIONS = [0, 1]

const WAYS = [
  { kind: 'end of process', flush: 'os' },
  { kind: 'loss of power', flush: 'always' },
] as const

const GENERATIONS: readonly Generation[] = [1, 2]

/** How far a round came that was told; `asked` is an end whose answer never came. */
type Round = 'open' | 'commit asked' | 'committed' | 'abort asked' | 'aborted'

/** Transactions that are committed and aborted in turns, each with records in both partitions and an offset. */
async function run(kafka: TestBroker, generation: Generation, rounds: Round[]): Promise<void> {
  const producer = new TransactionalClient(kafka, generation)
  await producer.init()
  for (let round = 0; round < ROUNDS; round++) {
    rounds[round] = 'open'
    for (const partition of PARTITIONS) await producer.send(partition, `${round}a`, `${round}b`)
    await producer.commitOffset(0, round + 1)
    const isCommitted = round % 2 === 0
    rounds[round] = isCommitted ? 'commit asked' : 'abort asked'
    if ((await producer.end(isCommitted)) === 0) rounds[round] = isCommitted ? 'committed' : 'aborted'
  }
}

/** What the next broker shows, once a new producer has taken the place of the old one. */
async function judge(kafka: TestBroker, generation: Generation, rounds: readonly Round[]): Promise<void> {
  const { client } = kafka
  await findCoordinators(client)
  expect(await new TransactionalClient(kafka, generation).init()).toBe(0)
  const seen = await Promise.all(PARTITIONS.map(partition => committedIn(client, partition)))
  for (const { lastStableOffset, highWatermark } of seen) expect(lastStableOffset).toBe(highWatermark)
  const [first = [], second = []] = seen.map(({ values }) => values)
  expect(second).toEqual(first)
  const visible = rounds.map((_, round) => round).filter(round => first.includes(`${round}a`))
  expect(first).toEqual(visible.flatMap(round => [`${round}a`, `${round}b`]))
  rounds.forEach((told, round) => {
    if (told === 'committed') expect(visible).toContain(round)
    else if (told !== 'commit asked') expect(visible).not.toContain(round)
  })
  const last = visible.at(-1)
  expect(await offsetOf(client, 0)).toBe(last === undefined ? -1 : last + 1)
}

describe.each(GENERATIONS)('generation %d', generation => {
  test.each(WAYS)('$kind with flush $flush, at every operation', { timeout: 120_000 }, async ({ kind, flush }) => {
    let operations = 0
    for (let isThrough = false; !isThrough; operations++) {
      const disk = new FaultyFileSystem({ random: new SeededRandom(operations) })
      const options = { dataDir: DATA, flush, properties: FEW_PARTITIONS }
      const kafka = await startBroker({ ...options, fileSystem: disk })
      await findCoordinators(kafka.client)
      await kafka.createTopic('t', PARTITIONS.length)
      const rounds: Round[] = []
      disk.crashAfter(operations)
      isThrough = await Promise.race([
        run(kafka, generation, rounds).then(
          () => true,
          () => false,
        ),
        disk.crashed.then(() => false),
      ])
      const next = await startBroker({ ...options, fileSystem: disk.survivor(kind, 'independent') })
      await judge(next, generation, rounds)
      await next.broker.close()
    }
    expect(operations).toBeGreaterThan(ROUNDS * 8)
  })
})

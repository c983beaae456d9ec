/**
 * SIGKILL under load, round after round on one data directory: what was acknowledged is there once and in order, and what
 * idempotent writers send again is not doubled. SAMSA_KILL_ROUNDS and SAMSA_KILL_SEED change how long and which.
 */
import { type FSWatcher, watch } from 'node:fs'
import { join } from 'node:path'
import { SeededRandom } from '@samsa/runtime'
import { expect, test } from 'vitest'
import { BrokerLaunch, BrokerProcess, type BrokerProcessOptions } from '../interop/broker-process.js'
import { connectTo, storedIn } from '../interop/stored-batches.js'
import { temporaryFolder } from '../interop/temporary-folder.js'
import { proofSize } from '../proof-size.js'
import { compare } from './ledger.js'
import { Writer } from './writer.js'

const ROUNDS = proofSize('SAMSA_KILL_ROUNDS', 20)
const SEED = process.env['SAMSA_KILL_SEED'] ?? 'kill -9'
const MS_PER_ROUND = 15_000
const PARTITIONS = 3
const TOPICS = { plain: false, idempotent: true }
/** Small segments, so that a kill also meets rolling. */
const PROPERTIES = ['log.segment.bytes=1048576', 'log.index.interval.bytes=512']

test(
  `${ROUNDS} rounds of SIGKILL under load lose and double nothing acknowledged`,
  async () => {
    const random = new SeededRandom(SEED)
    const folder = temporaryFolder()
    const topics = Object.keys(TOPICS).map(topic => `${topic}:${PARTITIONS}`)
    const options = { dataDir: folder.path, topics, properties: PROPERTIES }
    const writers = Object.entries(TOPICS).flatMap(([topic, isIdempotent]) =>
      Array.from({ length: PARTITIONS }, (_, partition) => new Writer({ topic, partition, isIdempotent, random })),
    )
    try {
      for (let round = 1; round <= ROUNDS; round++) {
        const broker = await BrokerProcess.start(options)
        try {
          expect(await problemsOf(broker.address, writers), `before round ${round} of seed ${SEED}`).toEqual([])
          await writeUntilKilled(broker, writers, random.integer(20, 200))
        } finally {
          await broker.kill()
        }
        if (random.integer(0, 4) === 0) await killedInRecovery(options, join(folder.path, 'idempotent-0'))
      }
      for (const occasion of ['after the last round', 'after a clean stop']) {
        const broker = await BrokerProcess.start(options)
        try {
          expect(await problemsOf(broker.address, writers), `${occasion} of seed ${SEED}`).toEqual([])
          await broker.stop()
        } finally {
          await broker.kill()
        }
      }
      expect(writers.every(({ sent }) => sent.some(({ acknowledgedAt }) => acknowledgedAt !== undefined))).toBe(true)
    } finally {
      folder.remove()
    }
  },
  ROUNDS * MS_PER_ROUND,
)

/** All writers at once, until there were so many answers. */
async function writeUntilKilled(
  broker: BrokerProcess,
  writers: readonly Writer[],
  acknowledgements: number,
): Promise<void> {
  let left = acknowledgements
  const onAcknowledged = (): void => {
    left--
    if (left === 0) void broker.kill()
  }
  // All connections first: a kill by the fast ones must not find a slow one on its way.
  const pairs = await Promise.all(
    writers.map(async writer => ({ writer, connection: await connectTo(broker.address) })),
  )
  await Promise.all(pairs.map(({ writer, connection }) => writer.write(connection, onAcknowledged)))
}

/** A broker that is killed as soon as it touches a partition's files, or when it has started without touching them. */
async function killedInRecovery(options: BrokerProcessOptions, partition: string): Promise<void> {
  let watcher: FSWatcher | undefined
  const touched = new Promise<void>(resolve => {
    watcher = watch(partition, () => resolve())
  })
  const launch = new BrokerLaunch(options)
  await Promise.race([touched, launch.started.then(() => {})])
  await launch.kill()
  watcher?.close()
}

/** What the broker holds, compared with what every writer knows. */
async function problemsOf(address: string, writers: readonly Writer[]): Promise<string[]> {
  const problems: string[] = []
  for (const writer of writers) {
    const { records } = await storedIn(address, writer.topic, writer.partition)
    const stored = records.map(({ offset, value }) => ({ offset, id: Writer.idOf(value) }))
    const comparison = compare(writer.sent, stored)
    problems.push(...comparison.problems)
    writer.settle(comparison.foundInDoubt)
  }
  return problems
}

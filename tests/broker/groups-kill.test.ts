/**
 * SIGKILL while a group commits, round after round on one data directory: what a group has committed afterwards is what was
 * acknowledged last, or what was on its way then.
 */
import { findCoordinator, offsetCommit, offsetFetch } from '@samsa/protocol'
import { SeededRandom } from '@samsa/runtime'
import { expect, test } from 'vitest'
import { BrokerProcess } from '../interop/broker-process.js'
import { connectTo } from '../interop/stored-batches.js'
import { temporaryFolder } from '../interop/temporary-folder.js'
import { proofSize } from '../proof-size.js'

const ROUNDS = proofSize('SAMSA_GROUP_KILL_ROUNDS', 6)
const SEED = process.env['SAMSA_GROUP_KILL_SEED'] ?? 'kill a coordinator'
const GROUPS = ['a', 'b', 'c', 'd']
const MS_PER_ROUND = 15_000
const LOADING = 14
const MOST_TRIES = 10_000

class Committer {
  readonly groupId: string
  sent = -1n
  acknowledged = -1n

  constructor(groupId: string) {
    this.groupId = groupId
  }

  /** One offset after the other, until the connection breaks. */
  async commit(address: string, onAcknowledged: () => void): Promise<void> {
    const connection = await connectTo(address)
    try {
      await connection.request(findCoordinator, 4, { keyType: 0, coordinatorKeys: [this.groupId] })
      for (;;) {
        const next = this.sent + 1n
        this.sent = next
        const partitions = [{ partitionIndex: 0, committedOffset: next, committedMetadata: String(next) }]
        const { groupId } = this
        const { topics } = await connection.request(offsetCommit, 8, { groupId, topics: [{ name: 't', partitions }] })
        const errorCode = topics[0]?.partitions[0]?.errorCode
        if (errorCode === LOADING) continue
        if (errorCode !== 0) throw new Error(`a commit was answered with ${errorCode}`)
        this.acknowledged = next
        onAcknowledged()
      }
    } finally {
      connection.close()
    }
  }

  /** What the broker has, and that it is neither older than acknowledged nor newer than sent. */
  async check(address: string): Promise<void> {
    const connection = await connectTo(address)
    try {
      for (let tries = 0; tries < MOST_TRIES; tries++) {
        const { groups } = await connection.request(offsetFetch, 8, {
          groups: [{ groupId: this.groupId, topics: null }],
        })
        if (groups[0]?.errorCode === LOADING) continue
        expect(groups[0]?.errorCode).toBe(0)
        const partition = groups[0]?.topics[0]?.partitions[0]
        const offset = partition?.committedOffset ?? -1n
        expect(offset >= this.acknowledged && offset <= this.sent, `${offset} of ${this.acknowledged}`).toBe(true)
        expect(partition?.metadata).toBe(String(offset))
        return
      }
      throw new Error('the groups are not loaded')
    } finally {
      connection.close()
    }
  }
}

test(
  `${ROUNDS} rounds of SIGKILL during commits lose nothing acknowledged`,
  async () => {
    const random = new SeededRandom(SEED)
    const folder = temporaryFolder()
    const options = { dataDir: folder.path, topics: ['t:1'] }
    const committers = GROUPS.map(groupId => new Committer(groupId))
    try {
      for (let round = 1; round <= ROUNDS; round++) {
        const broker = await BrokerProcess.start(options)
        let left = random.integer(50, 400)
        const onAcknowledged = (): void => {
          left--
          if (left === 0) void broker.kill()
        }
        try {
          if (round > 1) for (const committer of committers) await committer.check(broker.address)
          const commits = committers.map(committer => committer.commit(broker.address, onAcknowledged))
          await Promise.allSettled(commits)
          expect(left, `commits ended before the kill of round ${round}`).toBeLessThanOrEqual(0)
        } finally {
          await broker.kill()
        }
      }
      const broker = await BrokerProcess.start(options)
      try {
        for (const committer of committers) await committer.check(broker.address)
        expect(committers.every(({ acknowledged }) => acknowledged > 0n)).toBe(true)
      } finally {
        await broker.kill()
      }
    } finally {
      folder.remove()
    }
  },
  ROUNDS * MS_PER_ROUND,
)

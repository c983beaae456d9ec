/**
 * One classic group whose members are consumers of ours, of kafkajs, of node-rdkafka and of Java: whoever leads shares out
 * to all the others, they rebalance while records are written, and no record is lost between them.
 */
import { randomUUID } from 'node:crypto'
import { Producer, string } from '@samsa/producer'
import { decodeAssignment, describeGroups, offsetFetch } from '@samsa/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { loadsForeignClient } from './foreign-client.js'
import { type GroupMember, javaMember, type Membership, nodeMember, ownMember } from './group-members.js'
import { connectTo, createTopic, storedIn } from './stored-batches.js'
import { startTarget, type Target } from './target.js'

const LAUNCHER = process.env['SAMSA_KAFKA_BIN'] ?? ''
const PARTITIONS = Array.from({ length: 8 }, (_, partition) => partition)
const MAX_ROUNDS = 20_000
const HEARTBEAT_INTERVAL_MS = 200
const TEST_TIMEOUT_MS = 240_000
/** A Java machine takes long to start where much else runs. */
const WITHIN = { timeout: 60_000, interval: 50 }

function missing(): string {
  const clients = ['kafkajs', 'node-rdkafka'].filter(name => !loadsForeignClient(name))
  return [
    ...clients.map(name => `scripts/interop-install ${name}`),
    ...(LAUNCHER === '' ? ['SAMSA_KAFKA_BIN'] : []),
  ].join(', ')
}

const MISSING = missing()

describe.skipIf(MISSING !== '')(`a group of many clients${MISSING === '' ? '' : ` (needs ${MISSING})`}`, () => {
  let target: Target
  const members: GroupMember[] = []

  beforeEach(async () => {
    target = await startTarget()
  })

  afterEach(async () => {
    await Promise.allSettled(members.splice(0).map(member => member.end()))
    await target.stop()
  })

  test('members join one by one, their leader goes, and all records are read and committed', {
    timeout: TEST_TIMEOUT_MS,
  }, async () => {
    const topic = `mixed-${randomUUID()}`
    const groupId = `of-${topic}`
    await createTopic(target.address, topic, PARTITIONS.length)
    const membership: Membership = {
      ...{ address: target.address, topic, groupId },
      ...{ assignor: 'range', heartbeatIntervalMs: HEARTBEAT_INTERVAL_MS },
    }
    const starts = [
      () => ownMember('ours-1', membership),
      () => nodeMember('kafkajs', membership),
      () => nodeMember('node-rdkafka', membership),
      () => ownMember('ours-2', membership),
      () => javaMember(LAUNCHER, membership),
    ]
    const writing = new Writing(target.address, topic)
    try {
      for (const start of starts) {
        members.push(start())
        await settled(target.address, groupId, members.length)
        await allReadOn(members)
      }
      const [leader, ...others] = members
      await leader?.leave()
      await settled(target.address, groupId, others.length)
      await allReadOn(others)
    } finally {
      await writing.end()
    }
    const unread = (): string[] => {
      const read = valuesOf(members)
      return writing.values.filter(value => !read.has(value))
    }
    await expect.poll(unread, WITHIN).toEqual([])
    await settled(target.address, groupId, members.length - 1)
    expect(valuesOf(members).size).toBe(writing.values.length)
    for (const member of members.slice(1)) await member.leave()
    expect(await committedOf(target.address, groupId, topic)).toEqual(await endsOf(target.address, topic))
  })
})

/** Numbered records, round by round one to each partition, each round when the one before is acknowledged. */
class Writing {
  readonly values: string[] = []
  #ends = false
  readonly #rounds: Promise<void>

  constructor(address: string, topic: string) {
    this.#rounds = this.#write(address, topic)
    // Whoever ends it is told.
    this.#rounds.catch(() => {})
  }

  async end(): Promise<void> {
    this.#ends = true
    await this.#rounds
  }

  async #write(address: string, topic: string): Promise<void> {
    await using producer = new Producer({ bootstrapServers: address, value: string, lingerMs: 5 })
    for (let round = 0; round < MAX_ROUNDS && !this.#ends; round++) {
      const values = PARTITIONS.map(partition => `${round}-${partition}`)
      await Promise.all(values.map((value, partition) => producer.send({ topic, partition, value })))
      this.values.push(...values)
    }
  }
}

function valuesOf(members: readonly GroupMember[]): Set<string> {
  return new Set(members.flatMap(({ values }) => [...values]))
}

/** Resolves when so many members have shared out the topic: each partition has one owner, and each member something. */
async function settled(address: string, groupId: string, members: number): Promise<void> {
  const connection = await connectTo(address)
  try {
    const ask = async (): Promise<unknown> => {
      const { groups } = await connection.request(describeGroups, 5, { groups: [groupId] })
      const shares = (groups[0]?.members ?? []).map(({ memberAssignment }) =>
        memberAssignment.length === 0
          ? []
          : decodeAssignment(memberAssignment).partitions.flatMap(({ partitions }) => partitions),
      )
      const owned = shares.flat().sort((left, right) => left - right)
      return { state: groups[0]?.groupState, members: shares.filter(({ length }) => length > 0).length, owned }
    }
    await expect.poll(ask, WITHIN).toEqual({ state: 'Stable', members, owned: PARTITIONS })
  } finally {
    connection.close()
  }
}

/** Resolves when each has read what it had not read before. */
async function allReadOn(members: readonly GroupMember[]): Promise<void> {
  const waiting = new Map(members.map(member => [member, member.values.size]))
  const silent = (): string[] =>
    [...waiting].filter(([{ values }, before]) => values.size === before).map(([{ name }]) => name)
  await expect.poll(silent, WITHIN).toEqual([])
}

async function committedOf(address: string, groupId: string, name: string): Promise<number[]> {
  const connection = await connectTo(address)
  try {
    const topics = [{ name, partitionIndexes: PARTITIONS }]
    const answer = await connection.request(offsetFetch, 7, { groupId, topics, requireStable: true })
    const partitions = [...(answer.topics[0]?.partitions ?? [])]
    partitions.sort((left, right) => left.partitionIndex - right.partitionIndex)
    return partitions.map(({ committedOffset }) => Number(committedOffset))
  } finally {
    connection.close()
  }
}

async function endsOf(address: string, topic: string): Promise<number[]> {
  const stored = await Promise.all(PARTITIONS.map(partition => storedIn(address, topic, partition)))
  return stored.map(({ records }) => records.length)
}

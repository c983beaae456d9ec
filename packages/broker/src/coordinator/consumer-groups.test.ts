/** Groups of the consumer protocol in a whole broker: its clock, its topics, its settings and its log. */
import {
  type ConsumerGroupHeartbeatRequest,
  consumerGroupDescribe,
  consumerGroupHeartbeat,
  createPartitions,
  deleteTopics,
  findCoordinator,
  incrementalAlterConfigs,
  ZERO_UUID,
} from '@samsa/protocol'
import type { ManualClock } from '@samsa/runtime'
import { describe, expect, test } from 'vitest'
import { codeOf } from '../cluster/partitions.js'
import { startBroker, type TestClient } from '../handlers/test-broker.js'
import { MemoryFileSystem } from '../storage/memory.js'
import { commitOffset, committedOf } from './test-groups.js'

const GROUP_CONFIGS = 32
const HURRY_MS = 100

async function start(options: Parameters<typeof startBroker>[0] = {}) {
  const kafka = await startBroker(options)
  await kafka.client.request(findCoordinator, 6, { keyType: 0, coordinatorKeys: ['g'] })
  await kafka.createTopic('t', 4)
  return kafka
}

/** A member that gives up at once what it is told to. */
class Member {
  readonly client: TestClient
  readonly memberId: string
  readonly #more: Partial<ConsumerGroupHeartbeatRequest>
  epoch = 0
  intervalMs = 0
  partitions: readonly { readonly topicId: string; readonly partitions: readonly number[] }[] = []

  constructor(client: TestClient, memberId: string, more: Partial<ConsumerGroupHeartbeatRequest> = {}) {
    this.client = client
    this.memberId = memberId
    this.#more = { subscribedTopicNames: ['t'], ...more }
  }

  /** Returns the error's code. */
  async beat(): Promise<number> {
    const isJoining = this.epoch === 0
    const joining = { rebalanceTimeoutMs: 60_000, topicPartitions: [], ...this.#more }
    const answer = await this.client.request(consumerGroupHeartbeat, 1, {
      groupId: 'g',
      memberId: this.memberId,
      memberEpoch: this.epoch,
      ...(isJoining ? joining : { topicPartitions: this.partitions }),
    })
    if (answer.errorCode !== 0) return answer.errorCode
    this.epoch = answer.memberEpoch
    this.intervalMs = answer.heartbeatIntervalMs
    this.partitions = answer.assignment?.topicPartitions ?? this.partitions
    return 0
  }

  get shares(): number {
    return this.partitions.reduce((sum, { partitions }) => sum + partitions.length, 0)
  }
}

/** Heartbeats, each as soon as members are told to hurry, until everyone has so many partitions. */
async function share(clock: ManualClock, members: readonly Member[], counts: readonly number[]): Promise<void> {
  for (let round = 0; round < 20; round++) {
    await clock.advance(HURRY_MS)
    for (const member of members) expect(await member.beat()).toBe(0)
    if (members.every(({ shares }, index) => shares === counts[index])) return
  }
  throw new Error(`the shares are ${members.map(({ shares }) => shares)}, not ${counts}`)
}

async function described(client: TestClient) {
  const { groups } = await client.request(consumerGroupDescribe, 1, {
    groupIds: ['g'],
    includeAuthorizedOperations: false,
  })
  return groups[0]
}

describe('a consumer group', () => {
  test('shares out its topic, and what it grows by', async () => {
    const { client, broker, clock } = await start()
    const members = [new Member(client, 'a'), new Member(client, 'b')]
    await share(clock, members.slice(0, 1), [4])
    await share(clock, members, [2, 2])
    const grown = { name: 't', count: 6, assignments: null }
    await client.request(createPartitions, 3, { topics: [grown], timeoutMs: 1000, validateOnly: false })
    await share(clock, members, [3, 3])
    await broker.close()
  })

  test('lets go of a topic that is deleted, and finds the one that comes in its place', async () => {
    const { client, broker, clock, createTopic } = await start()
    const member = new Member(client, 'a', { subscribedTopicNames: null, subscribedTopicRegex: '[tu]' })
    await share(clock, [member], [4])
    const topics = [{ name: 't', topicId: ZERO_UUID }]
    await client.request(deleteTopics, 6, { topics, timeoutMs: 1000 })
    await share(clock, [member], [0])
    await createTopic('t', 3)
    await createTopic('u', 2)
    await clock.advance({ seconds: 1 })
    await share(clock, [member], [5])
    await broker.close()
  })

  test('goes on after a restart as if nothing had been', async () => {
    const fileSystem = new MemoryFileSystem()
    const before = await start({ fileSystem, dataDir: '/data' })
    const { clock } = before
    const members = [new Member(before.client, 'a'), new Member(before.client, 'b')]
    await share(clock, members, [2, 2])
    const [first] = members
    const epoch = first?.epoch ?? 0
    const commit = { topic: 't', partition: 0, offset: 5, memberId: 'a', generationIdOrMemberEpoch: epoch }
    const group = await described(before.client)
    await before.broker.close()
    const after = await startBroker({ fileSystem, dataDir: '/data' })
    let again = await described(after.client)
    while (again?.errorCode === codeOf('COORDINATOR_LOAD_IN_PROGRESS')) again = await described(after.client)
    expect(again).toEqual(group)
    const going = new Member(after.client, 'a')
    going.epoch = epoch
    going.partitions = first?.partitions ?? []
    expect(await going.beat()).toBe(0)
    expect(await commitOffset(after.client, 'g', { ...commit, generationIdOrMemberEpoch: 99 })).toBe(
      codeOf('STALE_MEMBER_EPOCH'),
    )
    expect(await commitOffset(after.client, 'g', commit)).toBe(0)
    expect(await committedOf(after.client, 'g')).toEqual(['t-0=5'])
    await after.broker.close()
  })

  test('takes out who is silent for the session that the group is set to', async () => {
    const { client, broker, clock } = await start({ rebalanceHeartbeatMs: 100_000 })
    const set = [
      ['consumer.session.timeout.ms', '50000'],
      ['consumer.heartbeat.interval.ms', '7000'],
    ].map(([name = '', value = '']) => ({ name, value, configOperation: 0 }))
    const resources = [{ resourceType: GROUP_CONFIGS, resourceName: 'g', configs: set }]
    const { responses } = await client.request(incrementalAlterConfigs, 1, { resources, validateOnly: false })
    expect(responses.map(({ errorMessage }) => errorMessage)).toEqual([null])
    const member = new Member(client, 'a')
    expect(await member.beat()).toBe(0)
    expect(member.intervalMs).toBe(7000)
    await clock.advance({ seconds: 49 })
    expect(await member.beat()).toBe(0)
    await clock.advance({ seconds: 49 })
    expect((await described(client))?.groupState).toBe('Stable')
    await clock.advance({ seconds: 1 })
    expect((await described(client))?.groupState).toBe('Empty')
    expect(await member.beat()).toBe(codeOf('UNKNOWN_MEMBER_ID'))
    await broker.close()
  })

  test('tells its members to hurry while it changes, and large groups not to', async () => {
    const { client, broker, clock } = await start()
    const [first, second] = [new Member(client, 'a'), new Member(client, 'b')]
    await first?.beat()
    expect(first?.intervalMs).toBe(250)
    await second?.beat()
    expect(second?.intervalMs).toBe(100)
    const others = Array.from({ length: 30 }, (_, index) => new Member(client, `c${index}`))
    const all = [first, second, ...others].filter(member => member !== undefined)
    for (let round = 0; round < 5; round++) {
      await clock.advance(HURRY_MS)
      for (const member of all) await member.beat()
    }
    expect(first?.intervalMs).toBe(5000)
    await broker.close()
  })
})

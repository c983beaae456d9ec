import type { Api, OffsetCommitRequest } from '@samsa/protocol'
import { errorByName, offsetCommit } from '@samsa/protocol'
import {
  CommitFailedError,
  type KafkaError,
  NetworkError,
  RebalanceInProgressError,
  TimeoutError,
} from '@samsa/runtime'
import { describe, expect, test } from 'vitest'
import { AccessGuard } from './access-guard.js'
import type { ConsumerCluster } from './cluster.js'
import { Commits } from './commits.js'
import { GroupMetrics } from './group-metrics.js'
import type { Member } from './membership/member.js'
import { errorOfPromise, TestCluster } from './test-cluster.js'

interface Sent {
  readonly body: OffsetCommitRequest
  /** With an error's name for every partition, or as a broken connection. */
  readonly answer: (error?: string) => void
  readonly lose: () => void
}

/** Commits of a member, and the requests of it that are not answered. */
function setUp(member?: Partial<Member>) {
  const cluster = new TestCluster()
  const sent: Sent[] = []
  const call = (_: Api, request: (version: number) => OffsetCommitRequest, options: object): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const body = request(9)
      const answer = (error = 'NONE'): void => {
        const errorCode = errorByName(error)?.code ?? 0
        const topics = body.topics.map(({ name, partitions }) => ({
          name,
          partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
        }))
        // As the router does: a code found in the answer fails the call.
        const found: unknown = Reflect.get(options, 'errorCode')({ topics })
        if (found === 0) resolve({ topics })
        else reject(new Error(`code ${found}`))
      }
      sent.push({ body, answer, lose: () => reject(new NetworkError('lost')) })
    })
  const told: string[] = []
  const refused: string[] = []
  const whole = {
    protocol: 'classic',
    standing: 'member',
    identity: { memberId: 'm', generationId: 4, groupInstanceId: null },
    whyOut: undefined,
    commitRefused: (code: string) => void refused.push(code),
    ...member,
  }
  const commits = new Commits({
    groupId: 'g',
    groupInstanceId: undefined,
    // Only what a commit needs of the cluster and of a member is here.
    cluster: { ...cluster, clientId: 'test', clock: cluster.clock, call } as unknown as ConsumerCluster,
    guard: new AccessGuard(),
    metrics: new GroupMetrics(),
    retryBackoffMs: 100,
    retryBackoffMaxMs: 1000,
    requestTimeoutMs: 30_000,
    member: () => whole as unknown as Member,
    onChange: () => {},
  })
  const async = (offset: bigint): void =>
    commits.async(at(offset), ([first], error) => void told.push(`${first?.offset} ${error?.code ?? 'done'}`))
  return { cluster, commits, sent, told, refused, async }
}

const at = (offset: bigint) => [{ topic: 't', partition: 0, offset }]
const offsetIn = ({ body }: Sent): bigint | undefined => body.topics[0]?.partitions[0]?.committedOffset

describe('commits without waiting', () => {
  test('go one at a time, the latest of those that waited, and are called back in order', async () => {
    const { cluster, commits, sent, told, async } = setUp()
    for (const offset of [1n, 2n, 3n]) async(offset)
    expect(sent.map(offsetIn)).toEqual([1n])
    sent[0]?.answer()
    await cluster.settle()
    expect(sent.map(offsetIn)).toEqual([1n, 3n])
    sent[1]?.answer()
    await cluster.settle()
    expect(told).toEqual([])
    await commits.callBack()
    expect(told).toEqual(['1 done', '2 done', '3 done'])
  })

  test('are not tried again', async () => {
    const { cluster, commits, sent, told, async } = setUp()
    async(1n)
    sent[0]?.lose()
    await cluster.advance(10_000)
    await commits.callBack()
    expect([told, sent.length]).toEqual([['1 NETWORK_EXCEPTION'], 1])
  })
})

describe('a commit that is waited for', () => {
  test('comes after those before it, and is tried again while that may help', async () => {
    const { cluster, commits, sent, async } = setUp()
    async(1n)
    const done = commits.sync(at(2n), { timeoutMs: 60_000 })
    await cluster.settle()
    expect(sent).toHaveLength(1)
    sent[0]?.answer()
    await cluster.settle()
    for (const error of ['COORDINATOR_LOAD_IN_PROGRESS', 'NOT_COORDINATOR', 'STALE_MEMBER_EPOCH']) {
      sent.at(-1)?.answer(error)
      await cluster.advance(1000)
    }
    expect(sent.map(offsetIn)).toEqual([1n, 2n, 2n, 2n, 2n])
    sent.at(-1)?.answer()
    await done
  })

  test('gives up when its time is over', async () => {
    const { cluster, commits, sent } = setUp()
    const outcome = errorOfPromise(commits.sync(at(2n), { timeoutMs: 150 }))
    sent[0]?.lose()
    await cluster.advance(130)
    sent[1]?.lose()
    await cluster.advance(1000)
    expect(await outcome).toBeInstanceOf(TimeoutError)
  })

  test.each([
    ['REBALANCE_IN_PROGRESS', RebalanceInProgressError],
    ['ILLEGAL_GENERATION', CommitFailedError],
    ['UNKNOWN_MEMBER_ID', CommitFailedError],
  ])('that meets %s says what to do, and so learns the member', async (name, kind) => {
    const { commits, sent, refused } = setUp()
    const outcome = errorOfPromise(commits.sync(at(2n), { timeoutMs: 1000 }))
    sent[0]?.answer(name)
    const error: KafkaError = await outcome
    expect(error).toBeInstanceOf(kind)
    expect(error).toMatchObject({ api: offsetCommit.name, retriable: false })
    expect(refused).toEqual([name])
  })

  test('of who is not in the group sends nothing', async () => {
    const out = setUp({ standing: 'out', whyOut: 'it slept' })
    const error = await errorOfPromise(out.commits.sync(at(2n), { timeoutMs: 1000 }))
    expect([error.code, error.message]).toEqual(['COMMIT_FAILED', expect.stringContaining('it slept')])
    const joining = setUp({ standing: 'rebalancing' })
    const other = await errorOfPromise(joining.commits.sync(at(2n), { timeoutMs: 1000 }))
    expect(other.code).toBe('REBALANCE_IN_PROGRESS')
    expect([out.sent, joining.sent]).toEqual([[], []])
  })
})

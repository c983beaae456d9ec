import { tracingChannel } from 'node:diagnostics_channel'
import {
  consumerGroupHeartbeat,
  joinGroup,
  leaveGroup,
  type OffsetCommitRequest,
  type OffsetFetchRequest,
  offsetCommit,
  offsetFetch,
} from '@samsa/protocol'
import {
  CommitFailedError,
  FencedError,
  operationChannelNames,
  RebalanceInProgressError,
  TimeoutError,
  WakeupError,
} from '@samsa/runtime'
import { describe, expect, onTestFinished, test } from 'vitest'
import { errorOfPromise } from './test-cluster.js'
import { BEAT_MS, commitAnswered, GroupScene, protocols } from './test-group-scene.js'
import { place } from './test-scene.js'

const [UNKNOWN_MEMBER_ID, REBALANCE_IN_PROGRESS, FENCED_INSTANCE_ID, STALE_MEMBER_EPOCH] = [25, 27, 82, 113]

/** Commits wait for the test from now on. */
const holdCommits = ({ coordinator }: GroupScene): boolean => coordinator.answers.delete(offsetCommit.name)

function answerCommit(scene: GroupScene, errorCode = 0): void {
  const sent = scene.coordinator.sent(offsetCommit)
  sent.answer(errorCode === 0 ? scene.commitAnswer(sent.body) : commitAnswered(sent.body, errorCode))
}

/** The next commits are answered with those codes, and those after them are done. */
function refuseCommits(scene: GroupScene, ...codes: number[]): OffsetCommitRequest[] {
  const bodies: OffsetCommitRequest[] = []
  scene.coordinator.answers.set(offsetCommit.name, (body: OffsetCommitRequest) => {
    bodies.push(body)
    const code = codes.shift()
    return code === undefined ? scene.commitAnswer(body) : commitAnswered(body, code)
  })
  return bodies
}

describe.each(protocols)('partitions of a %s group that go', protocol => {
  const left = protocol === 'classic' ? 'revoked 0,1' : 'revoked 0'
  const added = protocol === 'classic' ? 'assigned 1' : 'assigned '

  test('hold a poll no longer than it may last: the next one goes on waiting for their commit', async () => {
    const scene = await GroupScene.stable(protocol)
    expect(await scene.poll(0)).toEqual(['a', 'b', 'c'])
    await scene.fetched(3, 'd')
    holdCommits(scene)
    await scene.regive(1)
    // Records that are there are no more this consumer's to hand out.
    expect(await scene.poll(200)).toEqual([])
    expect(await scene.poll(200)).toEqual([])
    expect([scene.told, scene.coordinator.count(offsetCommit)]).toEqual([['assigned 0,1'], 1])
    answerCommit(scene)
    await scene.settle()
    // Listeners are called inside of polls only.
    expect(scene.told).toEqual(['assigned 0,1'])
    scene.coordinator.answers.set(offsetCommit.name, (body: OffsetCommitRequest) => scene.commitAnswer(body))
    await scene.poll(200)
    expect([scene.told, scene.committed.get('t-0')]).toEqual([['assigned 0,1', left, added], 3n])
  })

  test('are waited for in polls of no time at all', async () => {
    const scene = await GroupScene.stable(protocol)
    await scene.poll(0)
    await scene.regive(1)
    for (let polls = 0; scene.consumer.assignment().length !== 1; polls++) {
      expect(polls).toBeLessThan(100)
      const polling = scene.consumer.poll(0)
      await scene.coordinator.advance(1)
      await polling
    }
    expect(scene.committed.get('t-0')).toBe(3n)
  })

  test('are given up without their commit when that does not come to an end', async () => {
    const scene = await GroupScene.stable(protocol, {
      requestTimeoutMs: 1000,
      defaultApiTimeoutMs: 1000,
      maxPollIntervalMs: 60_000,
    })
    await scene.poll(0)
    holdCommits(scene)
    await scene.regive(1)
    await scene.poll(2000)
    expect(scene.told).toContain(left)
    expect(scene.coordinator.warnings).toContain('offsets could not be committed before partitions go')
  })

  test('let a poll be woken up, and go with the next', async () => {
    const scene = await GroupScene.stable(protocol)
    await scene.poll(0)
    holdCommits(scene)
    await scene.regive(1)
    const polling = errorOfPromise(scene.consumer.poll(10_000))
    await scene.settle()
    scene.consumer.wakeup()
    expect(await polling).toBeInstanceOf(WakeupError)
    expect(scene.coordinator.count(offsetCommit)).toBe(1)
    answerCommit(scene)
    await scene.poll(100)
    expect(scene.told).toContain(left)
  })

  test('hear of it once when the consumer is closed meanwhile', async () => {
    const scene = await GroupScene.stable(protocol)
    await scene.poll(0)
    holdCommits(scene)
    await scene.regive(1)
    const polling = errorOfPromise(scene.consumer.poll(10_000))
    await scene.settle()
    const closed = scene.consumer.close()
    await scene.settle()
    expect((await polling).code).toBe('CONSUMER_CLOSED')
    answerCommit(scene)
    await scene.settle()
    await closed
    expect(scene.told).toEqual(['assigned 0,1', 'revoked 0,1'])
    expect(scene.committed.get('t-0')).toBe(3n)
  })
})

describe.each(protocols)('a listener of a %s group that throws', protocol => {
  test('is told of by the poll; the coordinator hears what is true, and the next poll goes on', async () => {
    const scene = new GroupScene(protocol)
    let throws = 1
    scene.subscribe({
      onPartitionsAssigned: () => {
        if (throws-- > 0) throw new Error('no room')
      },
    })
    const error = await errorOfPromise(scene.poll(100))
    expect([error.code, scene.consumer.assignment().length]).toEqual(['REBALANCE_LISTENER_FAILED', 2])
    await scene.coordinator.advance(0)
    if (protocol === 'consumer') {
      // The broker would wait for the acknowledgement until the rebalance timeout is over, and put the member out.
      expect(scene.words.at(-1)?.topicPartitions).toEqual([{ topicId: scene.coordinator.topicId, partitions: [0, 1] }])
    }
    await scene.fetched(0, 'a')
    expect(await scene.poll(0)).toEqual(['a'])
    await scene.regive(1)
    await scene.poll(100)
    expect(scene.consumer.assignment()).toEqual([place(1)])
  })

  test('when partitions are revoked gives them up all the same', async () => {
    const scene = new GroupScene(protocol)
    scene.subscribe({
      onPartitionsRevoked: () => {
        throw new Error('busy')
      },
    })
    await scene.poll(100)
    await scene.regive(1)
    expect((await errorOfPromise(scene.poll(100))).code).toBe('REBALANCE_LISTENER_FAILED')
    await scene.poll(100)
    expect(scene.consumer.assignment()).toEqual([place(1)])
  })
})

test('a listener that throws when partitions are revoked hears of those that stay and come all the same', async () => {
  const scene = new GroupScene('consumer')
  scene.subscribe({
    onPartitionsRevoked: () => {
      throw new Error('busy')
    },
  })
  await scene.poll(100)
  await scene.regive(1)
  const error = await errorOfPromise(scene.poll(100))
  expect(error.message).toContain('busy')
  expect(scene.told).toEqual(['assigned 0,1', 'revoked 0', 'assigned '])
})

test('what comes up at whatever moment of a poll is seen to within it', async () => {
  // A rebalance is wanted so many steps after the listener has ended: beside, behind, and before the poll waits.
  for (let steps = 0; steps < 25; steps++) {
    const scene = new GroupScene('classic')
    // Nothing else wakes the poll: it has no partitions.
    scene.given = []
    let isFirst = true
    const later = async (): Promise<void> => {
      for (let step = 0; step < steps; step++) await Promise.resolve()
      scene.consumer.enforceRebalance('the test')
    }
    scene.subscribe({
      onPartitionsAssigned: () => {
        if (isFirst) void later()
        isFirst = false
      },
    })
    await scene.poll(300)
    expect([steps, scene.told]).toEqual([steps, ['assigned ', 'revoked ', 'assigned ']])
    await scene.consumer.close()
  }
})

describe('a commit', () => {
  test('that meets a rebalance says to poll first, and then what is still there is committed', async () => {
    const scene = await GroupScene.stable('classic', { enableAutoCommit: false })
    await scene.poll(0)
    const bodies = refuseCommits(scene, REBALANCE_IN_PROGRESS)
    const error = await errorOfPromise(scene.consumer.commitSync())
    expect(error).toBeInstanceOf(RebalanceInProgressError)
    expect(error.message).toContain('Poll until that is over')
    scene.committed.set('t-0', 0n)
    await scene.poll(100)
    expect(scene.told).toEqual(['assigned 0,1', 'revoked 0,1', 'assigned 0,1'])
    await scene.fetched(0, 'a')
    await scene.poll(0)
    await scene.consumer.commitSync()
    expect(bodies.map(({ generationIdOrMemberEpoch }) => generationIdOrMemberEpoch)).toEqual([1, 2])
    expect(scene.committed.get('t-0')).toBe(1n)
  })

  test.each(protocols)(
    'of a member that the coordinator put out (%s) fails for good, and it joins again',
    async protocol => {
      const scene = await GroupScene.stable(protocol, { enableAutoCommit: false })
      await scene.poll(0)
      refuseCommits(scene, UNKNOWN_MEMBER_ID)
      const outcome = errorOfPromise(scene.consumer.commitSync())
      await scene.settle()
      expect(await outcome).toBeInstanceOf(CommitFailedError)
      await scene.putOut()
      expect(scene.consumer.health().group).toEqual({
        state: 'out',
        whyOut: expect.stringMatching(
          /coordinator.* has not polled for at least \d+ ms \(maxPollIntervalMs: 5000 ms\)/,
        ),
      })
      await scene.poll(200)
      expect(scene.told).toEqual(['assigned 0,1', 'lost 0,1', 'assigned 0,1'])
    },
  )

  test('under an epoch that has moved on is made again under the new one', async () => {
    const scene = await GroupScene.stable('consumer', { enableAutoCommit: false })
    await scene.poll(0)
    const bodies = refuseCommits(scene, STALE_MEMBER_EPOCH)
    scene.generation++
    const done = scene.consumer.commitSync()
    await scene.coordinator.advance(1000)
    await done
    expect(bodies.map(({ generationIdOrMemberEpoch }) => generationIdOrMemberEpoch)).toEqual([1, 2])
  })

  test('that nobody waits for is not made again: its callback hears of the stale epoch', async () => {
    const scene = await GroupScene.stable('consumer', { enableAutoCommit: false })
    await scene.poll(0)
    const bodies = refuseCommits(scene, STALE_MEMBER_EPOCH)
    const told: unknown[] = []
    scene.consumer.commitAsync(null, (_, error) => void told.push(error?.code))
    await scene.settle()
    await scene.poll(100)
    expect([told, bodies.length]).toEqual([['STALE_MEMBER_EPOCH'], 1])
  })

  test('of a static member whose place another one has is the end', async () => {
    const scene = await GroupScene.stable('classic', { enableAutoCommit: false, groupInstanceId: 'i' })
    await scene.poll(0)
    refuseCommits(scene, FENCED_INSTANCE_ID)
    expect(await errorOfPromise(scene.consumer.commitSync())).toBeInstanceOf(FencedError)
  })

  test('whose answer is lost after the coordinator had it is made again, with the same offsets', async () => {
    const scene = await GroupScene.stable('classic', { enableAutoCommit: false })
    await scene.poll(0)
    holdCommits(scene)
    const done = scene.consumer.commitSync()
    await scene.settle()
    const first = scene.coordinator.sent(offsetCommit)
    scene.commitAnswer(first.body)
    first.lose()
    await scene.coordinator.advance(1000)
    const second = scene.coordinator.sent(offsetCommit)
    expect(second.body).toEqual(first.body)
    second.answer(scene.commitAnswer(second.body))
    await done
  })

  test('that does not come to an end is given up at its time', async () => {
    const scene = await GroupScene.stable('classic', { enableAutoCommit: false })
    await scene.poll(0)
    holdCommits(scene)
    const outcome = errorOfPromise(scene.consumer.commitSync(null, { timeoutMs: 500 }))
    await scene.coordinator.advance(500)
    expect(await outcome).toBeInstanceOf(TimeoutError)
  })

  test('is seen by interceptors when the group has it, by whichever way it came, and not before', async () => {
    const seen: string[] = []
    const onCommit = (offsets: readonly { offset: bigint }[]): void =>
      void seen.push(offsets.map(({ offset }) => offset).join())
    const scene = await GroupScene.stable('classic', { interceptors: [{ onCommit }], autoCommitIntervalMs: 1000 })
    await scene.poll(0)
    refuseCommits(scene, UNKNOWN_MEMBER_ID)
    scene.consumer.commitAsync([{ ...place(0), offset: 1n }], () => {})
    await scene.settle()
    expect(seen).toEqual([])
    await scene.poll(200)
    scene.consumer.commitAsync([{ ...place(0), offset: 2n }], () => {})
    await scene.settle()
    await scene.consumer.commitSync([{ ...place(0), offset: 3n }])
    expect(seen).toEqual(['2', '3'])
    await scene.poll(1200)
    expect(seen).toHaveLength(3)
  })
})

describe('callbacks of commits', () => {
  test('come in the order of the commits, before a commit that is waited for returns', async () => {
    const scene = await GroupScene.stable('classic', { enableAutoCommit: false })
    const told: string[] = []
    for (const offset of [1n, 2n, 3n]) {
      scene.consumer.commitAsync([{ ...place(0), offset }], ([first]) => void told.push(`${first?.offset}`))
    }
    await scene.settle()
    expect(told).toEqual([])
    await scene.consumer.commitSync([{ ...place(0), offset: 4n }])
    expect(told).toEqual(['1', '2', '3'])
  })

  test('that throw end the call, and those behind them come with the next', async () => {
    const scene = await GroupScene.stable('classic', { enableAutoCommit: false })
    const told: string[] = []
    scene.consumer.commitAsync([{ ...place(0), offset: 1n }], () => {
      throw new Error('mine')
    })
    scene.consumer.commitAsync([{ ...place(0), offset: 2n }], () => void told.push('2'))
    await scene.settle()
    await expect(scene.poll(0)).rejects.toThrow('mine')
    expect(told).toEqual([])
    await scene.poll(0)
    expect(told).toEqual(['2'])
  })

  test('that throw while the consumer is closed keep nobody from being called', async () => {
    const scene = await GroupScene.stable('classic', { enableAutoCommit: false })
    const told: string[] = []
    for (const offset of [1n, 2n, 3n]) {
      scene.consumer.commitAsync([{ ...place(0), offset }], ([first]) => {
        told.push(`${first?.offset}`)
        throw new Error('mine')
      })
    }
    await scene.consumer.close()
    expect(told).toEqual(['1', '2', '3'])
    expect(scene.coordinator.warnings).toContain('something failed while leaving')
  })

  test('may commit again, and are called for that too', async () => {
    const scene = await GroupScene.stable('classic', { enableAutoCommit: false })
    const told: string[] = []
    scene.consumer.commitAsync([{ ...place(0), offset: 1n }], () => {
      told.push('1')
      scene.consumer.commitAsync([{ ...place(0), offset: 2n }], () => void told.push('2'))
    })
    await scene.settle()
    await scene.poll(0)
    await scene.settle()
    await scene.poll(0)
    expect(told).toEqual(['1', '2'])
  })
})

describe('where reading begins', () => {
  test('is asked again where the epoch was stale, under the newer one, and never guessed', async () => {
    const scene = new GroupScene('consumer')
    scene.committed.set('t-0', 42n)
    const bodies: OffsetFetchRequest[] = []
    scene.coordinator.answers.set(offsetFetch.name, (body: OffsetFetchRequest) => {
      bodies.push(body)
      if (bodies.length > 1) return scene.offsetsAnswer(body)
      scene.generation++
      return { groups: [{ groupId: 'g', errorCode: STALE_MEMBER_EPOCH, topics: [] }] }
    })
    scene.subscribe()
    await scene.poll(BEAT_MS + 500)
    expect(await scene.consumer.position(place(0))).toBe(42n)
    const epochs = bodies.map(({ groups }) => groups?.[0]?.memberEpoch)
    expect([epochs[0], new Set(epochs.slice(1))]).toEqual([1, new Set([2])])
    // Of the one for which nothing is committed.
    expect(scene.coordinator.lookups).toEqual(['ListOffsets 1 t-1@-2'])
  })

  test.each([
    ['NOT_COORDINATOR', 16],
    ['COORDINATOR_LOAD_IN_PROGRESS', 14],
    ['UNSTABLE_OFFSET_COMMIT', 88],
    ['UNKNOWN_MEMBER_ID', UNKNOWN_MEMBER_ID],
  ])('is asked again after %s', async (_, errorCode) => {
    const scene = new GroupScene('classic')
    scene.committed.set('t-0', 42n)
    let isFirst = true
    scene.coordinator.answers.set(offsetFetch.name, (body: OffsetFetchRequest) => {
      const answered = isFirst ? { groups: [{ groupId: 'g', errorCode, topics: [] }] } : scene.offsetsAnswer(body)
      isFirst = false
      return answered
    })
    scene.subscribe()
    await scene.poll(500)
    expect(await scene.consumer.position(place(0))).toBe(42n)
  })

  test('is by time where nothing is committed and autoOffsetReset is a duration', async () => {
    const scene = new GroupScene('classic', { autoOffsetReset: { byDurationMs: 3_600_000 } })
    scene.committed.set('t-0', 42n)
    scene.subscribe()
    const at = scene.coordinator.clock.now() - 3_600_000
    for (let ms = 0; ms < 200; ms++) scene.coordinator.offsets.set(`t-1@${at + ms}`, 7)
    await scene.poll(200)
    expect(await scene.consumer.position(place(0))).toBe(42n)
    expect(await scene.consumer.position(place(1))).toBe(7n)
  })
})

describe('close()', () => {
  test('while a join waits tells the coordinator at once', async () => {
    const scene = new GroupScene('classic')
    scene.coordinator.answers.delete(joinGroup.name)
    scene.subscribe()
    const polling = errorOfPromise(scene.consumer.poll(60_000))
    await scene.settle()
    scene.coordinator.sent(joinGroup).refuse('MEMBER_ID_REQUIRED', { memberId: 'm' })
    await scene.settle()
    expect(scene.coordinator.unanswered).toEqual([joinGroup.name])
    await scene.consumer.close()
    expect((await polling).code).toBe('CONSUMER_CLOSED')
    expect(scene.coordinator.count(leaveGroup)).toBe(1)
    expect(scene.told).toEqual([])
  })

  test('while a first heartbeat waits takes leave all the same', async () => {
    const scene = new GroupScene('consumer')
    scene.coordinator.answers.delete(consumerGroupHeartbeat.name)
    scene.subscribe()
    const polling = errorOfPromise(scene.consumer.poll(60_000))
    await scene.coordinator.advance(0)
    expect(scene.coordinator.unanswered).toEqual([consumerGroupHeartbeat.name])
    const closed = scene.consumer.close()
    await scene.settle()
    scene.coordinator.sent(consumerGroupHeartbeat)
    const last = scene.coordinator.sent(consumerGroupHeartbeat)
    expect(last.body.memberEpoch).toBe(-1)
    last.answer({ memberEpoch: -1, heartbeatIntervalMs: 0, assignment: null })
    await closed
    expect((await polling).code).toBe('CONSUMER_CLOSED')
  })
})

test.each(protocols)(
  'no handler of a %s group begins before the listener has heard of its partition',
  async protocol => {
    const scene = new GroupScene(protocol)
    const end = new AbortController()
    let hearOut = (): void => {}
    scene.subscribe({ onPartitionsAssigned: () => new Promise<void>(resolve => (hearOut = resolve)) })
    const handled: (string | null)[] = []
    const running = scene.consumer.run(({ value }) => void handled.push(value), { signal: end.signal })
    await scene.coordinator.advance(100)
    expect(scene.told).toEqual(['assigned 0,1'])
    await scene.fetched(0, 'a', 'b')
    await scene.coordinator.advance(1500)
    expect(handled).toEqual([])
    hearOut()
    await scene.coordinator.advance(10)
    expect(handled).toEqual(['a', 'b'])
    end.abort()
    await scene.coordinator.advance(100)
    await running
  },
)

describe('observers', () => {
  /** What is published when the operation has ended. */
  function ended(name: keyof typeof operationChannelNames): object[] {
    const messages: object[] = []
    const channel = tracingChannel(operationChannelNames[name])
    const note = (message: unknown): void => void messages.push({ ...(message as object) })
    channel.asyncEnd.subscribe(note)
    onTestFinished(() => channel.asyncEnd.unsubscribe(note))
    return messages
  }

  test.each(protocols)('see rebalances of a %s group: why, what came and what went', async protocol => {
    const rebalances = ended('rebalance')
    const scene = await GroupScene.stable(protocol)
    await scene.regive(1)
    await scene.poll(100)
    expect(rebalances).toEqual([
      expect.objectContaining({
        clientId: 'test',
        groupId: 'g',
        protocol,
        generation: 1,
        memberId: expect.any(String),
        assigned: [place(0), place(1)],
      }),
      expect.objectContaining({ protocol, revoked: protocol === 'classic' ? [place(0), place(1)] : [place(0)] }),
    ])
    await scene.putOut()
    await scene.poll(200)
    expect(rebalances[2]).toMatchObject({ lost: [place(1)], reason: expect.stringContaining('coordinator') })
    expect(scene.consumer.metrics().rebalances).toBe(3)
  })

  test('see commits, and what refused them', async () => {
    const commits = ended('commit')
    const scene = await GroupScene.stable('classic', { enableAutoCommit: false })
    await scene.consumer.commitSync([{ ...place(0), offset: 1n }])
    refuseCommits(scene, UNKNOWN_MEMBER_ID)
    await errorOfPromise(scene.consumer.commitSync([{ ...place(0), offset: 2n }]))
    expect(commits).toEqual([
      expect.objectContaining({ clientId: 'test', groupId: 'g', offsets: [expect.objectContaining({ offset: 1n })] }),
      expect.objectContaining({ error: expect.any(CommitFailedError) }),
    ])
  })

  test('see handlers, and what they threw', async () => {
    const handlings = ended('process')
    const scene = await GroupScene.stable('classic')
    const running = errorOfPromise(
      scene.consumer.run(async ({ value }) => {
        if (value === 'b') throw new Error('no stock')
      }),
    )
    await scene.coordinator.advance(100)
    expect((await running).code).toBe('HANDLER_FAILED')
    expect(handlings).toEqual([
      expect.objectContaining({ groupId: 'g', topic: 't', partition: 0, firstOffset: 0n, records: 1 }),
      expect.objectContaining({ firstOffset: 1n, error: expect.objectContaining({ message: 'no stock' }) }),
    ])
  })
})

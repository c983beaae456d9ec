import { channel } from 'node:diagnostics_channel'
import { CommitFailedError, eventChannelNames } from '@samsa/runtime'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { ConsumerRecord } from './consumer-record.js'
import { nodeReadable, webReadable } from './streams.js'
import { errorOfPromise } from './test-cluster.js'
import { GroupScene, protocols } from './test-group-scene.js'
import { answer, place } from './test-scene.js'

const LIMIT_MS = 5000

/** What is published of applications that do not poll. */
function published(): object[] {
  const events: object[] = []
  const note = (message: unknown): void => void events.push(message as object)
  channel(eventChannelNames.pollOverdue).subscribe(note)
  onTestFinished(() => void channel(eventChannelNames.pollOverdue).unsubscribe(note))
  return events
}

/** The member left, and everybody was told why. */
function expectToldOf(scene: GroupScene, events: readonly object[]): void {
  expect(scene.consumer.metrics().pollsOverdue).toBe(1)
  expect(events).toEqual([
    expect.objectContaining({
      clientId: 'test',
      groupId: 'g',
      maxPollIntervalMs: LIMIT_MS,
      silentMs: expect.any(Number),
    }),
  ])
  expect(scene.coordinator.lines).toContainEqual({
    level: 'warn',
    fields: expect.objectContaining({ code: 'POLL_OVERDUE', maxPollIntervalMs: LIMIT_MS }),
    message: expect.stringMatching(/maxPollIntervalMs \(5000 ms\).*maxPollRecords/),
  })
}

describe.each(protocols)(
  'an application of a %s group that does not poll for longer than maxPollIntervalMs',
  protocol => {
    test('is told by its commit how long it was, and by its listener; and then it is back where it was', async () => {
      const events = published()
      const scene = await GroupScene.stable(protocol, { enableAutoCommit: false })
      const { consumer } = scene
      expect(await scene.poll(0)).toEqual(['a', 'b', 'c'])
      await scene.coordinator.advance(LIMIT_MS + 3000)
      expect(consumer.health().group).toEqual({
        state: 'out',
        whyOut: expect.stringContaining('did not poll for at least 7100 ms'),
      })
      const error = await errorOfPromise(consumer.commitSync())
      expect(error).toBeInstanceOf(CommitFailedError)
      expect(error.message).toContain('did not poll for at least 7100 ms')
      expect(error.message).toContain('maxPollIntervalMs (5000 ms)')
      expectToldOf(scene, events)
      expect(scene.told).toEqual(['assigned 0,1'])

      await scene.poll(100)
      expect(scene.told).toEqual(['assigned 0,1', 'lost 0,1', 'assigned 0,1'])
      expect(consumer.health().group).toEqual({ state: 'member', whyOut: undefined })
      await scene.fetched(0, 'a')
      expect(await scene.poll(0)).toEqual(['a'])
      await consumer.commitSync()
      expect(scene.committed.get('t-0')).toBe(1n)
    })

    test('is told by the callback of a commit that it does not wait for', async () => {
      const scene = await GroupScene.stable(protocol, { enableAutoCommit: false })
      await scene.coordinator.advance(LIMIT_MS + 3000)
      const told: unknown[] = []
      scene.consumer.commitAsync([{ ...place(0), offset: 1n }], (_, error) => void told.push(error))
      await scene.settle()
      await scene.poll(100)
      expect(told).toEqual([
        expect.objectContaining({ code: 'COMMIT_FAILED', message: expect.stringContaining('maxPollIntervalMs') }),
      ])
    })

    test('does not commit what it had in hand: it comes again', async () => {
      const scene = await GroupScene.stable(protocol)
      expect(await scene.poll(0)).toEqual(['a', 'b', 'c'])
      await scene.coordinator.advance(LIMIT_MS + 3000)
      await scene.poll(100)
      expect([scene.told.at(-1), scene.committed.size]).toEqual(['assigned 0,1', 0])
      await scene.fetched(0, 'a')
      expect(await scene.poll(0)).toEqual(['a'])
    })

    test.each([
      ['for await', (scene: GroupScene) => scene.consumer[Symbol.asyncIterator]()],
      ['batches()', (scene: GroupScene) => scene.consumer.batches()[Symbol.asyncIterator]()],
      ['nodeReadable()', (scene: GroupScene) => nodeReadable(scene.consumer)[Symbol.asyncIterator]()],
      ['webReadable()', (scene: GroupScene) => webReadable(scene.consumer)[Symbol.asyncIterator]()],
    ] as const)('and reads by %s: the same, and the loop goes on where the group stands', async (_, iteratorOf) => {
      const events = published()
      const scene = await GroupScene.stable(protocol, { enableAutoCommit: false })
      const loop = iteratorOf(scene) as AsyncIterator<ConsumerRecord<string, string>>
      await loop.next()
      await scene.coordinator.advance(LIMIT_MS + 3000)
      const refused = await errorOfPromise(scene.consumer.commitSync())
      expect([refused.code, refused.message]).toEqual(['COMMIT_FAILED', expect.stringContaining('maxPollIntervalMs')])
      expectToldOf(scene, events)
      const next = loop.next()
      await scene.coordinator.advance(100)
      await scene.fetched(0, 'a', 'b')
      expect((await next).done).toBe(false)
      expect(scene.told).toEqual(['assigned 0,1', 'lost 0,1', 'assigned 0,1'])
    })
  },
)

describe.each(protocols)('run() in a %s group', protocol => {
  test('polls by itself: a handler that lasts too long is named, and costs no membership', async () => {
    const events = published()
    const scene = await GroupScene.stable(protocol)
    const end = new AbortController()
    let finish = (): void => {}
    const running = scene.consumer.run(() => new Promise<void>(resolve => (finish = resolve)), { signal: end.signal })
    await scene.coordinator.advance(LIMIT_MS * 3)
    expect([scene.told, events, scene.consumer.metrics().pollsOverdue]).toEqual([['assigned 0,1'], [], 0])
    expect(scene.consumer.health()).toMatchObject({
      group: { state: 'member' },
      stalled: expect.arrayContaining([expect.objectContaining({ partition: 0, state: 'handling' })]),
    })
    expect(scene.coordinator.lines).toContainEqual({
      level: 'warn',
      fields: expect.objectContaining({ topic: 't', partition: 0, offset: 0n, maxPollIntervalMs: LIMIT_MS }),
      message: expect.stringContaining('lasts longer than maxPollIntervalMs'),
    })
    end.abort()
    finish()
    await scene.coordinator.advance(100)
    await running
    expect(scene.committed.get('t-0')).toBe(1n)
  })

  test('that is put out while it waits for handlers gives them up, and says lost', async () => {
    const scene = await GroupScene.stable(protocol)
    const end = new AbortController()
    const signals: AbortSignal[] = []
    const running = scene.consumer.run(
      (_, { signal }) => {
        signals.push(signal)
        return new Promise<void>(resolve => signal.addEventListener('abort', () => resolve()))
      },
      { signal: end.signal, drainTimeoutMs: 60_000 },
    )
    await scene.settle()
    await scene.regive(1)
    await scene.coordinator.advance(2000)
    expect([scene.told, signals[0]?.aborted]).toEqual([['assigned 0,1'], false])
    await scene.putOut()
    await scene.coordinator.advance(2000)
    expect([scene.told, signals[0]?.aborted]).toEqual([['assigned 0,1', 'lost 0,1', 'assigned 1'], true])
    expect(scene.committed.size).toBe(0)
    end.abort()
    await scene.coordinator.advance(100)
    await running
  })
})

test('while run() waits for a handler of a partition that goes, one that stays is read on', async () => {
  const scene = await GroupScene.stable('consumer')
  const end = new AbortController()
  const handled: string[] = []
  let finish = (): void => {}
  const running = scene.consumer.run(
    async ({ partition, value }) => {
      if (value === 'a') await new Promise<void>(resolve => (finish = resolve))
      handled.push(`${partition}=${value}`)
    },
    { signal: end.signal, concurrency: 2 },
  )
  await scene.settle()
  await scene.regive(1)
  await scene.coordinator.advance(1500)
  const sent = scene.coordinator.waiting(1, 'fetch beside') > 0 ? 'fetch beside' : 'fetch'
  scene.coordinator.next(1, sent).answer({ 1: answer(0, 'x', 'y') })
  await scene.coordinator.advance(1500)
  expect([handled, scene.told]).toEqual([['1=x', '1=y'], ['assigned 0,1']])
  finish()
  await scene.coordinator.advance(1500)
  expect([handled, scene.told]).toEqual([
    ['1=x', '1=y', '0=a'],
    ['assigned 0,1', 'revoked 0', 'assigned '],
  ])
  end.abort()
  await scene.coordinator.advance(100)
  await running
})

test('partitions that run() has let go and that are to stay after all go all the same, come back, and are read on', async () => {
  const scene = await GroupScene.stable('consumer')
  const end = new AbortController()
  const handled: string[] = []
  let finish = (): void => {}
  const running = scene.consumer.run(
    async ({ value }) => {
      if (value === 'a') await new Promise<void>(resolve => (finish = resolve))
      handled.push(value ?? '')
    },
    { signal: end.signal },
  )
  await scene.settle()
  await scene.regive(1)
  await scene.coordinator.advance(1500)
  // The other one is gone before it had anything.
  await scene.regive(0, 1)
  await scene.coordinator.advance(1500)
  expect(scene.told).toEqual(['assigned 0,1'])
  finish()
  await scene.coordinator.advance(1500)
  expect(scene.told).toEqual(['assigned 0,1', 'revoked 0', 'assigned ', 'assigned 0'])
  await scene.fetched(1, 'b', 'c')
  await scene.coordinator.advance(100)
  expect(handled).toEqual(['a', 'b', 'c'])
  end.abort()
  await scene.coordinator.advance(100)
  await running
})

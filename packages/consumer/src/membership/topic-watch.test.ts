import { metadata } from '@samsa/protocol'
import { AuthorizationError } from '@samsa/runtime'
import { expect, test } from 'vitest'
import { TestCoordinator } from './test-coordinator.js'
import { TopicWatch } from './topic-watch.js'

function setUp({ excludeInternal = true }: { excludeInternal?: boolean } = {}) {
  const coordinator = new TestCoordinator([1, 1])
  let changes = 0
  const watch = new TopicWatch({
    cluster: coordinator,
    maxAgeMs: 60_000,
    excludeInternal,
    onChange: () => changes++,
  })
  const matched: string[] = []
  const note = (topics: readonly string[]): void => void matched.push(topics.join())
  return { coordinator, watch, matched, note, changes: () => changes }
}

const listing = (...names: string[]) => ({
  topics: names.map(name => ({ name, topicId: name, errorCode: 0, isInternal: name.startsWith('__'), partitions: [] })),
})

test('a pattern is matched now and then, and only what changed is new', async () => {
  const { coordinator, watch, matched, note } = setUp()
  watch.matching(/^a/, note)
  coordinator.sent(metadata).answer(listing('a', 'b', 'ab'))
  await coordinator.settle()
  expect(matched).toEqual(['a,ab'])
  await coordinator.advance(60_000)
  coordinator.sent(metadata).answer(listing('ab'))
  await coordinator.settle()
  expect(matched).toEqual(['a,ab', 'ab'])
})

test.each([
  [true, 'my__offsets'],
  [false, '__consumer_offsets,my__offsets'],
])(
  'topics of the brokers themselves are matched where that is wanted (excludeInternalTopics %s)',
  async (excludeInternal, names) => {
    const { coordinator, watch, matched, note } = setUp({ excludeInternal })
    watch.matching(/offsets/, note)
    coordinator.sent(metadata).answer(listing('__consumer_offsets', 'my__offsets'))
    await coordinator.settle()
    expect(matched).toEqual([names])
  },
)

test('a pattern with the flag g matches each topic by itself', async () => {
  const { coordinator, watch, matched, note } = setUp()
  watch.matching(/a/g, note)
  coordinator.sent(metadata).answer(listing('a', 'a1', 'a2', 'a3'))
  await coordinator.settle()
  expect(matched).toEqual(['a,a1,a2,a3'])
})

test('a listing that fails in passing is tried again soon, and nothing is told', async () => {
  const { coordinator, watch, matched, note } = setUp()
  watch.matching(/^a/, note)
  coordinator.sent(metadata).lose()
  await coordinator.advance(1000)
  expect([watch.hasFailure, coordinator.warnings.length]).toEqual([false, 1])
  coordinator.sent(metadata).answer(listing('a'))
  await coordinator.settle()
  expect(matched).toEqual(['a'])
})

test('a listing that is refused is told once, and tried again', async () => {
  const { coordinator, watch, note } = setUp()
  watch.matching(/^a/, note)
  coordinator.sent(metadata).refuse('CLUSTER_AUTHORIZATION_FAILED')
  await coordinator.settle()
  expect(watch.takeFailure()?.code).toBe('CLUSTER_AUTHORIZATION_FAILED')
  expect(watch.takeFailure()).toBeUndefined()
  await coordinator.advance(1000)
  expect(coordinator.unanswered).toEqual(['Metadata'])
})

test('a pattern that was given up while it was being matched matches nothing', async () => {
  const { coordinator, watch, matched, note } = setUp()
  watch.matching(/^a/, note)
  watch.matchNothing()
  coordinator.sent(metadata).answer(listing('a'))
  await coordinator.advance(120_000)
  expect([matched, coordinator.unanswered, coordinator.clock.pendingTimers]).toEqual([[], [], 0])
})

test('a topic that may not be seen is told of, once', async () => {
  const { coordinator, watch, changes } = setUp()
  coordinator.refuseTopic(
    'secret',
    new AuthorizationError('no', { code: 'TOPIC_AUTHORIZATION_FAILED', topic: 'secret' }),
  )
  watch.follow(new Set(['t', 'secret']))
  await coordinator.settle()
  expect(changes()).toBe(1)
  expect(watch.takeFailure()).toMatchObject({ code: 'TOPIC_AUTHORIZATION_FAILED', topic: 'secret' })
  expect(watch.hasFailure).toBe(false)
})

test('a topic that is not there holds up the layouts of others for a moment at most', async () => {
  const { coordinator, watch } = setUp()
  const layouts = watch.layouts(new Set(['t', 'later']))
  await coordinator.advance(1000)
  expect([...(await layouts)]).toEqual([['t', { partitions: 2 }]])
})

test('layouts say in which racks the replicas are, where brokers have racks', async () => {
  const { coordinator, watch } = setUp()
  coordinator.nodes = [{ id: 1, host: 'test', port: 1, rack: 'a' }]
  expect(watch.known(new Set(['t'])).get('t')).toEqual({ partitions: 2, racks: [['a'], ['a']] })
})

test('nothing goes on after stop()', async () => {
  const { coordinator, watch, changes } = setUp()
  watch.follow(new Set(['later']))
  watch.stop()
  coordinator.changed()
  await coordinator.advance(600_000)
  expect([changes(), watch.hasFailure]).toEqual([0, false])
})

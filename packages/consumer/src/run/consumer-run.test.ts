import { json, string } from '@samsa/client'
import { expect, test } from 'vitest'
import { batchOf, errorOfPromise } from '../test-cluster.js'
import { answer, place, setUp } from '../test-scene.js'

test('unknown options and handlers that are none are refused at once', async () => {
  const { consumer } = await setUp()
  const error = await errorOfPromise(consumer.run(() => {}, { concurency: 2 } as object))
  expect([error.code, error.message]).toEqual(['INVALID_CONFIG', expect.stringContaining('did you mean concurrency?')])
  const bad = await errorOfPromise(consumer.run(() => {}, { retry: { attempts: 0 } }))
  expect(bad.message).toContain('at least 1 attempt')
  expect((await errorOfPromise(consumer.run(undefined as never))).code).toBe('INVALID_ARGUMENT')
})

test('records that no serde can read are passed over with a count, where that is the policy', async () => {
  const { consumer, cluster } = await setUp([1], { value: json<string>() as never, deserializationFailure: 'skip' })
  cluster.next().answer({ 0: { records: batchOf(0, ['"a"', '{', '"c"']) } })
  await cluster.settle()
  const seen: (string | null)[] = []
  const end = new AbortController()
  const running = consumer.run(({ value }) => void seen.push(value), { signal: end.signal })
  await cluster.settle()
  end.abort()
  await running
  expect([seen, consumer.metrics().recordsSkipped]).toEqual([['a', 'c'], 1])
})

test('one that cannot be read ends the run with its place and its bytes, and is neither skipped nor read in a circle', async () => {
  const { consumer, cluster } = await setUp([1], { value: json<string>() as never })
  cluster.next().answer({ 0: { records: batchOf(0, ['"a"', '{', '"c"']) } })
  await cluster.settle()
  const handler = ({ value }: { value: string | null }): unknown => value
  const error = await errorOfPromise(consumer.run(handler, { retry: { attempts: 9 } }))
  expect(error).toMatchObject({ code: 'HANDLER_FAILED', offset: 1n, attempts: 1 })
  expect(error.cause).toMatchObject({ offset: 1n, valueBytes: Buffer.from('{') })
  expect(await consumer.position(place(0))).toBe(1n)
  consumer.seek(place(0), 2n)
  expect(await consumer.position(place(0))).toBe(2n)
})

test('interceptors see each record, and a broken one breaks nothing', async () => {
  const seen: unknown[] = []
  const broken = {
    onConsume: () => {
      throw new Error('x')
    },
  }
  const interceptors = [broken, { onConsume: (record: { value: unknown }) => void seen.push(record.value) }]
  const { consumer, cluster } = await setUp([1], { value: string, interceptors })
  cluster.next().answer({ 0: answer(0, 'a', 'b') })
  await cluster.settle()
  expect((await consumer.poll(0)).count).toBe(2)
  expect(seen).toEqual(['a', 'b'])
})

test('health names the record that keeps a handler busy, and what stands still', async () => {
  const { consumer, cluster } = await setUp([1, 1], { maxPollIntervalMs: 10_000 })
  cluster.next().answer({ 0: answer(0, 'a', 'b') })
  await cluster.settle()
  let finish = (): void => {}
  const end = new AbortController()
  const running = consumer.run(() => new Promise<void>(resolve => (finish = resolve)), { signal: end.signal })
  await cluster.settle()
  const startedAt = cluster.clock.now()
  await cluster.advance(5000)
  expect(consumer.health().stalled).toEqual([])
  await cluster.advance(6000)
  expect(consumer.health().partitions[0]).toMatchObject({
    partition: 0,
    state: 'handling',
    isStalled: true,
    pendingRecords: 1,
    handler: { offset: 0n, attempt: 1, busySince: startedAt },
  })
  end.abort()
  finish()
  await cluster.settle()
  await running
  consumer.pause([place(0)])
  expect(consumer.health().partitions[0]?.state).toBe('paused')
})

test('health tells a handler that rests on purpose from one that stands still', async () => {
  const { consumer, cluster } = await setUp([1, 1], { maxPollIntervalMs: 10_000 })
  cluster.next().answer({ 0: answer(0, 'a') })
  await cluster.settle()
  const end = new AbortController()
  const rests = [60_000, ...Array<number>(9).fill(4_000)]
  const running = consumer.run(
    async (_, { rest }) => {
      for (const delayMs of rests) await rest(delayMs).catch(() => {})
    },
    { signal: end.signal },
  )
  await cluster.advance(50_000)
  expect(consumer.health().partitions[0]).toMatchObject({ state: 'resting', isStalled: false, pendingRecords: 1 })
  // Short rests one after the other, as between attempts, account for nothing.
  await cluster.advance(12_000)
  expect(consumer.health().partitions[0]).toMatchObject({ state: 'resting', isStalled: true })
  end.abort()
  await cluster.settle()
  await running
})

test('while a run is under way its handlers have all records', async () => {
  const { consumer, cluster } = await setUp()
  cluster.next().answer({ 0: answer(0, 'a') })
  await cluster.settle()
  const codes: string[] = []
  const end = new AbortController()
  const running = consumer.run(
    async () => {
      codes.push((await errorOfPromise(consumer.poll(0))).code)
      codes.push((await errorOfPromise(consumer.run(() => {}))).code)
    },
    { signal: end.signal },
  )
  await cluster.settle()
  expect((await errorOfPromise(consumer.poll(0))).code).toBe('CONCURRENT_MODIFICATION')
  end.abort()
  await running
  expect(codes).toEqual(['ILLEGAL_STATE', 'ILLEGAL_STATE'])
})

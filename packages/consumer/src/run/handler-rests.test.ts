import { describe, expect, test } from 'vitest'
import type { ConsumerRecord } from '../consumer-record.js'
import type { RecordHandler } from './handler.js'
import { numbered } from './test-batch.js'
import { placeOf, RunScene } from './test-run-scene.js'

type AnyRecord = ConsumerRecord<unknown, unknown>

/** The first record of partition 0 rests for a minute; each handler says when it begins and ends. */
function scene(options: { readonly maxPollIntervalMs?: number } = {}) {
  const run = new RunScene(options)
  const [waiting, other] = [run.partition(), run.partition()]
  const told: string[] = []
  const handler: RecordHandler = async (record, { rest }) => {
    const place = placeOf(record as AnyRecord)
    told.push(place)
    if (place === '0@0') await rest(60_000)
    told.push(`${place} done`)
  }
  return { run, waiting, other, told, handler }
}

describe('a handler that rests', () => {
  test('leaves its place to others; what is behind it in order waits, and the time of others goes on', async () => {
    const { run, waiting, other, told, handler } = scene()
    run.fetched(waiting, numbered(2))
    run.fetched(other, numbered(2))
    void run.begin(handler)
    await run.settle()
    expect(told).toEqual(['0@0', '1@0', '1@0 done', '1@1', '1@1 done'])
    await run.clock.advance(59_999)
    expect(told).toHaveLength(5)
    await run.clock.advance(1)
    expect(told.slice(5)).toEqual(['0@0 done', '0@1', '0@1 done'])
    await run.clock.advance(5_000)
    expect(run.commits).toEqual(['1@2', '0@2'])
  })

  test('waits for a free place when its time is over', async () => {
    const { run, waiting, other, told } = scene()
    run.fetched(waiting, numbered(1))
    run.fetched(other, numbered(2))
    let finish: () => void = () => {}
    const running: string[] = []
    void run.begin(async (record, context) => {
      const place = placeOf(record as AnyRecord)
      if (place === '0@0') await context.rest(1_000)
      else if (place === '1@0') {
        running.push(place)
        await new Promise<void>(resolve => (finish = resolve))
        running.pop()
      }
      told.push(`${place} beside ${running.length}`)
    })
    await run.clock.advance(5_000)
    expect(told).toEqual([])
    finish()
    await run.settle()
    // It has waited longer than what has not begun.
    expect(told).toEqual(['1@0 beside 0', '0@0 beside 0', '1@1 beside 0'])
  })

  test('holds up neither the end of the run nor a rebalance, and its record comes again', async () => {
    for (const way of ['end', 'revoke'] as const) {
      const { run, waiting, told, handler } = scene()
      run.fetched(waiting, numbered(2))
      const controller = new AbortController()
      let hasEnded = false
      const ended = run.begin(handler, { signal: controller.signal }).then(() => (hasEnded = true))
      await run.settle()
      if (way === 'revoke') await run.revoke(waiting)
      controller.abort()
      await run.settle()
      expect([hasEnded, told, run.commits]).toEqual([true, ['0@0'], []])
      expect(waiting.position).toBe(way === 'end' ? 0 : 2)
      await ended
    }
  })

  test('does not keep reading from being moved', async () => {
    const { run, waiting, told, handler } = scene()
    run.fetched(waiting, numbered(4))
    void run.begin(handler)
    await run.settle()
    waiting.seek(2)
    run.buffer.drop(waiting)
    run.fetched(waiting, numbered(2))
    await run.clock.advance(2_000)
    expect(told.slice(1)).toEqual(['0@2', '0@2 done', '0@3', '0@3 done'])
    await run.clock.advance(60_000)
    expect(run.commits).toEqual(['0@4'])
  })

  test('does not count as one that is stuck', async () => {
    const { run, waiting, handler } = scene({ maxPollIntervalMs: 10_000 })
    run.fetched(waiting, numbered(1))
    void run.begin(handler)
    await run.clock.advance(50_000)
    expect(run.warnings).toEqual([])
    const [work] = [run.run.workOf(waiting)]
    expect(work !== undefined && run.run.restMsOf(work)).toBe(60_000)
  })

  test('rests once at a time, and one that does not wait for it has ended with its handler', async () => {
    const { run, waiting, told } = scene()
    run.fetched(waiting, numbered(3))
    void run.begin(async (record, context) => {
      const first = context.rest(1_000)
      const second = context.rest(1_000).catch((error: unknown) => error)
      told.push(((await second) as { code: string }).code)
      if (record.offset === 0n) await first
    })
    await run.clock.advance(1_000)
    expect(told).toEqual(Array(3).fill('CONCURRENT_MODIFICATION'))
    await run.clock.advance(60_000)
    expect(run.metrics.recordsHandled).toBe(3)
    run.fetched(waiting, numbered(1))
    await run.settle()
    expect(told).toHaveLength(4)
  })
})

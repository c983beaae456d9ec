import { KafkaError, NetworkError, RebalanceInProgressError } from '@samsa/runtime'
import { describe, expect, test } from 'vitest'
import type { ConsumerRecord } from '../consumer-record.js'
import type { RecordHandler } from './handler.js'
import { HandlerError } from './handler-error.js'
import { numbered } from './test-batch.js'
import { HeldHandlers, placeOf, RunScene } from './test-run-scene.js'

type AnyRecord = ConsumerRecord<unknown, unknown>

/** What a promise has come to, without waiting for it. */
function outcomeOf(promise: Promise<void>): { state: 'open' | 'resolved' | 'rejected'; error: unknown } {
  const outcome: { state: 'open' | 'resolved' | 'rejected'; error: unknown } = { state: 'open', error: undefined }
  promise.then(
    () => {
      outcome.state = 'resolved'
    },
    (error: unknown) => Object.assign(outcome, { state: 'rejected', error }),
  )
  return outcome
}

describe('order', () => {
  test('handlers of one partition follow one another, those of others run beside them', async () => {
    const scene = new RunScene()
    const held = new HeldHandlers()
    for (const state of [scene.partition(), scene.partition()]) scene.fetched(state, numbered(3))
    void scene.begin(held.handler, { concurrency: 10 })
    await scene.settle()
    expect(held.open).toEqual(['0@0', '1@0'])
    held.finish('1@0')
    await scene.settle()
    expect(held.open).toEqual(['0@0', '1@1'])
  })

  test('by key, other keys of the partition run beside, and so does what has no key', async () => {
    const scene = new RunScene()
    const held = new HeldHandlers()
    scene.fetched(scene.partition(), numbered(6, ['a', 'b', null]))
    void scene.begin(held.handler, { concurrency: 10, orderBy: 'key' })
    await scene.settle()
    expect(held.open).toEqual(['0@0', '0@1', '0@2', '0@5'])
    held.finish('0@1')
    await scene.settle()
    expect(held.open).toEqual(['0@0', '0@2', '0@5', '0@4'])
  })

  test('never more handlers than the concurrency', async () => {
    const scene = new RunScene()
    const held = new HeldHandlers()
    scene.fetched(scene.partition(), numbered(10))
    void scene.begin(held.handler, { concurrency: 3, orderBy: 'none' })
    await scene.settle()
    expect(held.open).toEqual(['0@0', '0@1', '0@2'])
  })
})

describe('commits', () => {
  test('are of finished records only (commit before processing: platformatic lost what was not handled yet)', async () => {
    const scene = new RunScene({ autoCommitIntervalMs: 1000 })
    const held = new HeldHandlers()
    scene.fetched(scene.partition(), numbered(5))
    void scene.begin(held.handler, { concurrency: 3, orderBy: 'none' })
    await scene.clock.advance(2000)
    expect(scene.commits).toEqual([])
    held.finish('0@1')
    await scene.clock.advance(2000)
    expect(scene.commits).toEqual([])
    held.finish('0@0')
    await scene.clock.advance(2000)
    expect(scene.commits).toEqual(['0@2'])
  })

  test('the last one waits for a rebalance, which takes polls', async () => {
    const scene = new RunScene()
    scene.fetched(scene.partition(), numbered(5))
    const controller = new AbortController()
    const ended = outcomeOf(scene.begin(() => {}, { signal: controller.signal }))
    await scene.settle()
    const rebalancing = new RebalanceInProgressError('not now')
    scene.commitErrors.push(rebalancing, rebalancing)
    const before = scene.polls
    controller.abort()
    await scene.clock.advance(5000)
    expect([ended.state, scene.commits]).toEqual(['resolved', ['0@5']])
    expect(scene.polls).toBeGreaterThanOrEqual(before + 2)
  })

  test('the last one that cannot be is told of', async () => {
    const scene = new RunScene()
    const fenced = new KafkaError('fenced', { code: 'FENCED_INSTANCE_ID', fatal: true })
    scene.fetched(scene.partition(), numbered(5))
    const controller = new AbortController()
    const ended = outcomeOf(scene.begin(() => {}, { signal: controller.signal }))
    await scene.settle()
    scene.commitErrors.push(fenced)
    controller.abort()
    await scene.settle()
    expect(ended).toEqual({ state: 'rejected', error: fenced })
  })
})

describe('the end', () => {
  test('by its signal: handlers finish, what waits is dropped, the frontier is committed and read from again', async () => {
    const scene = new RunScene()
    const held = new HeldHandlers()
    const state = scene.partition()
    scene.fetched(state, numbered(5))
    const controller = new AbortController()
    const ended = outcomeOf(scene.begin(held.handler, { concurrency: 2, orderBy: 'none', signal: controller.signal }))
    await scene.settle()
    controller.abort()
    await scene.settle()
    expect([ended.state, held.open, held.signals.get('0@0')?.aborted]).toEqual(['open', ['0@0', '0@1'], false])
    held.finish('0@0')
    held.finish('0@1')
    await scene.settle()
    expect([ended.state, scene.commits, state.position]).toEqual(['resolved', ['0@2'], 2])
    expect(held.started).toEqual(['0@0', '0@1'])
  })

  test('handlers that do not finish in time are told, and their records are not committed', async () => {
    const scene = new RunScene()
    const held = new HeldHandlers()
    const state = scene.partition()
    scene.fetched(state, numbered(5))
    const controller = new AbortController()
    const run = { concurrency: 2, orderBy: 'none', signal: controller.signal, drainTimeoutMs: 500 } as const
    const ended = outcomeOf(scene.begin(held.handler, run))
    await scene.settle()
    held.finish('0@0')
    await scene.settle()
    controller.abort()
    await scene.clock.advance(501)
    expect(held.signals.get('0@1')?.aborted).toBe(true)
    expect([ended.state, scene.commits, state.position]).toEqual(['resolved', ['0@1'], 1])
  })

  test('a signal that is aborted already lets nothing start', async () => {
    const scene = new RunScene()
    scene.fetched(scene.partition(), numbered(5))
    const seen: string[] = []
    await scene.begin(record => void seen.push(placeOf(record as AnyRecord)), { signal: AbortSignal.abort() })
    expect(seen).toEqual([])
  })
})

describe('a handler that fails', () => {
  test('for good ends the run with the reason and the coordinates, and what is finished before is committed', async () => {
    const scene = new RunScene()
    const state = scene.partition()
    scene.fetched(state, numbered(5))
    const cause = new Error('no stock')
    const ended = scene.begin(record => {
      if (record.offset === 3n) throw cause
    })
    const error = await ended.then(
      () => undefined,
      (reason: unknown) => reason,
    )
    expect(error).toBeInstanceOf(HandlerError)
    expect(error).toMatchObject({ code: 'HANDLER_FAILED', topic: 't', partition: 0, offset: 3n, attempts: 1, cause })
    expect(String(error)).toContain('offset 3 of t-0, once: no stock')
    expect([scene.commits, state.position]).toEqual([['0@3'], 3])
  })

  test('is tried again after pauses, in place, while other lanes go on', async () => {
    const scene = new RunScene()
    const seen: string[] = []
    for (const state of [scene.partition(), scene.partition()]) scene.fetched(state, numbered(3))
    const handler: RecordHandler = (record, { attempt }) => {
      seen.push(`${placeOf(record as AnyRecord)} #${attempt}`)
      if (record.partition === 0 && record.offset === 0n && attempt < 3) throw new Error('not yet')
    }
    void scene.begin(handler, { retry: { attempts: 3, initialMs: 1000, jitter: 0 } })
    await scene.settle()
    // One handler at a time, and the pause takes none.
    expect(seen).toEqual(['0@0 #1', '1@0 #1', '1@1 #1', '1@2 #1'])
    await scene.clock.advance(999)
    expect(seen).toHaveLength(4)
    await scene.clock.advance(1)
    expect(seen.slice(4)).toEqual(['0@0 #2'])
    await scene.clock.advance(2000)
    expect(seen.slice(5)).toEqual(['0@0 #3', '0@1 #1', '0@2 #1'])
    expect(scene.metrics).toMatchObject({ recordsHandled: 6, handlerFailures: 2, handlerRetries: 2 })
  })

  test('is not tried again when retryIf says no', async () => {
    const scene = new RunScene()
    scene.fetched(scene.partition(), numbered(1))
    let attempts = 0
    const retryIf = (error: unknown): boolean => !(error instanceof TypeError)
    const ended = scene.begin(
      () => {
        attempts++
        throw attempts === 1 ? new Error('once more') : new TypeError('never')
      },
      { retry: { attempts: 9, initialMs: 10, retryIf } },
    )
    const outcome = outcomeOf(ended)
    await scene.clock.advance(1000)
    expect(outcome.error).toMatchObject({ code: 'HANDLER_FAILED', attempts: 2 })
  })

  test('a retry that rests holds up neither the end nor the commit', async () => {
    const scene = new RunScene()
    const state = scene.partition()
    scene.fetched(state, numbered(3))
    const controller = new AbortController()
    const ended = outcomeOf(
      scene.begin(
        record => {
          if (record.offset === 1n) throw new Error('x')
        },
        { retry: { initialMs: 60_000, maxMs: 60_000 }, signal: controller.signal },
      ),
    )
    await scene.settle()
    controller.abort()
    await scene.settle()
    expect([ended.state, scene.commits, state.position]).toEqual(['resolved', ['0@1'], 1])
  })
})

describe('dead letters', () => {
  test('have everything as it came, and say where from and why', async () => {
    const scene = new RunScene()
    scene.fetched(scene.partition(), numbered(3))
    const sent: unknown[] = []
    const producer = { send: async (record: unknown) => void sent.push(record) }
    void scene.begin(
      record => {
        if (record.offset === 1n) throw new TypeError('bad order')
      },
      { retry: { attempts: 2, initialMs: 10 }, deadLetter: { producer, topic: 't.dead' } },
    )
    await scene.clock.advance(6000)
    expect(sent).toEqual([
      {
        topic: 't.dead',
        key: Buffer.from('k'),
        value: Buffer.from('1'),
        headers: [
          ['origin', Buffer.from([1, 255])],
          ['dead-letter-topic', 't'],
          ['dead-letter-partition', '0'],
          ['dead-letter-offset', '1'],
          ['dead-letter-timestamp', '1000'],
          ['dead-letter-error-name', 'TypeError'],
          ['dead-letter-error-message', 'bad order'],
          ['dead-letter-attempts', '2'],
          ['dead-letter-group-id', 'group'],
        ],
      },
    ])
    expect(scene.metrics.deadLetters).toBe(1)
    expect(scene.commits).toEqual(['0@3'])
  })

  test('that cannot be sent are tried again, and then end the run without losing the record', async () => {
    const scene = new RunScene()
    const state = scene.partition()
    scene.fetched(state, numbered(3))
    let sends = 0
    const producer = {
      send: () => {
        sends++
        return Promise.reject(new Error('topic is gone'))
      },
    }
    const ended = outcomeOf(
      scene.begin(
        record => {
          if (record.offset === 1n) throw new Error('bad')
        },
        { deadLetter: { producer, topic: 'dead' } },
      ),
    )
    await scene.settle()
    expect([sends, ended.state]).toEqual([1, 'open'])
    await scene.clock.advance(60_000)
    expect(sends).toBe(5)
    expect(ended.error).toMatchObject({ code: 'DEAD_LETTER_FAILED', partition: 0, offset: 1n })
    expect([scene.commits, state.position]).toEqual([['0@1'], 1])
  })
})

describe('when partitions go', () => {
  test('revoked: handlers are waited for, what waits is dropped, and the frontier is committed before', async () => {
    const scene = new RunScene()
    const held = new HeldHandlers()
    const [first, second] = [scene.partition(), scene.partition()]
    for (const state of [first, second]) scene.fetched(state, numbered(4))
    void scene.begin(held.handler, { concurrency: 4 })
    await scene.settle()
    let isRevoked = false
    const revoked = scene.revoke(first).then(() => {
      isRevoked = true
    })
    held.finish('1@0')
    await scene.settle()
    // The other partition goes on meanwhile.
    expect([isRevoked, held.open]).toEqual([false, ['0@0', '1@1']])
    held.finish('0@0')
    await revoked
    expect(scene.commits).toEqual(['0@1', '1@1'])
    await scene.settle()
    expect(held.started.filter(place => place.startsWith('0@'))).toEqual(['0@0'])
  })

  test('revoked: the time for handlers is limited', async () => {
    const scene = new RunScene()
    const held = new HeldHandlers()
    const state = scene.partition()
    scene.fetched(state, numbered(4))
    void scene.begin(held.handler, { drainTimeoutMs: 1000 })
    await scene.settle()
    const revoked = scene.revoke(state)
    await scene.clock.advance(999)
    expect(held.signals.get('0@0')?.aborted).toBe(false)
    await scene.clock.advance(1)
    await revoked
    expect(held.signals.get('0@0')?.aborted).toBe(true)
    expect(scene.commits).toEqual([])
    // What the handler does after all is nobody's business any more.
    held.fail('0@0', new Error('aborted'))
    await scene.settle()
    expect(scene.commits).toEqual([])
  })

  test('lost: handlers are told at once, and nothing is committed', async () => {
    const scene = new RunScene()
    const held = new HeldHandlers()
    const state = scene.partition()
    scene.fetched(state, numbered(4))
    void scene.begin(held.handler)
    await scene.settle()
    held.finish('0@0')
    await scene.settle()
    scene.run.lose([state])
    expect(held.signals.get('0@1')?.aborted).toBe(true)
    held.finish('0@1')
    await scene.clock.advance(20_000)
    expect(scene.commits).toEqual([])
  })
})

describe('what peers are known for', () => {
  test('kafkajs#683: one slow partition does not hold up the rest', async () => {
    const scene = new RunScene()
    const seen: string[] = []
    const [slow, quick] = [scene.partition(), scene.partition()]
    scene.fetched(slow, numbered(2000))
    scene.fetched(quick, numbered(2000))
    void scene.begin(
      record => {
        seen.push(placeOf(record as AnyRecord))
        return record.partition === 0 ? new Promise(() => {}) : undefined
      },
      { concurrency: 2 },
    )
    await scene.settle()
    expect(seen.filter(place => place.startsWith('0@'))).toEqual(['0@0'])
    expect(seen.filter(place => place.startsWith('1@'))).toHaveLength(2000)
  })

  test('kafkajs#1396: polls go on while a handler lasts, so that the group keeps the consumer', async () => {
    const scene = new RunScene({ maxPollIntervalMs: 10_000 })
    const held = new HeldHandlers()
    scene.fetched(scene.partition(), numbered(2))
    void scene.begin(held.handler)
    await scene.settle()
    const before = scene.polls
    await scene.clock.advance(60_000)
    expect(scene.polls - before).toBeGreaterThanOrEqual(60)
    expect(held.open).toEqual(['0@0'])
  })

  test('kafkajs#659: a handler that never ends is told of by name', async () => {
    const scene = new RunScene({ maxPollIntervalMs: 10_000 })
    scene.fetched(scene.partition(), numbered(2))
    void scene.begin(() => new Promise(() => {}))
    await scene.clock.advance(9000)
    expect(scene.warnings).toEqual([])
    await scene.clock.advance(50_000)
    expect(scene.warnings).toMatchObject([
      { fields: { topic: 't', partition: 0, offset: 0n }, message: 'a handler lasts longer than maxPollIntervalMs' },
    ])
  })

  test('platformatic#236: a slow handler does not gather records without end', async () => {
    const scene = new RunScene()
    const state = scene.partition()
    const held = new HeldHandlers()
    scene.fetched(state, numbered(5000))
    void scene.begin(held.handler, { concurrency: 2, maxPendingRecords: 100 })
    await scene.settle()
    expect(state.position).toBe(100)
    expect(state.isHeld).toBe(true)
    // They go on at half of it, not one by one.
    for (let offset = 0; offset < 49; offset++) {
      held.finish(`0@${offset}`)
      await scene.settle()
    }
    expect(state.position).toBe(100)
    held.finish('0@49')
    await scene.settle()
    expect(state.position).toBe(150)
  })

  test('the bytes that wait are bounded too', async () => {
    const scene = new RunScene({ maxQueuedBytes: 1000 })
    const state = scene.partition()
    scene.fetched(
      state,
      Array.from({ length: 50 }, () => ['k', 'x'.repeat(399)] as const),
    )
    void scene.begin(() => new Promise(() => {}), { concurrency: 2 })
    await scene.settle()
    // One is handled, three wait with 400 bytes each.
    expect(state.position).toBe(4)
  })

  test('confluent#476: errors that pass do not end the polling, others are never silent', async () => {
    const scene = new RunScene()
    const seen: string[] = []
    const ended = outcomeOf(scene.begin(record => void seen.push(placeOf(record as AnyRecord))))
    scene.pollErrors.push(new NetworkError('reset'), new NetworkError('reset'))
    scene.stir()
    await scene.clock.advance(10_000)
    scene.fetched(scene.partition(), numbered(2))
    await scene.settle()
    expect([seen, ended.state]).toEqual([['0@0', '0@1'], 'open'])
    expect(scene.warnings.map(({ message }) => message)).toHaveLength(2)
    const refused = new KafkaError('no right', { code: 'TOPIC_AUTHORIZATION_FAILED' })
    scene.pollErrors.push(refused)
    scene.stir()
    await scene.settle()
    expect(ended).toEqual({ state: 'rejected', error: refused })
    expect(scene.commits).toEqual(['0@2'])
  })

  test('a handler that returns at once a million times leaves others their turn', async () => {
    const scene = new RunScene()
    let handled = 0
    let turns = 0
    let isCounting = true
    const count = (): void => {
      turns++
      if (isCounting) setImmediate(count)
    }
    // The clock of the run moves with the records, 1 ms for every 100.
    scene.host.clock.monotonic = () => handled / 100
    scene.fetched(scene.partition(), numbered(20_000))
    void scene.begin(async () => void handled++, { maxPendingRecords: 100_000 })
    setImmediate(count)
    while (handled < 20_000) await new Promise(resolve => setImmediate(resolve))
    isCounting = false
    expect(turns).toBeGreaterThan(20)
  })
})

describe('the application', () => {
  test('that pauses a partition gets nothing more of it, what waits neither, until it resumes', async () => {
    const scene = new RunScene()
    const held = new HeldHandlers()
    const state = scene.partition()
    scene.fetched(state, numbered(4))
    void scene.begin(held.handler, { concurrency: 2 })
    await scene.settle()
    state.isPaused = true
    held.finish('0@0')
    await scene.settle()
    expect(held.open).toEqual([])
    state.isPaused = false
    scene.stir()
    await scene.settle()
    expect(held.open).toEqual(['0@1'])
  })

  test('that seeks in a handler reads from there on, and what was taken before counts no more', async () => {
    const scene = new RunScene()
    const state = scene.partition()
    const held = new HeldHandlers()
    scene.fetched(state, numbered(10))
    const controller = new AbortController()
    const ended = scene.begin(held.handler, { concurrency: 4, signal: controller.signal })
    await scene.settle()
    state.seek(7)
    scene.buffer.drop(state)
    scene.fetched(state, numbered(3))
    await scene.settle()
    // The handler that runs keeps its lane.
    expect(held.open).toEqual(['0@0'])
    held.finish('0@0')
    await scene.settle()
    expect(held.open).toEqual(['0@7'])
    held.finish('0@7')
    controller.abort()
    await ended
    expect(scene.commits).toEqual(['0@8'])
  })
})

import { HandlerError } from '@samsa/consumer'
import { AsIs } from '@samsa/producer/internal'
import {
  AuthorizationError,
  CommitFailedError,
  FencedError,
  ProducerFencedError,
  RecordTooLargeError,
  TimeoutError,
} from '@samsa/runtime'
import { describe, expect, test } from 'vitest'
import { abortable, LoopScene, type SceneWork } from './test-loop-scene.js'

const upTo = (count: number): string[] => Array.from({ length: count }, (_, index) => String(index))
const byNumber = (values: readonly string[]): string[] => values.toSorted((a, b) => Number(a) - Number(b))

const copy: SceneWork = (records, out) => {
  for (const { value } of records) void out.send({ topic: 'out', value })
}

/** The work throws at these calls, counted from 1, when it has sent everything. */
function throwingAt(...calls: readonly number[]): SceneWork {
  let count = 0
  return (records, out, context) => {
    copy(records, out, context)
    if (calls.includes(++count)) throw new Error('a bad moment')
  }
}

describe('a loop', () => {
  test('commits what comes of records together with the offset behind each partition', async () => {
    const scene = new LoopScene({ partitions: 2 })
    scene.write(...upTo(25))
    await scene.run(copy)
    expect(byNumber(scene.values)).toEqual(upTo(25))
    expect([...scene.committed]).toEqual([
      ['in-0', 13n],
      ['in-1', 12n],
    ])
    expect(scene.diary).toEqual(['commit 10', 'commit 10', 'commit 5', 'unsubscribe'])
  })

  test('goes on in another run where the last one has committed', async () => {
    const scene = new LoopScene({ config: { maxBatch: 4 } })
    scene.write(...upTo(10))
    await scene.run((records, out, context) => {
      copy(records, out, context)
      scene.stop()
    })
    expect(scene.values).toEqual(upTo(4))
    await scene.run(copy)
    expect(scene.values).toEqual(upTo(10))
  })

  test('goes back to where the batch began when its work throws, and no record is lost or comes out twice', async () => {
    const scene = new LoopScene({ partitions: 3, pollRecords: 7, config: { maxBatch: 5 } })
    scene.write(...upTo(60))
    await scene.run(throwingAt(2, 4, 5, 9))
    expect(byNumber(scene.values)).toEqual(byNumber(upTo(60)))
  })

  test('gives up no order within a partition for a record that is tried again', async () => {
    const scene = new LoopScene({ pollRecords: 7, config: { maxBatch: 5 } })
    scene.write(...upTo(30))
    await scene.run(throwingAt(2, 4, 5, 9))
    expect(scene.values).toEqual(upTo(30))
  })

  test('waits for more records no longer than maxDelayMs, and takes no more than maxBatch', async () => {
    const scene = new LoopScene({ pollRecords: 3, config: { maxBatch: 8, maxDelayMs: 10 } })
    scene.write(...upTo(20))
    await scene.run(copy)
    expect(scene.diary.slice(0, 2)).toEqual(['commit 8', 'commit 8'])
    expect(scene.values).toEqual(upTo(20))
  })

  test('looks after its group while it pauses, and gets no records by that', async () => {
    const scene = new LoopScene({
      pollRecords: 2,
      config: { maxBatch: 2, poison: { initialMs: 20_000, maxMs: 20_000 } },
    })
    scene.write(...upTo(6))
    const polledAt: number[] = []
    const poll = scene.consumer.poll.bind(scene.consumer)
    scene.consumer.poll = options => {
      polledAt.push(scene.clock.monotonic())
      return poll(options)
    }
    await scene.run(throwingAt(2))
    const gaps = polledAt.slice(1).map((at, index) => at - (polledAt[index] ?? 0))
    expect(scene.clock.monotonic()).toBeGreaterThan(5000)
    expect(Math.max(...gaps)).toBeLessThanOrEqual(1050)
    expect(scene.consumer.paused()).toEqual([])
    expect(scene.values).toEqual(upTo(6))
  })

  test('a work that takes too long is told, given up and tried again', async () => {
    const scene = new LoopScene({ config: { workTimeoutMs: 500 } })
    scene.write('a')
    const reasons: unknown[] = []
    await scene.run(async (records, out, context) => {
      copy(records, out, context)
      if (context.attempt > 1) return
      await new Promise(() => {
        context.signal.addEventListener('abort', () => reasons.push(context.signal.reason))
      })
    })
    expect(reasons).toEqual([expect.any(TimeoutError)])
    expect(scene.values).toEqual(['a'])
  })
})

describe('poison', () => {
  const failingFor =
    (bad: string, error: unknown = new RangeError('bad')): SceneWork =>
    (records, out, context) => {
      copy(records, out, context)
      if (records.some(({ value }) => value === bad)) throw error
    }

  test('fails alone, as often as it may, and then the loop ends with its place and the reason', async () => {
    const scene = new LoopScene({ config: { poison: { attempts: 3 } } })
    scene.write(...upTo(10))
    const attempts: number[] = []
    const error = await scene
      .run((records, out, context) => {
        if (records.length === 1 && records[0]?.value === '6') attempts.push(context.attempt)
        return failingFor('6')(records, out, context)
      })
      .catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(HandlerError)
    expect(error).toMatchObject({ code: 'HANDLER_FAILED', topic: 'in', partition: 0, offset: 6n, attempts: 3 })
    expect((error as HandlerError).cause).toBeInstanceOf(RangeError)
    expect(attempts).toEqual([1, 2, 3])
    expect(scene.values).toEqual(upTo(6))
    expect(scene.committed.get('in-0')).toBe(6n)
    expect(scene.diary.at(-1)).toBe('unsubscribe')
  })

  test('goes to the dead letters as it came, with its offset, and the others go on', async () => {
    const scene = new LoopScene({ config: { poison: { attempts: 2, deadLetter: 'dead' } } })
    scene.write(...upTo(10))
    await scene.run(failingFor('6'))
    const letters = scene.output.filter(({ topic }) => topic === 'dead')
    expect(letters).toHaveLength(1)
    expect(letters[0]?.value as unknown).toEqual(new AsIs(Buffer.from('6')))
    expect(Object.fromEntries(letters[0]?.headers as never)).toMatchObject({
      'dead-letter-offset': '6',
      'dead-letter-attempts': '2',
      'dead-letter-group-id': 'group',
      'dead-letter-error-name': 'RangeError',
    })
    const others = scene.output.filter(({ topic }) => topic === 'out').map(({ value }) => value)
    expect(others).toEqual(upTo(10).filter(value => value !== '6'))
    expect(scene.committed.get('in-0')).toBe(10n)
  })

  test('its dead letter is sent again when that transaction fails in passing, and the work is not', async () => {
    const scene = new LoopScene({ config: { poison: { attempts: 1, deadLetter: 'dead' } } })
    scene.write('bad')
    let calls = 0
    await scene.run((records, out, context) => {
      calls++
      scene.producer.troubles.push({ at: 'commit', error: abortable('passing') })
      return failingFor('bad')(records, out, context)
    })
    expect(calls).toBe(1)
    expect(scene.output.map(({ topic }) => topic)).toEqual(['dead'])
    expect(scene.committed.get('in-0')).toBe(1n)
  })

  test('a dead letter that cannot be sent ends the loop, and its record is not committed', async () => {
    const scene = new LoopScene({ config: { poison: { attempts: 1, deadLetter: 'dead' } } })
    scene.write('bad')
    scene.producer.refuse = ({ topic }) => (topic === 'dead' ? new RecordTooLargeError('too large') : undefined)
    await expect(scene.run(failingFor('bad'))).rejects.toMatchObject({ code: 'DEAD_LETTER_FAILED', offset: 0n })
    expect(scene.committed.size).toBe(0)
  })

  test('a record whose output cannot be sent is at fault itself, whether the work awaits that or not', async () => {
    for (const isAwaited of [true, false]) {
      const scene = new LoopScene({ config: { poison: { attempts: 2, deadLetter: 'dead' } } })
      scene.write(...upTo(5))
      scene.producer.refuse = ({ topic, value }) =>
        topic === 'out' && value === '3' ? new RecordTooLargeError('too large') : undefined
      await scene.run(async (records, out) => {
        for (const { value } of records) {
          const sent = out.send({ topic: 'out', value })
          if (isAwaited) await sent
        }
      })
      expect(scene.output.filter(({ topic }) => topic === 'dead')).toHaveLength(1)
      expect(scene.committed.get('in-0')).toBe(5n)
    }
  })

  test('without isolation the whole batch is tried again, and then the loop ends', async () => {
    const scene = new LoopScene({ config: { poison: { isolate: false, attempts: 3, deadLetter: 'dead' } } })
    scene.write(...upTo(5))
    const sizes: number[] = []
    const run = scene.run((records, out, context) => {
      sizes.push(records.length)
      return failingFor('3')(records, out, context)
    })
    await expect(run).rejects.toMatchObject({ code: 'HANDLER_FAILED', attempts: 3, offset: 0n })
    expect(sizes).toEqual([5, 5, 5])
    expect(scene.output).toEqual([])
  })

  test('what does not count is tried until it succeeds', async () => {
    const scene = new LoopScene({
      config: { poison: { attempts: 1, counts: error => !(error instanceof RangeError) } },
    })
    scene.write('a')
    let calls = 0
    await scene.run((records, out, context) => {
      if (++calls < 8) throw new RangeError('the database is down')
      return copy(records, out, context)
    })
    expect(scene.values).toEqual(['a'])
  })
})

describe('what goes wrong in Kafka', () => {
  test.each(['begin', 'offsets', 'commit'] as const)('in passing, at %s, is no attempt', async at => {
    const scene = new LoopScene({ config: { poison: { attempts: 1 } } })
    scene.write('a', 'b')
    const error = at === 'offsets' ? new CommitFailedError('moved on', { abortable: true }) : abortable('passing')
    for (let time = 0; time < 4; time++) scene.producer.troubles.push({ at, error })
    await scene.run(copy)
    expect(scene.values).toEqual(['a', 'b'])
  })

  test('being fenced ends the loop with that error, and nothing is committed', async () => {
    const scene = new LoopScene()
    scene.write('a')
    const error = new ProducerFencedError('another one')
    scene.producer.troubles.push({ at: 'commit', error })
    await expect(scene.run(copy)).rejects.toBe(error)
    expect(error).toBeInstanceOf(FencedError)
    expect(scene.output).toEqual([])
    expect(scene.diary).toEqual(['seek in-0 0', 'unsubscribe'])
  })

  test('a right that is missing ends the loop, and buries nothing', async () => {
    const scene = new LoopScene({ config: { poison: { attempts: 1, deadLetter: 'dead' } } })
    scene.write('a')
    scene.producer.refuse = () => new AuthorizationError('no', { code: 'TOPIC_AUTHORIZATION_FAILED' })
    await expect(scene.run(copy)).rejects.toBeInstanceOf(AuthorizationError)
    expect(scene.output).toEqual([])
  })

  test('a commit whose outcome is not known is waited for, and counts once', async () => {
    const scene = new LoopScene()
    scene.write('a')
    scene.producer.troubles.push({ at: 'unknown', error: new TimeoutError('no answer') })
    await scene.run(copy)
    expect(scene.values).toEqual(['a'])
    expect(scene.diary).toEqual(['commit 1', 'commit again', 'unsubscribe'])
  })

  test('one that turns out to be aborted goes back to the beginning of its batch', async () => {
    const scene = new LoopScene()
    scene.write('a')
    scene.producer.troubles.push({ at: 'unknown', isCommitted: false, error: new TimeoutError('no answer') })
    scene.producer.finish = async () => {
      throw abortable('it was aborted')
    }
    await scene.run(copy)
    expect(scene.values).toEqual(['a'])
    expect(scene.diary).toEqual(['commit again', 'abort', 'seek in-0 0', 'commit 1', 'unsubscribe'])
  })

  test.each([
    [true, 'was committed'],
    [false, 'not committed so far'],
  ])('one that stays unknown ends the loop, which says what the offsets tell (%s)', async (isCommitted, told) => {
    const scene = new LoopScene()
    scene.write('a')
    scene.producer.troubles.push({ at: 'unknown', isCommitted, error: new TimeoutError('no answer') })
    scene.producer.finish = async () => {
      throw new TimeoutError('still none')
    }
    const error: unknown = await scene.run(copy).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'COMMIT_OUTCOME_UNKNOWN', fatal: true })
    expect(String(error)).toContain(told)
    await scene.run(copy)
    expect(scene.values).toEqual(['a'])
  })
})

describe('partitions that go', () => {
  test('take along what waits for a transaction', async () => {
    const scene = new LoopScene({ partitions: 2, config: { maxBatch: 4, workTimeoutMs: 5000 } })
    scene.write(...upTo(20))
    let batches = 0
    await scene.run(async (records, out, context) => {
      copy(records, out, context)
      // The first poll has brought everything, and the next one is not long in coming.
      if (++batches !== 1) return
      scene.consumer.beforePoll = () => scene.consumer.lose([{ topic: 'in', partition: 1 }])
      await scene.clock.sleep(1500)
    })
    expect(scene.committed.get('in-0')).toBe(10n)
    expect(scene.committed.has('in-1')).toBe(false)
    expect(byNumber(scene.values)).toEqual(upTo(20).filter(value => Number(value) % 2 === 0))
  })

  test('nothing is committed without a generation: what was polled comes again', async () => {
    const scene = new LoopScene()
    scene.write('a', 'b')
    const member = scene.consumer.group
    scene.consumer.afterPoll = () => {
      scene.consumer.group = { ...member, memberId: '', generationId: -1 }
      scene.consumer.afterPoll = () => {
        scene.consumer.group = { ...member, generationId: 7 }
      }
    }
    await scene.run(copy)
    expect(scene.values).toEqual(['a', 'b'])
    expect(scene.producer.groups.map(({ generationId }) => generationId)).toEqual([7])
    expect(scene.diary[0]).toBe('seek in-0 0')
  })

  test('offsets are sent as the member that polled the records, not as a later one', async () => {
    const scene = new LoopScene()
    scene.write('a')
    await scene.run((records, out, context) => {
      scene.consumer.group = { ...scene.consumer.group, generationId: 2 }
      return copy(records, out, context)
    })
    expect(scene.producer.groups[0]?.generationId).toBe(1)
  })
})

import { tracingChannel } from 'node:diagnostics_channel'
import { KafkaError, operationChannelNames, TimeoutError } from '@samsa/runtime'
import type { TransactionPayload } from '@samsa/runtime/internal'
import { describe, expect, test } from 'vitest'
import { errorNamed, GROUP, OFFSETS, outcomeOf, Scene } from './test-transaction-scene.js'

describe('a call that was not done in time', () => {
  test('is waited for further by the same call, and keeps all others out', async () => {
    const scene = await Scene.begun()
    let answer: (value: unknown) => void = () => {}
    const held = new Promise(resolve => {
      answer = resolve
    })
    scene.coordinator.will('EndTxn', held)
    const first = outcomeOf(scene.transactions.commit({ timeoutMs: 10 }))
    await scene.clock.advance(10)
    expect(await first).toBeInstanceOf(TimeoutError)
    for (const call of ['abortTransaction', 'beginTransaction', 'send', 'sendOffsetsToTransaction'] as const)
      expect(await outcomeOf(scene.call(call)), call).toMatchObject({ code: 'INVALID_TXN_STATE' })
    const second = scene.transactions.commit({})
    answer(undefined)
    await second
    expect(scene.coordinator.heard()).toEqual(['EndTxn commit'])
    scene.manager.begin()
  })

  test.each([
    ['initTransactions', 'InitProducerId', 'ready'],
    ['commitTransaction', 'EndTxn', 'ready'],
    ['abortTransaction', 'EndTxn', 'ready'],
  ] as const)('%s: its outcome is kept until somebody has seen it', async (call, request, state) => {
    const scene = call === 'initTransactions' ? new Scene() : await Scene.begun()
    let answer: (value: unknown) => void = () => {}
    const held = new Promise(resolve => {
      answer = resolve
    })
    scene.coordinator.will(request, held)
    const first = outcomeOf(scene.call(call))
    await scene.clock.advance(1000)
    expect(await first).toBeInstanceOf(TimeoutError)
    answer(undefined)
    await scene.clock.settle()
    expect(scene.manager.state).toBe(state)
    expect(() => scene.manager.begin()).toThrow(`${call}() was called and nobody has waited for its outcome`)
    await scene.call(call)
    scene.manager.begin()
  })

  test('is ended for its caller by a signal as well', async () => {
    const scene = await Scene.begun()
    scene.coordinator.will('EndTxn', new Promise(() => {}))
    const abort = new AbortController()
    const committed = outcomeOf(scene.transactions.commit({ signal: abort.signal }))
    abort.abort(new Error('enough'))
    expect(await committed).toMatchObject({ message: 'enough' })
    expect(scene.manager.pendingCall).toBe('commitTransaction')
  })
})

describe('a transaction around a function', () => {
  test('initializes at the first use, commits, and gives what the function gave', async () => {
    const scene = new Scene()
    const work = async (): Promise<number> => {
      await scene.drain()
      return 42
    }
    expect(await scene.transactions.run(work, {})).toBe(42)
    expect(await scene.transactions.run(work, {})).toBe(42)
    expect(scene.coordinator.heard()).toEqual(['InitProducerId', 'EndTxn commit', 'EndTxn commit'])
  })

  test('aborts and gives the error of the function, even where the abort fails', async () => {
    for (const answer of ['NONE', 'PRODUCER_FENCED']) {
      const scene = await Scene.ready()
      scene.coordinator.will('EndTxn', answer)
      const failure = new Error('of the application')
      const work = async (): Promise<void> => {
        await scene.drain()
        throw failure
      }
      await expect(scene.transactions.run(work, {})).rejects.toBe(failure)
      expect(scene.coordinator.heard()).toEqual(['EndTxn abort'])
      expect(scene.manager.state).toBe(answer === 'NONE' ? 'ready' : 'fatal')
    }
  })

  test('aborts where a record fails that nobody waited for', async () => {
    const scene = await Scene.ready()
    const work = async (): Promise<void> => {
      await scene.drain()
      scene.manager.recordFailed(errorNamed('MESSAGE_TOO_LARGE'))
    }
    await expect(scene.transactions.run(work, {})).rejects.toMatchObject({ code: 'TRANSACTION_ABORTABLE' })
    expect(scene.coordinator.heard()).toEqual(['EndTxn abort'])
    expect(scene.manager.state).toBe('ready')
  })

  test('is no place for another one', async () => {
    const scene = await Scene.ready()
    const nested = scene.transactions.run(() => scene.transactions.run(() => 1, {}), {})
    await expect(nested).rejects.toMatchObject({ code: 'INVALID_TXN_STATE' })
    expect(scene.manager.state).toBe('ready')
  })

  test('whose abort took too long is waited for by the next one', async () => {
    const scene = await Scene.ready()
    let answer: (value: unknown) => void = () => {}
    scene.coordinator.will(
      'EndTxn',
      new Promise(resolve => {
        answer = resolve
      }),
    )
    const failing = outcomeOf(
      scene.transactions.run(async () => {
        await scene.drain()
        throw new Error('of the application')
      }, {}),
    )
    await scene.clock.advance(1000)
    expect(await failing).toMatchObject({ message: 'of the application' })
    const next = scene.transactions.run(() => 'next', {})
    answer(undefined)
    expect(await next).toBe('next')
  })
})

describe('closing', () => {
  test('aborts what is open', async () => {
    const scene = await Scene.begun()
    await scene.transactions.close({})
    expect(scene.coordinator.heard()).toEqual(['EndTxn abort'])
  })

  test('waits no longer than it may for a commit that fails, and the abort behind it', async () => {
    const scene = await Scene.begun()
    let fail: (name: string) => void = () => {}
    scene.coordinator.will(
      'EndTxn',
      new Promise(resolve => {
        fail = resolve
      }),
      new Promise(() => {}),
    )
    const committed = outcomeOf(scene.transactions.commit({}))
    const closed = outcomeOf(scene.transactions.close({ timeoutMs: 100 }))
    await scene.clock.advance(60)
    fail('TRANSACTION_ABORTABLE')
    await scene.clock.advance(40)
    expect(await committed).toMatchObject({ abortable: true })
    expect(await closed).toBe('done')
    expect(scene.coordinator.heard()).toEqual(['EndTxn commit', 'EndTxn abort'])
  })

  test('tells who waits, and asks nothing more', async () => {
    const scene = await Scene.begun()
    scene.coordinator.will('TxnOffsetCommit', new Promise(() => {}))
    const offsets = outcomeOf(scene.manager.commitOffsets(OFFSETS, GROUP))
    const committed = outcomeOf(scene.transactions.commit({}))
    await scene.clock.settle()
    scene.manager.close(new KafkaError('closed', { code: 'PRODUCER_CLOSED' }))
    expect(await offsets).toMatchObject({ code: 'PRODUCER_CLOSED' })
    expect(await committed).toMatchObject({ code: 'PRODUCER_CLOSED' })
    await scene.settle()
    expect(scene.coordinator.heard()).toEqual(['TxnOffsetCommit'])
    expect(scene.clock.pendingTimers).toBe(0)
  })
})

describe('observers', () => {
  test('see a transaction from its begin to its end, with the outcome', async () => {
    const ended: TransactionPayload[] = []
    const channel = tracingChannel(operationChannelNames.transaction)
    const onEnd = (payload: unknown): void => void ended.push({ ...(payload as TransactionPayload) })
    channel.asyncEnd.subscribe(onEnd)
    try {
      const scene = await Scene.begun()
      await scene.transactions.commit({})
      scene.manager.begin()
      await scene.transactions.abort({})
      scene.manager.begin()
      scene.manager.recordFailed(errorNamed('PRODUCER_FENCED'))
    } finally {
      channel.asyncEnd.unsubscribe(onEnd)
    }
    expect(ended).toMatchObject([
      { clientId: 'test', transactionalId: 'id', producerId: 1000n, producerEpoch: 0, outcome: 'committed' },
      { producerEpoch: 1, outcome: 'aborted' },
      { producerEpoch: 1, outcome: 'unknown', error: { code: 'PRODUCER_FENCED' } },
    ])
  })
})

import type { TxnOffsetCommitRequest } from '@samsa/protocol'
import { KafkaError } from '@samsa/runtime'
import { describe, expect, test } from 'vitest'
import { PartitionQueue } from './partition-queue.js'
import { errorNamed, GROUP, NUMBERED, OFFSETS, outcomeOf, Scene, UNSENT } from './test-transaction-scene.js'
import { allowedIn, type TransactionCall, type TransactionState, transitions } from './transaction-states.js'

/** Ways into each state, none of which leaves a call behind that somebody waits for. */
const reach: Readonly<Record<TransactionState, () => Promise<Scene>>> = {
  uninitialized: async () => new Scene(),
  initializing: async () => {
    const scene = new Scene()
    scene.coordinator.will('InitProducerId', new Promise(() => {}))
    void scene.manager.init()
    return scene
  },
  ready: () => Scene.ready(),
  inTransaction: () => Scene.begun(),
  committing: async () => {
    const scene = await Scene.begun()
    scene.undelivered = new Promise(() => {})
    void scene.manager.commit()
    return scene
  },
  aborting: async () => {
    const scene = await Scene.begun()
    scene.undelivered = new Promise(() => {})
    void scene.manager.abort()
    return scene
  },
  abortable: async () => {
    const scene = await Scene.begun()
    scene.manager.recordFailed(errorNamed('MESSAGE_TOO_LARGE'))
    return scene
  },
  fatal: async () => {
    const scene = await Scene.begun()
    scene.manager.recordFailed(errorNamed('PRODUCER_FENCED'))
    return scene
  },
}

describe.each(Object.keys(transitions) as TransactionState[])('in the state %s', state => {
  test.each(Object.keys(allowedIn) as TransactionCall[])('%s is taken or refused as the table says', async call => {
    const scene = await reach[state]()
    expect(scene.manager.state).toBe(state)
    // The same call as the one under way waits with it.
    const isJoined = scene.manager.pendingCall === call
    const outcome = outcomeOf(scene.call(call))
    if (isJoined) return
    if (allowedIn[call].includes(state)) {
      expect(await outcome).toBe('done')
      return
    }
    const code = { abortable: 'TRANSACTION_ABORTABLE', fatal: 'PRODUCER_FENCED' }[state as string]
    expect(await outcome).toMatchObject({ code: code ?? 'INVALID_TXN_STATE' })
    expect(scene.manager.state).toBe(state)
  })
})

test.each(['AddPartitionsToTxn', 'AddOffsetsToTxn'])(
  'what came of %s before an abort is unknown: it is ended',
  async api => {
    const scene = await Scene.ready(1)
    const { manager, coordinator } = scene
    let answer: (name: string) => void = () => {}
    coordinator.will(
      api,
      new Promise(resolve => {
        answer = resolve
      }),
    )
    manager.begin()
    if (api === 'AddPartitionsToTxn') manager.mayDrain(new PartitionQueue('t', 0), UNSENT)
    else void outcomeOf(manager.commitOffsets(OFFSETS, GROUP))
    await scene.clock.settle()
    const aborted = manager.abort()
    // One that asked before may have been heard, by a coordinator that is gone.
    answer('NOT_COORDINATOR')
    await aborted
    expect(coordinator.heard()).toEqual([api, 'InitProducerId again'])
    expect(manager.state).toBe('ready')
  },
)

describe('a whole transaction', () => {
  test('of the first generation adds partitions and groups before anything of them is written', async () => {
    const scene = await Scene.ready(1)
    const { manager, coordinator } = scene
    expect(manager.produceVersion).toBe(11)
    manager.begin()
    const [first, second] = [new PartitionQueue('t', 0), new PartitionQueue('t', 1)]
    expect([first, second].map(queue => manager.mayDrain(queue, UNSENT))).toEqual([false, false])
    await scene.settle()
    expect(coordinator.heard()).toEqual(['AddPartitionsToTxn'])
    expect(coordinator.bodies.at(-1)).toMatchObject({
      version: 3,
      body: { v3AndBelowTransactionalId: 'id', v3AndBelowTopics: [{ name: 't', partitions: [0, 1] }] },
    })
    expect([first, second].map(queue => manager.mayDrain(queue, UNSENT))).toEqual([true, true])
    expect(scene.changes).toBe(1)
    await manager.commitOffsets(OFFSETS, GROUP)
    await manager.commitOffsets([{ ...OFFSETS[0], topic: 't', partition: 0, offset: 8n }], GROUP)
    await scene.transactions.commit({})
    expect(coordinator.heard()).toEqual(['AddOffsetsToTxn', 'TxnOffsetCommit', 'TxnOffsetCommit', 'EndTxn commit'])
    expect(coordinator.bodies.slice(-4).map(({ version }) => version)).toEqual([4, 4, 4, 4])
    const identity = manager.current
    manager.begin()
    expect(manager.mayDrain(first, UNSENT)).toBe(false)
    await scene.settle()
    await manager.commitOffsets(OFFSETS, GROUP)
    await scene.transactions.abort({})
    expect(coordinator.heard()).toEqual(['AddPartitionsToTxn', 'AddOffsetsToTxn', 'TxnOffsetCommit', 'EndTxn abort'])
    expect(manager.current).toBe(identity)
    expect(coordinator.mostUnderWay).toBe(1)
  })

  test('of the second generation adds nothing by itself, and goes on under the epoch that its end gives', async () => {
    const scene = await Scene.ready(2)
    const { manager, coordinator } = scene
    expect(manager.produceVersion).toBe(13)
    expect(manager.current).toEqual({ producerId: 1000, producerEpoch: 0 })
    manager.begin()
    expect(manager.mayDrain(new PartitionQueue('t', 0), UNSENT)).toBe(true)
    await manager.commitOffsets(OFFSETS, GROUP)
    await scene.transactions.commit({})
    expect(coordinator.heard()).toEqual(['TxnOffsetCommit', 'EndTxn commit'])
    expect(coordinator.bodies.slice(-2).map(({ version }) => version)).toEqual([5, 5])
    expect(manager.current).toEqual({ producerId: 1000, producerEpoch: 1 })
    coordinator.producerId = 2000
    coordinator.epoch = -1
    manager.begin()
    await scene.drain()
    await scene.transactions.abort({})
    expect(manager.current).toEqual({ producerId: 2000, producerEpoch: 0 })
  })

  test.each([1, 2])('of generation %i of which the broker knows nothing ends without it', async level => {
    const scene = await Scene.ready(level)
    for (const end of ['commit', 'abort'] as const) {
      scene.manager.begin()
      await scene.manager.commitOffsets([], GROUP)
      await scene.transactions[end]({})
    }
    expect(scene.coordinator.heard()).toEqual([])
    expect(scene.manager.state).toBe('ready')
  })

  test.each([1, 2])('of generation %i carries the member and all that is said of an offset', async level => {
    const scene = await Scene.begun(level)
    const offsets = [
      { topic: 't', partition: 0, offset: 1n },
      { topic: 'u', partition: 2, offset: 5n, metadata: 'note', leaderEpoch: 3 },
      { topic: 't', partition: 0, offset: 2n },
    ]
    await scene.manager.commitOffsets(offsets, GROUP)
    const { body } = scene.coordinator.bodies.at(-1) ?? {}
    const { groupId, generationId, memberId, groupInstanceId, topics } = body as TxnOffsetCommitRequest
    expect({ groupId, generationId, memberId, groupInstanceId }).toEqual(GROUP)
    const partition = { partitionIndex: 0, committedOffset: 2n, committedLeaderEpoch: -1, committedMetadata: null }
    expect(topics).toEqual([
      { name: 't', partitions: [partition] },
      {
        name: 'u',
        partitions: [{ partitionIndex: 2, committedOffset: 5n, committedLeaderEpoch: 3, committedMetadata: 'note' }],
      },
    ])
  })

  test('ends when its records have their outcome, and not before', async () => {
    const scene = await Scene.begun()
    let deliver = (): void => {}
    scene.undelivered = new Promise(resolve => {
      deliver = resolve
    })
    const committed = scene.transactions.commit({})
    await scene.clock.settle()
    expect(scene.coordinator.heard()).toEqual([])
    deliver()
    await committed
    expect(scene.coordinator.heard()).toEqual(['EndTxn commit'])
  })

  test('does not end by an answer to something else, nor by the records of a commit that has failed', async () => {
    const scene = await Scene.begun()
    const outcomes: (() => void)[] = []
    const undelivered = (): Promise<void> => new Promise(resolve => void outcomes.push(resolve))
    scene.undelivered = undelivered()
    const committed = outcomeOf(scene.transactions.commit({}))
    scene.manager.recordFailed(errorNamed('MESSAGE_TOO_LARGE'))
    expect(await committed).toMatchObject({ abortable: true })
    scene.undelivered = undelivered()
    const aborted = scene.transactions.abort({})
    outcomes[0]?.()
    await scene.clock.settle()
    expect(scene.coordinator.heard()).toEqual([])
    outcomes[1]?.()
    await aborted
    scene.manager.begin()
    scene.undelivered = undelivered()
    void scene.manager.commitOffsets(OFFSETS, GROUP)
    const second = scene.transactions.commit({})
    await scene.clock.settle()
    expect(scene.coordinator.heard()).toEqual(['EndTxn abort', 'TxnOffsetCommit'])
    outcomes[2]?.()
    await second
    expect(scene.coordinator.heard()).toEqual(['EndTxn commit'])
  })

  test('takes no more offset commits than its limit, and no wrong ones', async () => {
    const scene = await Scene.begun()
    scene.coordinator.will('TxnOffsetCommit', new Promise(() => {}))
    for (let count = 0; count < 10_000; count++) void scene.manager.commitOffsets(OFFSETS, GROUP)
    expect(() => scene.manager.commitOffsets(OFFSETS, GROUP)).toThrow('Too many offset commits')
    const wrong =
      (offset: object): unknown =>
      () =>
        scene.manager.commitOffsets([{ ...OFFSETS[0], ...offset } as never], GROUP)
    for (const each of [{ topic: '' }, { partition: -1 }, { partition: 0.5 }, { offset: 1 }, { offset: -1n }])
      expect(wrong(each)).toThrow(KafkaError)
    expect(() => scene.manager.commitOffsets(OFFSETS, { groupId: '' })).toThrow('groupId')
    expect(() => scene.manager.commitOffsets(OFFSETS, { groupId: 'g', generationId: 1 })).toThrow('memberId')
    expect(scene.manager.state).toBe('inTransaction')
  })
})

type Provoked = Readonly<Record<string, (scene: Scene) => Promise<unknown>>>

/** Each request in a transaction of the first generation, which has them all. */
const provoke: Provoked = {
  AddPartitionsToTxn: async scene => {
    scene.manager.mayDrain(new PartitionQueue('t', 5), UNSENT)
  },
  AddOffsetsToTxn: scene => scene.manager.commitOffsets(OFFSETS, GROUP),
  TxnOffsetCommit: scene => scene.manager.commitOffsets(OFFSETS, GROUP),
  EndTxn: scene => scene.transactions.commit({}),
}

describe.each(Object.keys(provoke))('an answer to %s', request => {
  const how = provoke[request] as (scene: Scene) => Promise<unknown>

  test.each([
    ['COORDINATOR_LOAD_IN_PROGRESS', 0],
    ['CONCURRENT_TRANSACTIONS', 0],
    ['NOT_COORDINATOR', 2],
    ['COORDINATOR_NOT_AVAILABLE', 2],
  ])('of %s is followed by the same request', async (name, finds) => {
    const scene = await Scene.begun(1)
    scene.coordinator.will(request, name, name)
    const done = outcomeOf(how(scene))
    await scene.settle()
    expect(await done).toBe('done')
    const tries = scene.coordinator.heard().filter(asked => asked.startsWith(request))
    expect(tries).toHaveLength(3)
    expect(scene.coordinator.finds).toBe(finds)
  })

  test('of TRANSACTION_ABORTABLE leaves the abort, after which a new epoch begins', async () => {
    const scene = await Scene.begun(1)
    scene.coordinator.will(request, 'TRANSACTION_ABORTABLE')
    const failed = outcomeOf(how(scene))
    await scene.settle()
    if (request !== 'AddPartitionsToTxn') expect(await failed).toMatchObject({ abortable: true })
    expect(scene.manager.state).toBe('abortable')
    expect(() => scene.manager.checkSend()).toThrow(KafkaError)
    scene.coordinator.heard()
    await scene.transactions.abort({})
    expect(scene.coordinator.heard()).toEqual(['EndTxn abort', 'InitProducerId again'])
    expect(scene.manager.state).toBe('ready')
    expect(scene.manager.current).toEqual({ producerId: 1000, producerEpoch: 1 })
  })

  test.each(['PRODUCER_FENCED', 'INVALID_PRODUCER_EPOCH', 'INVALID_TXN_STATE', 'INVALID_PRODUCER_ID_MAPPING'])(
    'of %s ends the producer',
    async name => {
      const scene = await Scene.begun(1)
      scene.coordinator.will(request, name)
      const failed = outcomeOf(how(scene))
      await scene.settle()
      const isFenced = name === 'PRODUCER_FENCED' || name === 'INVALID_PRODUCER_EPOCH'
      if (request !== 'AddPartitionsToTxn')
        expect(await failed).toMatchObject({ fatal: true, code: isFenced ? 'PRODUCER_FENCED' : name })
      expect(scene.manager.state).toBe('fatal')
      expect(scene.manager.doom).toMatchObject({ isForAll: true })
      await expect(scene.transactions.abort({})).rejects.toMatchObject({ fatal: true })
      expect(scene.coordinator.heard().filter(asked => asked.startsWith('EndTxn'))).toHaveLength(
        request === 'EndTxn' ? 1 : 0,
      )
    },
  )
})

describe('the producer id', () => {
  test.each(['CONCURRENT_TRANSACTIONS', 'NOT_COORDINATOR', 'COORDINATOR_LOAD_IN_PROGRESS'])(
    'is asked for again after %s',
    async name => {
      const scene = new Scene()
      scene.coordinator.will('InitProducerId', name)
      const done = outcomeOf(scene.transactions.init({}))
      await scene.clock.advance(500)
      expect(await done).toBe('done')
      expect(scene.coordinator.heard()).toEqual(['InitProducerId', 'InitProducerId'])
    },
  )

  test('can be asked for again when the right to it was missing', async () => {
    const scene = new Scene()
    scene.coordinator.will('InitProducerId', 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED')
    const refusal: unknown = await scene.transactions.init({}).catch((error: unknown) => error)
    expect(refusal).toMatchObject({ code: 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED', abortable: false, fatal: false })
    expect(scene.manager.state).toBe('uninitialized')
    await scene.transactions.init({})
    expect(scene.manager.state).toBe('ready')
  })

  test('that another producer has taken ends this one', async () => {
    const scene = new Scene()
    scene.coordinator.will('InitProducerId', 'PRODUCER_FENCED')
    await expect(scene.transactions.init({})).rejects.toMatchObject({ code: 'PRODUCER_FENCED', fatal: true })
    expect(scene.manager.state).toBe('fatal')
  })

  test('whose next epoch is refused for now is asked for again by the next abort', async () => {
    const scene = await Scene.begun(1)
    scene.manager.recordFailed(errorNamed('MESSAGE_TOO_LARGE'))
    scene.coordinator.will('InitProducerId', 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED')
    await expect(scene.transactions.abort({})).rejects.toMatchObject({ abortable: true })
    expect(scene.manager.state).toBe('abortable')
    scene.coordinator.heard()
    await scene.transactions.abort({})
    expect(scene.coordinator.heard()).toEqual(['InitProducerId again'])
    expect(scene.manager.state).toBe('ready')
  })

  test('begins another epoch when the cluster has moved to the second generation', async () => {
    const scene = await Scene.begun(1)
    scene.coordinator.level = 2
    await scene.transactions.commit({})
    expect(scene.coordinator.heard()).toEqual(['EndTxn commit', 'InitProducerId again'])
    expect(scene.manager.produceVersion).toBe(13)
    scene.manager.begin()
    expect(scene.manager.mayDrain(new PartitionQueue('t', 0), UNSENT)).toBe(true)
  })

  test('that cannot have another epoch after a commit does not undo the commit', async () => {
    const scene = await Scene.begun(1)
    scene.coordinator.level = 2
    scene.coordinator.will('InitProducerId', 'PRODUCER_FENCED')
    await scene.transactions.commit({})
    expect(scene.manager.state).toBe('fatal')
    expect(() => scene.manager.begin()).toThrow('taken over')
  })

  test('moves back to the first generation with the cluster, between two transactions', async () => {
    const scene = await Scene.begun(2)
    scene.coordinator.level = 1
    await scene.manager.commitOffsets(OFFSETS, GROUP)
    expect(scene.manager.produceVersion).toBe(13)
    await scene.transactions.commit({})
    expect(scene.manager.produceVersion).toBe(11)
  })
})

describe('a record that was not delivered', () => {
  test.each([1, 2])('leaves only the abort (generation %i)', async level => {
    const scene = await Scene.begun(level)
    const before = scene.changes
    scene.manager.recordFailed(errorNamed('MESSAGE_TOO_LARGE'))
    expect(scene.changes).toBe(before + 1)
    expect(scene.manager.doom).toMatchObject({ error: { code: 'TRANSACTION_ABORTED' }, isForAll: false })
    const queue = new PartitionQueue('t', 0)
    expect([UNSENT, NUMBERED].map(batch => scene.manager.mayDrain(queue, batch))).toEqual([false, true])
    scene.manager.recordFailed(errorNamed('OUT_OF_ORDER_SEQUENCE_NUMBER'))
    await expect(scene.transactions.commit({})).rejects.toMatchObject({ cause: { code: 'MESSAGE_TOO_LARGE' } })
    await scene.transactions.abort({})
    const bump = level === 1 ? ['InitProducerId again'] : []
    expect(scene.coordinator.heard()).toEqual(['EndTxn abort', ...bump])
    expect(scene.manager.current).toEqual({ producerId: 1000, producerEpoch: 1 })
    scene.manager.begin()
    expect(() => scene.manager.checkSend()).not.toThrow()
  })

  test('fails a commit that waits for it, and no end is sent', async () => {
    const scene = await Scene.begun()
    let deliver = (): void => {}
    scene.undelivered = new Promise(resolve => {
      deliver = resolve
    })
    const committed = outcomeOf(scene.transactions.commit({}))
    scene.manager.recordFailed(errorNamed('MESSAGE_TOO_LARGE'))
    deliver()
    expect(await committed).toMatchObject({ code: 'TRANSACTION_ABORTABLE', abortable: true })
    await scene.settle()
    expect(scene.coordinator.heard()).toEqual([])
  })

  test('of no open transaction changes nothing', async () => {
    for (const state of ['ready', 'aborting', 'fatal'] as const) {
      const scene = await reach[state]()
      scene.manager.recordFailed(errorNamed('MESSAGE_TOO_LARGE'))
      expect(scene.manager.state).toBe(state)
    }
  })
})

describe('an abort', () => {
  test('does not wait for a group coordinator that does not answer', async () => {
    const scene = await Scene.begun()
    scene.coordinator.will('TxnOffsetCommit', new Promise(() => {}))
    const offsets = outcomeOf(scene.manager.commitOffsets(OFFSETS, GROUP))
    await scene.clock.settle()
    await scene.transactions.abort({})
    expect(await offsets).toMatchObject({ code: 'TRANSACTION_ABORTED' })
    expect(scene.coordinator.heard()).toEqual(['TxnOffsetCommit', 'EndTxn abort'])
  })

  test('gives up partitions that cannot be added for now', async () => {
    const scene = await Scene.begun(1)
    scene.coordinator.will('AddPartitionsToTxn', ...Array<string>(3).fill('CONCURRENT_TRANSACTIONS'))
    scene.manager.mayDrain(new PartitionQueue('t', 9), UNSENT)
    await scene.clock.settle()
    const aborted = scene.transactions.abort({})
    await scene.clock.advance(100)
    await aborted
    expect(scene.coordinator.heard()).toEqual(['AddPartitionsToTxn', 'AddPartitionsToTxn', 'EndTxn abort'])
  })

  test('stops the tries of the client for what nobody wants any more', async () => {
    const scene = await Scene.begun(1)
    let answer: (name: string) => void = () => {}
    const held = new Promise<string>(resolve => {
      answer = resolve
    })
    scene.coordinator.will('AddPartitionsToTxn', held, ...Array<string>(5).fill('COORDINATOR_LOAD_IN_PROGRESS'))
    scene.manager.mayDrain(new PartitionQueue('t', 9), UNSENT)
    await scene.clock.settle()
    const aborted = scene.transactions.abort({})
    answer('COORDINATOR_LOAD_IN_PROGRESS')
    await aborted
    expect(scene.coordinator.heard()).toEqual(['AddPartitionsToTxn', 'EndTxn abort'])
  })

  test('that the broker refuses as abortable has nowhere to go', async () => {
    const scene = await Scene.begun()
    scene.coordinator.will('EndTxn', 'TRANSACTION_ABORTABLE')
    await expect(scene.transactions.abort({})).rejects.toMatchObject({ fatal: true, abortable: false })
    expect(scene.manager.state).toBe('fatal')
  })
})

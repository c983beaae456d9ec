import type { Decoded, FindCoordinatorRequest, FindCoordinatorResponse } from '@samsa/protocol'
import { describe, expect, test } from 'vitest'
import { type Coordinator, Coordinators } from './coordinators.js'

const unnamed = {
  throttleTimeMs: 0,
  errorCode: 0,
  errorMessage: null,
  nodeId: -1,
  host: '',
  port: -1,
  unknownTags: undefined,
}

function open(version = 6) {
  const asked: FindCoordinatorRequest[] = []
  const learnt: Coordinator[] = []
  const world = { nodeId: 1, errorCode: 0 }
  const coordinators = new Coordinators({
    ask: async (request, errorCode) => {
      const message = request(version)
      asked.push(message)
      const found = {
        ...unnamed,
        nodeId: world.nodeId,
        host: `n${world.nodeId}`,
        port: 9092,
        errorCode: world.errorCode,
      }
      const answer: Decoded<FindCoordinatorResponse> =
        version >= 4 ? { ...unnamed, coordinators: [{ ...found, key: 'k' }] } : { ...found, coordinators: [] }
      const code = errorCode(answer)
      if (code !== 0) throw new Error(`code ${code}`)
      return answer
    },
    learn: coordinator => void learnt.push(coordinator),
  })
  return { coordinators, asked, learnt, world }
}

describe('coordinators', () => {
  test.each([
    [6, { keyType: 1, coordinatorKeys: ['t'] }],
    [3, { keyType: 1, key: 't' }],
    [1, { keyType: 1, key: 't' }],
  ])('are asked for in the form of version %i', async (version, request) => {
    const { coordinators, asked, learnt } = open(version)
    expect(await coordinators.find({ transaction: 't' })).toBe(1)
    expect(asked).toEqual([request])
    expect(learnt).toEqual([{ id: 1, host: 'n1', port: 9092 }])
  })

  test('of transactions are not there in version 0, those of groups are', async () => {
    const { coordinators, asked } = open(0)
    expect(await coordinators.find({ group: 'g' })).toBe(1)
    expect(asked).toEqual([{ key: 'g' }])
    await expect(coordinators.find({ transaction: 't' })).rejects.toMatchObject({ code: 'UNSUPPORTED_VERSION' })
  })

  test('are asked for once by many, and kept; a group and a transaction of one name are two', async () => {
    const { coordinators, asked } = open()
    await Promise.all([coordinators.find({ group: 'a' }), coordinators.find({ group: 'a' })])
    await coordinators.find({ group: 'a' })
    expect(asked).toHaveLength(1)
    await coordinators.find({ transaction: 'a' })
    expect(asked).toHaveLength(2)
  })

  test('are forgotten, unless another has been found meanwhile', async () => {
    const { coordinators, asked, world } = open()
    await coordinators.find({ group: 'g' })
    coordinators.forget({ group: 'g' }, 9)
    expect(await coordinators.find({ group: 'g' })).toBe(1)
    world.nodeId = 2
    coordinators.forget({ group: 'g' }, 1)
    expect(await coordinators.find({ group: 'g' })).toBe(2)
    coordinators.forget({ group: 'g' })
    await coordinators.find({ group: 'g' })
    expect(asked).toHaveLength(3)
  })

  test('that are not found are asked for again by the next caller', async () => {
    const { coordinators, asked, world } = open()
    world.errorCode = 30
    await expect(coordinators.find({ group: 'g' })).rejects.toThrow('code 30')
    world.errorCode = 0
    world.nodeId = -1
    await expect(coordinators.find({ group: 'g' })).rejects.toMatchObject({ code: 'COORDINATOR_NOT_AVAILABLE' })
    world.nodeId = 3
    expect(await coordinators.find({ group: 'g' })).toBe(3)
    expect(asked).toHaveLength(3)
  })

  test('are kept up to a number, the oldest of which goes first', async () => {
    const { coordinators, asked } = open()
    for (let group = 0; group <= 10_000; group++) await coordinators.find({ group: String(group) })
    await coordinators.find({ group: '1' })
    expect(asked).toHaveLength(10_001)
    await coordinators.find({ group: '0' })
    expect(asked).toHaveLength(10_002)
  })
})

import { Consumer, type ConsumerOptions } from '@samsa/consumer'
import { Producer, type ProducerOptions } from '@samsa/producer'
import { ConfigError } from '@samsa/runtime'
import { afterEach, describe, expect, test } from 'vitest'
import { kafkaStore } from '../kafka-store/kafka-store.js'
import { memoryStore } from '../memory/memory-store.js'
import { transactionalLoop } from './transactional-loop.js'

const open: AsyncDisposable[] = []
afterEach(async () => {
  for (const each of open.splice(0)) await each[Symbol.asyncDispose]()
})

const bootstrapServers = 'localhost:1'
const good = { groupId: 'g', isolationLevel: 'readCommitted', enableAutoCommit: false } as const

/** What making a loop of these throws. */
function refusal(parts: {
  readonly consumer?: Partial<ConsumerOptions>
  readonly producer?: Partial<ProducerOptions>
  readonly more?: object
}): unknown {
  const consumer = new Consumer({ bootstrapServers, ...(parts.consumer ?? good) })
  const producer = new Producer({ bootstrapServers, ...(parts.producer ?? { transactionalId: 't' }) })
  open.push(consumer, producer)
  try {
    transactionalLoop({ consumer, producer, topics: ['in'], ...parts.more }, () => {})
    return undefined
  } catch (error) {
    return error
  }
}

describe('a loop is refused', () => {
  test('not when all is as it must be', () => {
    const dedup = { store: kafkaStore({ topic: 'ids' }), key: () => 'id' }
    expect(refusal({ more: { dedup, poison: { attempts: 2, deadLetter: 'dead' } } })).toBeUndefined()
  })

  test('with a consumer that reads what is aborted, commits by itself or has no group: all at once', () => {
    const error = refusal({ consumer: {} })
    expect(error).toBeInstanceOf(ConfigError)
    expect(String(error)).toContain('groupId')
    expect(String(error)).toContain("isolationLevel: 'readCommitted'")
    const ofGroup = String(refusal({ consumer: { groupId: 'g', isolationLevel: 'readCommitted' } }))
    expect(ofGroup).toContain('enableAutoCommit: false')
    expect(ofGroup).not.toContain('isolationLevel')
  })

  test.each([
    ['a producer without transactions', { producer: {} }, 'transactionalId'],
    ['something else for a producer', { more: { producer: { transaction: () => {} } } }, 'producer'],
    ['something else for a consumer', { more: { consumer: {} } }, 'consumer'],
    ['no topics', { more: { topics: [] } }, 'topics'],
    ['work that may outlast the transaction', { more: { workTimeoutMs: 60_000 } }, 'transactionTimeoutMs'],
    [
      'work that may outlast the patience of the group',
      { producer: { transactionalId: 't', transactionTimeoutMs: 600_000 } },
      'maxPollIntervalMs',
    ],
    [
      'ids in a store that cannot be in its transaction',
      { more: { dedup: { store: memoryStore(), key: () => 'id' } } },
      'kafkaStore',
    ],
    ['a misspelt option of poison', { more: { poison: { attempt: 3 } } }, 'attempts'],
  ])('with %s', (_, parts, word) => {
    const error = refusal(parts)
    expect(error).toBeInstanceOf(ConfigError)
    expect(String(error)).toContain(word)
  })
})

/**
 * The matrix on the store in memory, whose processes live in this one: they die at every step by being cut off from their store
 * and from the broker.
 */
import { createTestBroker, type TestBroker } from '@samsa/broker/testing'
import { memoryStore } from '@samsa/eos'
import { afterAll, beforeAll, test } from 'vitest'
import { playSeeds } from './matrix/lives.js'
import { schemes } from './matrix/schemes.mjs'

let kafka: TestBroker

beforeAll(async () => {
  kafka = await createTestBroker({ properties: { 'group.initial.rebalance.delay.ms': '0' } })
})

afterAll(() => kafka.close())

test.each(Object.entries(schemes).filter(([, { stores }]) => stores.includes('memory')))(
  '%s neither loses nor doubles a transfer, at whichever step it dies',
  async (scheme, { steps }) => {
    await playSeeds(kafka, seed => ({ scheme, place: { kind: 'memory', opened: memoryStore() }, steps, seed }))
  },
  120_000,
)

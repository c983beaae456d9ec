/**
 * Money moves between accounts by records that come up to four times, handled by processes that are killed at every named step
 * in turn: no transfer is lost, none is done twice, and the sum of the balances stays. By every scheme, on SQLite and in Kafka at
 * every step. In memory it is the same in `matrix-memory.test.ts`, on database servers `matrix-databases.test.ts`; more seeds and
 * all of it with `soak.mjs`.
 */
import { createTestBroker, type TestBroker } from '@samsa/broker/testing'
import { failpointNames } from '@samsa/eos/internal'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { temporaryFolder } from '../interop/temporary-folder.js'
import { proofSize } from '../proof-size.js'
import type { StorePlace } from './matrix/banks.mjs'
import { play, playSeeds } from './matrix/lives.js'
import { schemes } from './matrix/schemes.mjs'

const STEPS = proofSize('SAMSA_MATRIX_STEPS', 10)
const LIMIT_MS = 300_000

let kafka: TestBroker
const folder = temporaryFolder()

beforeAll(async () => {
  kafka = await createTestBroker({ properties: { 'group.initial.rebalance.delay.ms': '0' } })
})

afterAll(async () => {
  await kafka.close()
  folder.remove()
})

const rows = Object.entries(schemes).filter(([, { steps }]) => steps.length > 0)

test('every step is some scheme’s', () => {
  expect([...new Set(rows.flatMap(([, { steps }]) => steps))].toSorted()).toEqual([...failpointNames].toSorted())
})

describe('neither loses nor doubles a transfer, wherever its process is killed', () => {
  test.each(rows)(
    '%s',
    async (scheme, { steps, stores }) => {
      const placeOf = (seed: string): StorePlace =>
        stores.includes('kafka') ? { kind: 'kafka' } : { kind: 'sqlite', path: `${folder.path}/${scheme}.${seed}.db` }
      await playSeeds(kafka, seed => ({ scheme, place: placeOf(seed), steps: steps.slice(0, STEPS), seed }))
    },
    LIMIT_MS,
  )
})

test(
  'without any of them, the repetitions are noticed',
  async () => {
    const place = { kind: 'sqlite', path: `${folder.path}/nothing.db` }
    const problems = await play(kafka, { scheme: 'nothing', place, steps: [], seed: 'money' })
    expect(problems.filter(problem => problem.includes('is there'))).not.toEqual([])
  },
  LIMIT_MS,
)

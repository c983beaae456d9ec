/** Seeds come from the environment where more than a run's share are wanted: see `tests/broker/soak-groups.mjs`. */
import { expect, test } from 'vitest'
import { ConsumerSimulation } from './test-consumer-simulation.js'

const USUAL = process.env['SAMSA_PROOFS'] === 'small' ? 8 : 80
const SEEDS = Number(process.env['SAMSA_GROUP_SEEDS'] ?? USUAL)
const FIRST_SEED = Number(process.env['SAMSA_GROUP_FIRST_SEED'] ?? 1)

test(`${SEEDS} lives of a consumer group from seed ${FIRST_SEED} on: one owner a partition, no zombie's commit, an end to every reconciliation`, {
  timeout: Math.max(180_000, SEEDS * 2000),
}, () => {
  let moves = 0
  let migrations = 0
  for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
    const simulation = new ConsumerSimulation(`consumers ${seed}`)
    try {
      simulation.run()
    } catch (error) {
      throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : error}`, { cause: error })
    }
    moves += simulation.moves
    migrations += simulation.migrations
  }
  // Otherwise nothing was tried.
  expect(moves).toBeGreaterThan(SEEDS * 20)
  expect(migrations).toBeGreaterThan(SEEDS)
})

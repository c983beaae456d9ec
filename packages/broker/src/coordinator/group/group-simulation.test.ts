/** Seeds come from the environment where more than a run's share are wanted: see `tests/broker/soak-groups.mjs`. */
import { expect, test } from 'vitest'
import { GroupSimulation } from './test-simulation.js'

const USUAL = process.env['SAMSA_PROOFS'] === 'small' ? 22 : 220
const SEEDS = Number(process.env['SAMSA_GROUP_SEEDS'] ?? USUAL)
const FIRST_SEED = Number(process.env['SAMSA_GROUP_FIRST_SEED'] ?? 1)

test(`${SEEDS} lives of a group from seed ${FIRST_SEED} on: one owner a partition, no zombie's commit, an end to every rebalance`, {
  timeout: Math.max(180_000, SEEDS * 2000),
}, () => {
  let rebalances = 0
  for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
    const simulation = new GroupSimulation(`group ${seed}`)
    try {
      simulation.run()
    } catch (error) {
      throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : error}`, { cause: error })
    }
    rebalances += simulation.rebalances
  }
  // Otherwise nothing was tried.
  expect(rebalances).toBeGreaterThan(SEEDS * 5)
})

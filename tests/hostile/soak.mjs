/**
 * More mutated sequences against a live broker than a test run has time for:
 * `node tests/hostile/soak.mjs [--seeds N] [--first N]`. Needs a build. Without a first seed it takes one of its own and
 * says which, so that a failure can be had again; `SAMSA_HOSTILE_SEED=N` with the test runs one seed alone.
 */
import { randomInt } from 'node:crypto'
import { soak } from '../soak.mjs'

soak({
  proofs: ['tests/hostile/live-mutation'],
  options: {
    seeds: { variable: 'SAMSA_HOSTILE_SEEDS', default: 20_000, most: 10_000_000 },
    first: { variable: 'SAMSA_HOSTILE_FIRST_SEED', default: randomInt(1, 2 ** 31), most: 2 ** 32 },
  },
})

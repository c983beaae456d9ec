/**
 * More seeds of the durability proof than a test run has time for: `node tests/broker/durability-soak.mjs [--seeds N]
 * [--seed N]`. Needs a build. The seeds go from the one that is given on, a third of them in each flush mode; a failure
 * names its seed, and `--seeds 1 --seed N` has it again.
 */
import { soak } from '../soak.mjs'

soak({
  proofs: ['tests/broker/durability'],
  options: {
    seeds: { variable: 'SAMSA_DURABILITY_SEEDS', default: 20_000 },
    seed: { variable: 'SAMSA_DURABILITY_SEED', default: 1 },
  },
})

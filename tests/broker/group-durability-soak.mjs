/**
 * More seeds of the lives of groups through crashes than a test run has time for:
 * `node tests/broker/group-durability-soak.mjs [--seeds N] [--seed FIRST]`. Needs a build. A third of the seeds is run in
 * each flush mode; a failure says its seed, and with `--seeds 3 --seed N` it is had again.
 */
import { soak } from '../soak.mjs'

soak({
  proofs: ['tests/broker/group-durability'],
  options: {
    seeds: { variable: 'SAMSA_GROUP_DURABILITY_SEEDS', default: 3000 },
    seed: { variable: 'SAMSA_GROUP_DURABILITY_SEED', default: 1 },
  },
})

/**
 * More seeds of the lives of groups, of both protocols, than a test run has time for: `node tests/broker/soak-groups.mjs
 * [--seeds N] [--seed FIRST]`. Needs a build. A failure says its seed; with `--seeds 1 --seed N` it is had again.
 */
import { soak } from '../soak.mjs'

soak({
  proofs: [
    'packages/broker/src/coordinator/group/group-simulation',
    'packages/broker/src/coordinator/group/consumer-simulation',
  ],
  options: {
    seeds: { variable: 'SAMSA_GROUP_SEEDS', default: 2000 },
    seed: { variable: 'SAMSA_GROUP_FIRST_SEED', default: 1 },
  },
})

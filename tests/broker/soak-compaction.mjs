/**
 * More seeds of compaction against its model than a test run has time for: `node tests/broker/soak-compaction.mjs
 * [--seeds N] [--seed FIRST]`. Needs a build. A failure says its seed; with `--seeds 1 --seed N` it is had again.
 */
import { soak } from '../soak.mjs'

soak({
  proofs: ['tests/broker/compaction'],
  options: {
    seeds: { variable: 'SAMSA_COMPACTION_SEEDS', default: 2000 },
    seed: { variable: 'SAMSA_COMPACTION_FIRST_SEED', default: 1 },
  },
})

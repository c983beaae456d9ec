/**
 * More seeds of groups under trouble than a test run has time for:
 * `node tests/consumer-groups/soak.mjs [--seeds N] [--from M]`. Needs a build. A failure names its seed and prints what
 * happens in it; `--seeds 1 --from SEED` has it again.
 */
import { soak } from '../soak.mjs'

soak({
  proofs: ['tests/consumer-groups'],
  options: {
    seeds: { variable: 'SAMSA_CONSUMER_GROUPS_SEEDS', default: 2000 },
    from: { variable: 'SAMSA_CONSUMER_GROUPS_FIRST', default: 1 },
  },
})

/**
 * More seeds of the producer under trouble than a test run has time for:
 * `node tests/producer-faults/soak.mjs [--seeds N] [--from M]`. Needs a build. A failure names its seed and prints what
 * happens in it; `--seeds 1 --from SEED` has it again.
 */
import { soak } from '../soak.mjs'

soak({
  proofs: ['tests/producer-faults'],
  options: {
    seeds: { variable: 'SAMSA_PRODUCER_FAULTS_SEEDS', default: 5000 },
    from: { variable: 'SAMSA_PRODUCER_FAULTS_FIRST', default: 1 },
  },
})

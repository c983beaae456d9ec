/**
 * What exactly-once helpers promise, for longer than a test run has time for:
 * `node tests/eos/soak.mjs [--seeds N] [--seconds N] [--seed TEXT] [--schedules N] [--troubles N]`. Each row of the matrix (a
 * scheme on a store; on a database server a scheme at a step) is played with so many seeds, or for so many seconds where that is
 * longer; each store is compared with the model over so many schedules, and each scheme has so many kinds of trouble with its
 * broker (from SAMSA_TROUBLE_FIRST on). Needs a build. A failure names its seed; `--seeds 1 --seed TEXT` has it again.
 */
import { soak } from '../soak.mjs'

process.env.SAMSA_MATRIX = 'all'

soak({
  proofs: [
    'tests/eos/matrix.test.ts',
    'tests/eos/matrix-memory.test.ts',
    'tests/eos/matrix-databases.test.ts',
    'tests/eos/faults.test.ts',
    'packages/eos/src/store-tests',
    'tests/databases',
  ],
  options: {
    seeds: { variable: 'SAMSA_MATRIX_SEEDS', default: 3 },
    seconds: { variable: 'SAMSA_MATRIX_SECONDS' },
    schedules: { variable: 'SAMSA_MODEL_SEEDS', default: 100 },
    troubles: { variable: 'SAMSA_TROUBLE_SEEDS', default: 20 },
    seed: { variable: 'SAMSA_MATRIX_SEED', isText: true },
  },
})

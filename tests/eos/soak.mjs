/**
 * The failpoint matrix for longer than a test run has time for, on every store that can be had:
 * `node tests/eos/soak.mjs [--seeds N] [--seconds N] [--seed TEXT] [--schedules N]`. Each row (a scheme on a store; on a database server a scheme
 * at a step) is played with that many seeds, or for so many seconds where that is longer. Needs a build. A failure names its
 * seed; `--seeds 1 --seed TEXT` has it again. And of each store as many schedules are compared with the model.
 */
import { soak } from '../soak.mjs'

process.env.SAMSA_MATRIX = 'all'

soak({
  proofs: [
    'tests/eos/matrix.test.ts',
    'tests/eos/matrix-memory.test.ts',
    'tests/eos/matrix-databases.test.ts',
    'packages/eos/src/store-tests',
    'tests/databases',
  ],
  options: {
    seeds: { variable: 'SAMSA_MATRIX_SEEDS', default: 3 },
    seconds: { variable: 'SAMSA_MATRIX_SECONDS' },
    schedules: { variable: 'SAMSA_MODEL_SEEDS', default: 100 },
    seed: { variable: 'SAMSA_MATRIX_SEED', isText: true },
  },
})

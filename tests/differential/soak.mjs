/**
 * More sequences than a test run has time for, against a Kafka of its own:
 * `node tests/differential/soak.mjs [--sequences N] [--seed TEXT] [--only NUMBER]`. Needs a build and SAMSA_KAFKA_BIN.
 * Without a seed it takes one of its own and says which; `--only` runs the one sequence of the seed that has the number.
 */
import { randomUUID } from 'node:crypto'
import { soak } from '../soak.mjs'

soak({
  proofs: ['tests/differential/differential'],
  options: {
    sequences: { variable: 'SAMSA_DIFFERENTIAL_SEQUENCES', default: 20_000 },
    seed: { variable: 'SAMSA_DIFFERENTIAL_SEED', default: randomUUID(), isText: true },
    only: { variable: 'SAMSA_DIFFERENTIAL_ONLY', least: 0 },
  },
})

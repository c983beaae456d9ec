/**
 * More seeds of transactions under trouble than a test run has time for:
 * `node tests/transactions/soak.mjs [--seeds N] [--from M]`. Needs a build. A failure names its seed and prints what
 * happens in it; `--seeds 1 --from SEED` has it again.
 */
import { soak } from '../soak.mjs'

soak({
  proofs: ['tests/transactions/transactions.test.ts'],
  options: {
    seeds: { variable: 'SAMSA_TRANSACTIONS_SEEDS', default: 2000 },
    from: { variable: 'SAMSA_TRANSACTIONS_FIRST', default: 1 },
  },
})

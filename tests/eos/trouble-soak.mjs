/**
 * More seeds of relays and owners of offsets under trouble than a test run has time for:
 * `node tests/eos/trouble-soak.mjs [--seeds N] [--from M]`. Needs a build. A failure names its seed.
 */
import { soak } from '../soak.mjs'

soak({
  proofs: ['tests/eos/relays-in-trouble.test.ts', 'tests/eos/owners-in-trouble.test.ts'],
  options: {
    seeds: { variable: 'SAMSA_EOS_TROUBLE_SEEDS', default: 200 },
    from: { variable: 'SAMSA_EOS_TROUBLE_FIRST', default: 1 },
  },
})

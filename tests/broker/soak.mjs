/**
 * More rounds of SIGKILL than a test run has time for, 200 without a number: `node tests/broker/soak.mjs [--rounds N]
 * [--seed TEXT]`. Needs a build. Without a seed it takes one of its own and says which, so that a failure can be had again.
 */
import { randomUUID } from 'node:crypto'
import { soak } from '../soak.mjs'

soak({
  proofs: ['tests/broker/kill'],
  options: {
    rounds: { variable: 'SAMSA_KILL_ROUNDS', default: 200 },
    seed: { variable: 'SAMSA_KILL_SEED', default: randomUUID(), isText: true },
  },
})

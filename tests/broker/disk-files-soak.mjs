/**
 * More random use of many files over few descriptors than a test run has time for:
 * `node tests/broker/disk-files-soak.mjs [--steps N] [--seed TEXT]`. Needs a build. Without a seed it takes one of its own
 * and says which, so that a failure can be had again.
 */
import { randomUUID } from 'node:crypto'
import { soak } from '../soak.mjs'

soak({
  proofs: ['tests/broker/disk-files'],
  options: {
    steps: { variable: 'SAMSA_DESCRIPTOR_STEPS', default: 1_000_000, most: 9_999_999_999 },
    seed: { variable: 'SAMSA_DESCRIPTOR_SEED', default: randomUUID(), isText: true },
  },
})

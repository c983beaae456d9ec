import { test } from 'vitest'
import { proofSize } from '../proof-size.js'
import { CompactionModel } from './compaction-model.js'

const SEEDS = proofSize('SAMSA_COMPACTION_SEEDS', 40)
const FIRST_SEED = proofSize('SAMSA_COMPACTION_FIRST_SEED', 1)
const STEPS = 150

test('a log that is compacted again and again holds what the model says, from seeds', {
  timeout: 60_000 + SEEDS * 2000,
}, async () => {
  for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
    const model = new CompactionModel(seed)
    let step = 0
    try {
      for (; step < STEPS; step++) {
        await model.step()
        if (step % 5 === 0) await model.check()
      }
      await model.check()
    } catch (cause) {
      throw new Error(`seed ${seed}, step ${step}`, { cause })
    }
  }
})

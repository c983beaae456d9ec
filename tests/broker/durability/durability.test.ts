/**
 * What an acknowledgement promises, mode by mode, on a simulated disk: seeded workloads with clean stops, ends of the
 * process and losses of power, and after each start the state is one that the promise allows. SAMSA_DURABILITY_SEEDS and
 * SAMSA_DURABILITY_SEED change how many and from which.
 */
import { SeededRandom } from '@samsa/runtime'
import { describe, expect, test } from 'vitest'
import { proofSize } from '../../proof-size.js'
import type { FlushMode } from './machine.js'
import { describeOperation, drawOperations, type Operation } from './operations.js'
import { Scenario } from './scenario.js'

const SEEDS = proofSize('SAMSA_DURABILITY_SEEDS', 300)
const FIRST = Number(process.env['SAMSA_DURABILITY_SEED'] ?? 1)
const OPERATIONS = 60
const MS_PER_SEED = 2000

const MODES: readonly (readonly [name: string, flush: FlushMode])[] = [
  ['os', 'os'],
  ['{ everyMs: 100 }', { everyMs: 100 }],
  ['always', 'always'],
]

async function run(name: string, flush: FlushMode, seed: number, operations: readonly Operation[]): Promise<Scenario> {
  const scenario = new Scenario(`${name} ${seed}`, flush)
  await scenario.run(operations)
  return scenario
}

/** The same failure with fewer operations, as far as leaving out one after the other leads. */
async function smaller(name: string, flush: FlushMode, seed: number, operations: Operation[]): Promise<Operation[]> {
  let kept = operations
  for (let length = Math.ceil(kept.length / 2); length >= 1; length = length === 1 ? 0 : Math.ceil(length / 2)) {
    for (let at = 0; at < kept.length; ) {
      const fewer = [...kept.slice(0, at), ...kept.slice(at + length)]
      if ((await run(name, flush, seed, fewer)).problems.length > 0) kept = fewer
      else at += length
    }
  }
  return kept
}

describe.each(MODES)("with flush '%s'", (name, flush) => {
  test(
    `${SEEDS} workloads with crashes end in what the promise allows`,
    async () => {
      const total = { acknowledged: 0, crashes: 0, stops: 0, lost: 0, resent: 0, failedStarts: 0 }
      for (let seed = FIRST; seed < FIRST + SEEDS; seed++) {
        const operations = drawOperations(new SeededRandom(`${name} ${seed}`).fork('operations'), OPERATIONS)
        const { problems, counts } = await run(name, flush, seed, operations)
        for (const key of Object.keys(total) as (keyof typeof total)[]) total[key] += counts[key]
        if (problems.length === 0) continue
        const kept = await smaller(name, flush, seed, operations)
        const again = await run(name, flush, seed, kept)
        const lines = kept.map(describeOperation).join('\n  ')
        expect.fail(
          `SAMSA_DURABILITY_SEED=${seed}:\n${problems.join('\n')}\nsmaller: ${again.problems.join('\n')}\n  ${lines}`,
        )
      }
      expect(total.acknowledged).toBeGreaterThan(SEEDS * 5)
      expect(total.crashes + total.stops).toBeGreaterThan(SEEDS)
    },
    SEEDS * MS_PER_SEED + 60_000,
  )
})

/**
 * What groups are after a loss of power or the end of the process, mode by mode, on a simulated disk: seeded lives of
 * members and committers, and after each start the offsets, generations and members are what the promise allows and the log
 * says. SAMSA_GROUP_DURABILITY_SEEDS and SAMSA_GROUP_DURABILITY_SEED change how many and from which.
 */
import { expect, test } from 'vitest'
import { proofSize } from '../../proof-size.js'
import type { FlushMode } from '../durability/machine.js'
import { GroupScenario, noCounts } from './group-scenario.js'

/** Of all modes together. */
const ALL_SEEDS = proofSize('SAMSA_GROUP_DURABILITY_SEEDS', 60)
const FIRST = Number(process.env['SAMSA_GROUP_DURABILITY_SEED'] ?? 1)
const MS_PER_SEED = 5000
/** From so many on, something of everything must have happened. */
const ENOUGH_SEEDS = 10

const MODES: readonly (readonly [name: string, flush: FlushMode])[] = [
  ['os', 'os'],
  ['{ everyMs: 100 }', { everyMs: 100 }],
  ['always', 'always'],
]

const SEEDS = Math.ceil(ALL_SEEDS / MODES.length)

test.each(MODES)(
  `with flush '%s' ${SEEDS} lives of groups are taken up where the promise says`,
  async (name, flush) => {
    const total = noCounts()
    for (let seed = FIRST; seed < FIRST + SEEDS; seed++) {
      const scenario = new GroupScenario(`${name} ${seed}`, flush)
      await scenario.run()
      if (scenario.problems.length > 0) {
        expect.fail([`SAMSA_GROUP_DURABILITY_SEED=${seed}:`, ...scenario.problems].join('\n'))
      }
      for (const key of Object.keys(total) as (keyof typeof total)[]) total[key] += scenario.counts[key]
    }

    if (SEEDS < ENOUGH_SEEDS) return
    expect(total.acknowledged).toBeGreaterThan(SEEDS * 5)
    expect(total.synced).toBeGreaterThan(SEEDS)
    expect(total.crashes).toBeGreaterThan(SEEDS)
    expect(total.compactedAway).toBeGreaterThan(SEEDS)
    expect(total.startsWithMembers).toBeGreaterThan(SEEDS / 2)
  },
  SEEDS * MS_PER_SEED + 60_000,
)

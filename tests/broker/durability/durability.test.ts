/**
 * What an acknowledgement promises, mode by mode, on a simulated disk: seeded workloads with clean stops, ends of the
 * process and losses of power, and after each start the state is one that the promise allows. SAMSA_DURABILITY_SEEDS and
 * SAMSA_DURABILITY_SEED change how many and from which.
 */
import { SeededRandom } from '@samsa/runtime'
import { describe, expect, test } from 'vitest'
import { proofSize } from '../../proof-size.js'
import type { FlushMode } from './machine.js'
import { describeOperation, drawFaultyOperations, drawOperations, type Operation } from './operations.js'
import { noCounts, Scenario } from './scenario.js'

/** Of all modes together. */
const ALL_SEEDS = proofSize('SAMSA_DURABILITY_SEEDS', 300)
const FIRST = Number(process.env['SAMSA_DURABILITY_SEED'] ?? 1)
const OPERATIONS = 50
const MS_PER_SEED = 2000
/** From so many on, something of everything must have happened. */
const ENOUGH_SEEDS = 10

const MODES: readonly (readonly [name: string, flush: FlushMode])[] = [
  ['os', 'os'],
  ['{ everyMs: 100 }', { everyMs: 100 }],
  ['always', 'always'],
]

const SEEDS = Math.ceil(ALL_SEEDS / MODES.length)

const SHRINKS = process.env['SAMSA_DURABILITY_SMALLER'] !== 'no'

interface Proof {
  readonly name: string
  readonly flush: FlushMode
  readonly draw: (random: SeededRandom) => Operation[]
}

async function run({ name, flush }: Proof, seed: number, operations: readonly Operation[]): Promise<Scenario> {
  const scenario = new Scenario(`${name} ${seed}`, flush)
  await scenario.run(operations, operations.every(losesPowerOrNot))
  return scenario
}

/** Where a sync may fail, power is not lost. */
function losesPowerOrNot(operation: Operation): boolean {
  return operation.kind !== 'fault' || operation.fault.operation !== 'sync'
}

/** The same failure with fewer operations, as far as leaving out one after the other leads. */
async function smaller(proof: Proof, seed: number, operations: Operation[]): Promise<Operation[]> {
  let kept = operations
  for (let length = Math.ceil(kept.length / 2); length >= 1; length = length === 1 ? 0 : Math.ceil(length / 2)) {
    for (let at = 0; at < kept.length; ) {
      const fewer = [...kept.slice(0, at), ...kept.slice(at + length)]
      if ((await run(proof, seed, fewer)).problems.length > 0) kept = fewer
      else at += length
    }
  }
  return kept
}

/** Runs all seeds; what happened in them, added up. Fails at the first problem, and says how to have it again. */
async function prove(proof: Proof, seeds: number): Promise<Scenario['counts']> {
  const total = noCounts()
  for (let seed = FIRST; seed < FIRST + seeds; seed++) {
    const operations = proof.draw(new SeededRandom(`${proof.name} ${seed}`).fork('operations'))
    const { problems, counts } = await run(proof, seed, operations)
    for (const key of Object.keys(total) as (keyof typeof total)[]) total[key] += counts[key]
    if (problems.length === 0) continue
    const kept = SHRINKS ? await smaller(proof, seed, operations) : operations
    const again = await run(proof, seed, kept)
    const lines = [`SAMSA_DURABILITY_SEED=${seed}:`, ...problems, 'With fewer operations:', ...again.problems]
    expect.fail([...lines, ...kept.map(operation => `  ${describeOperation(operation)}`)].join('\n'))
  }
  return total
}

describe.each(MODES)("with flush '%s'", (name, flush) => {
  test(
    `${SEEDS} workloads with crashes end in what the promise allows`,
    async () => {
      const total = await prove({ name, flush, draw: random => drawOperations(random, OPERATIONS) }, SEEDS)
      if (SEEDS < ENOUGH_SEEDS) return
      expect(total.acknowledged).toBeGreaterThan(SEEDS * 5)
      expect(total.compactedAway).toBeGreaterThan(SEEDS * 5)
      expect(total.crashes + total.stops).toBeGreaterThan(SEEDS)
    },
    SEEDS * MS_PER_SEED + 60_000,
  )
})

describe('with a disk that fails while the broker runs', () => {
  test.each(MODES)(
    '%s: nothing acknowledged is lost, what fails is answered, and other partitions go on',
    async (name, flush) => {
      const seeds = Math.ceil(SEEDS / 4)
      const draw = (random: SeededRandom): Operation[] => drawFaultyOperations(random, OPERATIONS)
      const total = await prove({ name: `faulty ${name}`, flush, draw }, seeds)
      if (seeds >= ENOUGH_SEEDS) expect(total.failed).toBeGreaterThan(seeds / 10)
    },
    SEEDS * MS_PER_SEED + 60_000,
  )
})

test('a seed replays: the same workload ends in the same bytes', async () => {
  const proof: Proof = { name: 'always', flush: 'always', draw: random => drawOperations(random, OPERATIONS) }
  const once = async (): Promise<unknown> => {
    const scenario = await run(proof, FIRST, proof.draw(new SeededRandom('replay')))
    return { counts: scenario.counts, operations: scenario.machine.disk.operations, bytes: scenario.machine.bytes() }
  }
  expect(await once()).toEqual(await once())
})

/**
 * The producer under trouble: seeded workloads against a broker of several nodes whose connections, answers, leaders and
 * nodes fail in every way that the seed draws. What was acknowledged is there, once, where it was told and in order; what
 * was refused is not. SAMSA_PRODUCER_FAULTS_SEEDS and SAMSA_PRODUCER_FAULTS_FIRST change how many and from which; a failure
 * prints what happened in its seed.
 */
import { SeededRandom } from '@samsa/runtime'
import { expect, test } from 'vitest'
import { proofSize } from '../proof-size.js'
import { describeScript } from './played-script.js'
import { Scenario } from './scenario.js'
import { drawScript, type Script } from './script.js'
import { verdict } from './verdict.js'

const SEEDS = proofSize('SAMSA_PRODUCER_FAULTS_SEEDS', 100)
const FIRST = Number(process.env['SAMSA_PRODUCER_FAULTS_FIRST'] ?? 1)
const MS_PER_SEED = 5000
/** From so many on, something of everything must have happened. */
const ENOUGH_SEEDS = 50

interface Result {
  readonly scenario: Scenario
  readonly problems: readonly string[]
}

function scriptOf(seed: number): Script {
  return drawScript(new SeededRandom(`producer faults ${seed}`))
}

async function play(script: Script): Promise<Result> {
  const scenario = new Scenario(script)
  await scenario.run()
  const wrong = scenario.problems.length > 0 ? scenario.problems : verdict(script, scenario.ledger, scenario.stored)
  return { scenario, problems: wrong }
}

test(
  `${SEEDS} workloads in trouble end in what senders were told`,
  async () => {
    const total = { hits: 0, retries: 0, acknowledged: 0, failed: 0 }
    for (let seed = FIRST; seed < FIRST + SEEDS; seed++) {
      const script = scriptOf(seed)
      const { scenario, problems } = await play(script)
      if (problems.length > 0) {
        expect.fail([`SAMSA_PRODUCER_FAULTS_FIRST=${seed}:`, ...problems, describeScript(script)].join('\n'))
      }
      total.hits += scenario.counts.hits
      total.retries += scenario.counts.retries
      for (const { told } of scenario.ledger.entries.values()) {
        if (told[0] !== undefined) total[told[0].kind]++
      }
    }
    if (SEEDS < ENOUGH_SEEDS) return
    expect(total.acknowledged).toBeGreaterThan(SEEDS * 20)
    expect(total.failed).toBeGreaterThan(SEEDS)
    expect(total.hits).toBeGreaterThan(SEEDS)
    expect(total.retries).toBeGreaterThan(SEEDS)
  },
  SEEDS * MS_PER_SEED + 60_000,
)

test('a seed replays: the same script ends in the same logs and the same outcomes', async () => {
  const once = async (): Promise<unknown> => {
    const { scenario } = await play(scriptOf(FIRST))
    const { ledger, stored, counts } = scenario
    return { stored, counts, told: Array.from(ledger.entries.values(), ({ id, told }) => [id, told]) }
  }
  expect(await once()).toEqual(await once())
})

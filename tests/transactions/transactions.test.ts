/**
 * Transactions under trouble: real producers and consumers against the bundled broker, on a clock that stands still. Seeds
 * draw who writes, who copies from topic to topic in a group, and what happens to them: processes that crash, stall, are cut
 * off or haunt their successors, faults of the network, and brokers that stop, crash or move. The checker of `@samsa/eos/history` judges what
 * everybody saw. SAMSA_TRANSACTIONS_SEEDS and SAMSA_TRANSACTIONS_FIRST change how many and from which; a failure prints
 * what happened in its seed.
 */
import { SeededRandom } from '@samsa/runtime'
import { expect, test } from 'vitest'
import { describeScript } from '../producer-faults/played-script.js'
import { proofSize } from '../proof-size.js'
import { Scenario } from './scenario.js'
import { drawScript, type Script } from './script.js'

const SEEDS = proofSize('SAMSA_TRANSACTIONS_SEEDS', 14)
const FIRST = Number(process.env['SAMSA_TRANSACTIONS_FIRST'] ?? 1)
const MS_PER_SEED = 30_000
/** From so many on, something of everything must have happened. */
const ENOUGH_SEEDS = 50
const LAST_EVENTS = 200

function scriptOf(seed: number): Script {
  return drawScript(new SeededRandom(`transactions ${seed}`))
}

async function play(script: Script): Promise<Scenario> {
  const scenario = new Scenario(script)
  await scenario.run()
  return scenario
}

test(
  `${SEEDS} lives of transactions are as their producers were told, for every reader and for ever`,
  async () => {
    const total = { hits: 0, crashes: 0, replaced: 0, committed: 0, aborted: 0, unknown: 0, copied: 0 }
    for (let seed = FIRST; seed < FIRST + SEEDS; seed++) {
      const script = scriptOf(seed)
      const { history, anomalies, counts } = await play(script)
      if (history.problems.length > 0 || anomalies.length > 0) {
        const found = anomalies.slice(0, 20).map(({ kind, text }) => `${kind}: ${text}`)
        const start = `SAMSA_TRANSACTIONS_FIRST=${seed}:`
        const events = history.events.slice(-LAST_EVENTS)
        expect.fail([start, ...history.problems, ...found, describeScript(script), ...events].join('\n'))
      }
      for (const name of ['hits', 'crashes', 'replaced'] as const) total[name] += counts[name]
      for (const { outcome, isCommitAsked, writes } of history.transactions) {
        if (outcome !== 'open') total[outcome]++
        else if (isCommitAsked) total.unknown++
        if (outcome === 'committed') total.copied += writes.filter(({ input }) => input !== undefined).length
      }
    }
    if (SEEDS < ENOUGH_SEEDS) return
    expect(total.committed).toBeGreaterThan(SEEDS * 10)
    expect(total.copied).toBeGreaterThan(SEEDS * 10)
    expect(total.aborted).toBeGreaterThan(SEEDS)
    expect(total.unknown).toBeGreaterThan(SEEDS / 5)
    expect(total.crashes).toBeGreaterThan(SEEDS / 5)
    expect(total.replaced).toBeGreaterThan(SEEDS / 5)
    expect(total.hits).toBeGreaterThan(SEEDS / 2)
  },
  SEEDS * MS_PER_SEED + 60_000,
)

test('a seed replays: the same script ends in the same events', async () => {
  const once = async (): Promise<readonly string[]> => (await play(scriptOf(FIRST))).history.events
  expect(await once()).toEqual(await once())
})

/**
 * Groups under trouble: real consumers of one group against the bundled broker, on a clock that stands still. Seeds draw
 * the protocol, how members read and commit, and who starts, stops, stalls, crashes or is cut off. Every record is handled,
 * nobody reads what is another's, no commit is ahead, and the group comes to rest by itself. SAMSA_CONSUMER_GROUPS_SEEDS
 * and SAMSA_CONSUMER_GROUPS_FIRST change how many and from which; a failure prints what happened in its seed.
 */
import { SeededRandom } from '@samsa/runtime'
import { expect, test } from 'vitest'
import { describeScript } from '../producer-faults/played-script.js'
import { proofSize } from '../proof-size.js'
import { Scenario } from './scenario.js'
import { drawScript, type Script } from './script.js'

const SEEDS = proofSize('SAMSA_CONSUMER_GROUPS_SEEDS', 200)
const FIRST = Number(process.env['SAMSA_CONSUMER_GROUPS_FIRST'] ?? 1)
const MS_PER_SEED = 15_000
/** From so many on, something of everything must have happened. */
const ENOUGH_SEEDS = 50
const LAST_EVENTS = 150

function scriptOf(seed: number): Script {
  return drawScript(new SeededRandom(`consumer groups ${seed}`))
}

async function play(script: Script): Promise<Scenario> {
  const scenario = new Scenario(script)
  await scenario.run()
  return scenario
}

test(
  `${SEEDS} groups in trouble handle every record and come to rest`,
  async () => {
    const total = { hits: 0, lost: 0, revoked: 0, handled: 0, repeated: 0, commits: 0, superseded: 0 }
    for (let seed = FIRST; seed < FIRST + SEEDS; seed++) {
      const script = scriptOf(seed)
      const { history, counts } = await play(script)
      if (history.problems.length > 0) {
        const events = history.events.slice(-LAST_EVENTS)
        const start = `SAMSA_CONSUMER_GROUPS_FIRST=${seed}:`
        expect.fail([start, ...history.problems, describeScript(script), ...events].join('\n'))
      }
      total.hits += counts.hits
      for (const name of ['lost', 'revoked', 'handled', 'repeated', 'commits', 'superseded'] as const) {
        total[name] += history.counts[name]
      }
    }
    if (SEEDS < ENOUGH_SEEDS) return
    expect(total.handled).toBeGreaterThan(SEEDS * 50)
    expect(total.repeated).toBeGreaterThan(SEEDS)
    expect(total.revoked).toBeGreaterThan(SEEDS)
    expect(total.commits).toBeGreaterThan(SEEDS * 5)
    expect(total.hits).toBeGreaterThan(SEEDS / 2)
    expect(total.lost).toBeGreaterThan(SEEDS / 10)
    expect(total.superseded).toBeGreaterThan(SEEDS / 10)
  },
  SEEDS * MS_PER_SEED + 60_000,
)

test('a seed replays: the same script ends in the same events', async () => {
  const once = async (): Promise<readonly string[]> => (await play(scriptOf(FIRST))).history.events
  expect(await once()).toEqual(await once())
})

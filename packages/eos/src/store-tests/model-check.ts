/**
 * The model check: a store says to every step of a schedule what the store in memory says. Where it does not, the schedule is made
 * as short as it can be while they differ.
 */
import { ManualClock, SeededRandom } from '@samsa/runtime'
import { memoryStore } from '../memory/memory-store.js'
import { drawSchedule, type ScheduleStep } from './schedule.js'
import { SchedulePlayer } from './schedule-player.js'
import type { Contract, StoreUnderTest } from './store-case.js'

export interface ModelCheckOptions {
  /** Decides everything: the same seed is the same schedule. */
  readonly seed: string
  /** Default: 60. */
  readonly steps?: number | undefined
  /** What the store keeps. Default: transactions, leases, offsets and outbox. */
  readonly contracts?: readonly Contract[] | undefined
  /** By how much its clock may have gone on by itself. Default: 0. */
  readonly slackMs?: number | undefined
}

const EVERYTHING: readonly Contract[] = ['transactions', 'leases', 'offsets', 'outbox']
/** Schedules that are tried to find a shorter one. */
const MOST_TRIES = 200
const FORGET_LIMIT = 1_000

interface Difference {
  readonly at: number
  readonly model: string
  readonly store: string
}

/** `open` gives a store with nothing in it, as often as it is called. Rejects with the seed and a short schedule. */
export async function checkAgainstModel(
  open: () => Promise<StoreUnderTest> | StoreUnderTest,
  { seed, steps = 60, contracts = EVERYTHING, slackMs = 0 }: ModelCheckOptions,
): Promise<void> {
  const differs = async (schedule: readonly ScheduleStep[]): Promise<Difference | undefined> =>
    await firstDifference(await open(), schedule, slackMs)
  let schedule = drawSchedule(new SeededRandom(seed), steps, contracts)
  let difference = await differs(schedule)
  if (difference === undefined) return
  let tries = 0
  schedule = schedule.slice(0, difference.at + 1)
  for (let size = schedule.length >> 1; size > 0 && tries < MOST_TRIES; size >>= 1) {
    for (let from = 0; from < schedule.length && tries < MOST_TRIES; ) {
      const shorter = schedule.toSpliced(from, size)
      const still = await differs(shorter)
      tries++
      if (still === undefined) from += size
      else {
        difference = still
        schedule = shorter.slice(0, still.at + 1)
      }
    }
  }
  const lines = schedule.map(step => `  ${JSON.stringify(step)}`)
  const { model, store } = difference
  throw new Error(`The seed '${seed}' ends in a difference:\n${lines.join('\n')}\nmodel: ${model}\nstore: ${store}`)
}

async function firstDifference(
  subject: StoreUnderTest,
  schedule: readonly ScheduleStep[],
  slackMs: number,
): Promise<Difference | undefined> {
  const clock = new ManualClock()
  const memory = memoryStore({ clock })
  const model = new SchedulePlayer({ store: memory, passMs: ms => clock.advance({ ms }) })
  const player = new SchedulePlayer(subject)
  const { forgetsByItself = false } = subject
  for (const [at, step] of schedule.entries()) {
    if (forgetsByItself) {
      await memory.prune(FORGET_LIMIT)
      if (step.kind === 'prune') continue
    }
    const expected = await model.play(step)
    const said = await player.play(step).catch((error: unknown) => ({ text: String(error), waitMs: 0 }))
    const isSame = said.text === expected.text && Math.abs(said.waitMs - expected.waitMs) <= slackMs
    if (!isSame) return { at, model: textOf(expected), store: textOf(said) }
  }
  return undefined
}

function textOf({ text, waitMs }: { readonly text: string; readonly waitMs: number }): string {
  return waitMs === 0 ? text : `${text}, and to wait ${waitMs} ms`
}

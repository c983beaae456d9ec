import { type Random, SeededRandom } from '@samsa/runtime'
import { describe, expect, test } from 'vitest'
import type { ConsumerRecord } from '../consumer-record.js'
import type { RecordHandler } from './handler.js'
import { numbered } from './test-batch.js'
import { placeOf, RunScene } from './test-run-scene.js'

type AnyRecord = ConsumerRecord<unknown, unknown>

/** Partitions, pauses and handlers at random, and a model that knows what must hold. */
class HandledWorld {
  readonly complaints: string[] = []
  readonly #scene: RunScene
  readonly #random: Random
  readonly #orderBy: 'partition' | 'key' | 'none'
  readonly #handled = new Map<string, Set<number>>()
  readonly #running = new Map<string, number>()
  /** Of those that run, how many have left their place. */
  #resting = 0
  readonly #lastOf = new Map<string, number>()
  readonly #counts: number[] = []
  readonly #maxPending: number

  constructor(random: Random, orderBy: 'partition' | 'key' | 'none') {
    this.#random = random
    this.#orderBy = orderBy
    this.#scene = new RunScene({ autoCommitIntervalMs: 50, seed: random.integer(0, 1000) })
    this.#maxPending = random.integer(1, 60)
  }

  async play(): Promise<void> {
    const scene = this.#scene
    const concurrency = this.#random.integer(1, 9)
    const controller = new AbortController()
    const options = {
      concurrency,
      orderBy: this.#orderBy,
      maxPendingRecords: this.#maxPending,
      retry: { attempts: Number.POSITIVE_INFINITY, initialMs: 5, maxMs: 40 },
      signal: controller.signal,
    }
    for (let index = this.#random.integer(1, 5); index > 0; index--) this.#counts.push(0) && scene.partition()
    const ended = scene.begin(this.#handle, options)
    for (let step = 0; step < 60; step++) {
      const chosen = this.#random.integer(0, scene.states.length)
      const state = scene.states[chosen]
      if (state === undefined) continue
      if (step < 40 && this.#random.next() < 0.5) {
        const count = this.#random.integer(1, 30)
        this.#counts[chosen] = (this.#counts[chosen] ?? 0) + count
        scene.fetched(state, numbered(count, ['a', 'b', 'c', null]))
      }
      if (this.#random.next() < 0.1) state.isPaused = !state.isPaused
      await scene.clock.advance(this.#random.integer(0, 30))
      this.#check(concurrency)
    }
    for (const state of scene.states) state.isPaused = false
    // Every stall ends: nothing but time is needed now.
    await scene.clock.advance(200_000)
    controller.abort()
    await scene.clock.advance(100)
    await ended
    this.#check(concurrency)
  }

  unhandled(): string[] {
    return this.#counts.flatMap((count, partition) =>
      Array.from({ length: count }, (_, offset) => offset)
        .filter(offset => this.#handled.get(String(partition))?.has(offset) !== true)
        .map(offset => `${partition}@${offset}`),
    )
  }

  readonly #handle: RecordHandler = async (given, { attempt, rest }) => {
    const record = given as AnyRecord
    const lane = this.#laneOf(record)
    const offset = Number(record.offset)
    if (lane !== undefined) {
      const before = this.#running.get(lane)
      if (before !== undefined) this.complaints.push(`${placeOf(record)} overlaps ${before} in ${lane}`)
    }
    const handled = this.#handled.get(String(record.partition)) ?? new Set<number>()
    this.#handled.set(String(record.partition), handled)
    if (handled.has(offset)) this.complaints.push(`${placeOf(record)} was handled twice`)
    if (lane !== undefined && offset < (this.#lastOf.get(lane) ?? 0))
      this.complaints.push(`${placeOf(record)} came late`)
    if (lane !== undefined) this.#lastOf.set(lane, offset)
    this.#running.set(lane ?? placeOf(record), offset)
    try {
      if (this.#random.next() < 0.5) await this.#scene.clock.sleep(this.#random.integer(0, 25))
      if (this.#random.next() < 0.2) {
        this.#resting++
        await rest(this.#random.integer(0, 40))
        this.#resting--
      }
      if (this.#random.next() < 0.2) await this.#scene.clock.sleep(this.#random.integer(0, 25))
      if (attempt < 4 && this.#random.next() < 0.2) throw new Error('at random')
      handled.add(offset)
    } finally {
      this.#running.delete(lane ?? placeOf(record))
    }
  }

  #laneOf({ partition, keyBytes }: AnyRecord): string | undefined {
    if (this.#orderBy === 'partition') return String(partition)
    return this.#orderBy === 'key' && keyBytes !== null ? `${partition}/${keyBytes.toString()}` : undefined
  }

  #check(concurrency: number): void {
    const awake = this.#running.size - this.#resting
    if (awake > concurrency) this.complaints.push(`${awake} handlers run`)
    for (const commit of this.#scene.commits) {
      const [partition = '', upTo] = commit.split('@')
      for (let offset = 0; offset < Number(upTo); offset++) {
        if (this.#handled.get(partition)?.has(offset) !== true) this.complaints.push(`${commit} is ahead of ${offset}`)
      }
    }
    for (const state of this.#scene.states) {
      const pending = this.#scene.run.workOf(state)?.frontier.pending ?? 0
      if (pending > this.#maxPending) this.complaints.push(`${pending} are pending, of at most ${this.#maxPending}`)
    }
  }
}

describe('whatever handlers do (seeds)', () => {
  const orders = ['partition', 'key', 'none'] as const
  const cases = Array.from({ length: 45 }, (_, seed) => [orders[seed % 3] ?? 'none', seed] as const)

  test.each(cases)('by %s (seed %i)', async (orderBy, seed) => {
    const random = new SeededRandom(seed)
    const world = new HandledWorld(random, orderBy)
    await world.play()
    expect(world.complaints).toEqual([])
    expect(world.unhandled()).toEqual([])
  })
})

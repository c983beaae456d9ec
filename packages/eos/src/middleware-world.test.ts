/**
 * deadLetter(retry(dedup(…))) through crashes at random steps: every life of the process ends somewhere, what was not committed comes
 * again, and in the end each record was handled once or set aside, and nothing else.
 */
import { deadLetterHeaders } from '@samsa/consumer'
import { KafkaError, ManualClock, type Random, SeededRandom } from '@samsa/runtime'
import { afterEach, expect, test } from 'vitest'
import { deadLetter } from './dead-letter.js'
import { dedup } from './dedup.js'
import { armFailpoint, disarmFailpoint, type FailpointName } from './failpoint.js'
import { type MemoryStore, memoryStore } from './memory/memory-store.js'
import type { Middleware } from './middleware.js'
import { retry } from './retry.js'
import { contextOf, readRecord, type SentRecord, type TestValue } from './test-records.js'

const STEPS: readonly FailpointName[] = [
  'deadLetter.afterCount',
  'deadLetter.afterSend',
  'retry.afterSend',
  'dedup.afterBegin',
  'dedup.afterInsert',
  'dedup.afterHandler',
  'tx.beforeCommit',
  'tx.afterCommit',
]
const RECORDS = 25
const MOST_LIVES = 1000

/** Nothing that is begun behind a death comes to an end, and nobody waits for it. */
class Life {
  readonly end: Promise<'dead'>
  #isOver = false
  #onEnd: (how: 'dead') => void = () => {}

  constructor() {
    this.end = new Promise(resolve => {
      this.#onEnd = resolve
    })
  }

  die(): never {
    this.#isOver = true
    this.#onEnd('dead')
    throw new Error('this life is over')
  }

  /** The same, of who lives. */
  readonly bound = <Parameters extends readonly unknown[], Result>(work: (...given: Parameters) => Promise<Result>) => {
    return (...given: Parameters): Promise<Result> => (this.#isOver ? new Promise(() => {}) : work(...given))
  }
}

/** What a record does to its handler: it is fine, fails so many times, fails always, or ends the process always. */
const kinds = ['fine', 'fine', 'flaky', 'bad', 'deadly', 'unreadable', 'nameless'] as const
type Kind = (typeof kinds)[number]

class MiddlewareWorld {
  readonly #random: Random
  readonly #clock = new ManualClock()
  readonly #store = memoryStore({ clock: this.#clock })
  /** By topic, what is in it, and up to where it is committed. */
  readonly #logs = new Map<string, SentRecord[]>()
  readonly #committed = new Map<string, number>()
  readonly #failures = new Map<string, number>()
  readonly #sent: { readonly id: string; readonly kind: Kind }[] = []
  lives = 0

  constructor(random: Random) {
    this.#random = random
    for (let number = 0; number < RECORDS; number++) {
      const kind = kinds[random.integer(0, kinds.length)] ?? 'fine'
      const known = { id: `${kind} ${number}`, kind }
      this.#sent.push(known)
      for (let copies = random.integer(1, 3); copies > 0; copies--) this.#append('main', sentValue(known))
    }
  }

  /** Lives until nothing is left to be handled. */
  async play(): Promise<void> {
    while (!this.#isDrained() && this.lives < MOST_LIVES) {
      this.lives++
      const life = new Life()
      const step = STEPS[this.#random.integer(0, STEPS.length)] ?? 'tx.afterCommit'
      if (this.#random.next() < 0.7) armFailpoint(step, this.#random.integer(1, 8), () => life.die())
      await this.#live(life)
      disarmFailpoint()
      // A claim of the life before is over.
      await this.#clock.advance(2)
    }
  }

  async problems(): Promise<string[]> {
    const counts = await this.#store.transaction(async tx =>
      this.#sent.map(({ id }) => ({ id, done: tx.get<number>(id) ?? 0 })),
    )
    const letters = (this.#logs.get('dead') ?? []).map(letter => readRecord(letter))
    if (!this.#isDrained()) return [`after ${this.lives} lives there are records left`]
    return this.#sent.flatMap(({ id, kind }, index) => {
      const done = counts[index]?.done ?? 0
      const buried = letters.filter(letter => letter.valueBytes?.toString().includes(id))
      const strangers = buried.filter(letter => letter.header(deadLetterHeaders.topic) !== 'main')
      const isHandled = kind === 'fine' || kind === 'flaky'
      const isRight = isHandled ? done === 1 && buried.length === 0 : done === 0 && buried.length > 0
      return isRight && strangers.length === 0 ? [] : [`${id} was done ${done} times and buried ${buried.length} times`]
    })
  }

  #newProcess(life: Life): Middleware<string, TestValue> {
    const clock = this.#clock
    const producer = {
      send: life.bound(async (record: SentRecord) => {
        if (this.#random.next() < 0.05)
          throw new KafkaError('no leader', { code: 'NETWORK_EXCEPTION', retriable: true })
        this.#append(record.topic, record)
      }),
    }
    const topics = [
      { topic: 'soon', delayMs: 10 },
      { topic: 'later', delayMs: 500 },
    ]
    const store = this.#storeOf(life)
    return deadLetter<string, TestValue>(
      // Each life may end beside a record that is fine, which must bear that.
      { producer, topic: 'dead', store, clock, maxDeliveries: 40 },
      retry(
        { attempts: 2, initialMs: 1, topics, producer, clock, random: this.#random },
        dedup({ store, key: record => record.value?.id }, ({ value }, { tx }) => {
          const { id = '', text } = value ?? {}
          tx.set(id, (tx.get<number>(id) ?? 0) + 1)
          if (text === 'deadly') life.die()
          const failures = this.#failures.get(id) ?? 0
          this.#failures.set(id, failures + 1)
          if (text === 'bad' || (text === 'flaky' && failures < 3)) throw new Error('on purpose')
        }),
      ),
    )
  }

  #storeOf({ bound }: Life): MemoryStore {
    const store = this.#store
    const calls = { transaction: bound(store.transaction.bind(store)), claim: bound(store.claim.bind(store)) }
    const completion = { complete: bound(store.complete.bind(store)), insertOnce: store.insertOnce.bind(store) }
    return { ...calls, ...completion } as unknown as MemoryStore
  }

  /** One record after the other, of any topic that has one, each topic in its order; what fails ends the life, as a run does. */
  async #live(life: Life): Promise<void> {
    const handle = this.#newProcess(life)
    const positions = new Map(this.#committed)
    for (;;) {
      const open = ['main', 'soon', 'later'].filter(topic => (positions.get(topic) ?? 0) < this.#lengthOf(topic))
      const topic = open[this.#random.integer(0, Math.max(open.length, 1))]
      if (topic === undefined) return this.#commit(positions)
      const offset = positions.get(topic) ?? 0
      const record = readRecord({ value: null, ...this.#logs.get(topic)?.[offset], topic, offset })
      const context = contextOf(undefined, this.#clock)
      const handled = handle(record, { ...context, rest: life.bound(context.rest) }).then(
        () => 'handled' as const,
        () => 'failed' as const,
      )
      if ((await this.#settled(Promise.race([handled, life.end]))) !== 'handled') return
      positions.set(topic, offset + 1)
      if (this.#random.next() < 0.4) this.#commit(positions)
    }
  }

  /** What time it takes passes. */
  async #settled<Result>(settling: Promise<Result>): Promise<Result> {
    let isOver = false
    void settling.then(() => {
      isOver = true
    })
    for (await this.#clock.settle(); !isOver; ) await this.#clock.advanceToNextTimer()
    return await settling
  }

  #commit(positions: ReadonlyMap<string, number>): void {
    for (const [topic, position] of positions) this.#committed.set(topic, position)
  }

  #isDrained(): boolean {
    return ['main', 'soon', 'later'].every(topic => (this.#committed.get(topic) ?? 0) === this.#lengthOf(topic))
  }

  #lengthOf(topic: string): number {
    return this.#logs.get(topic)?.length ?? 0
  }

  #append(topic: string, record: Omit<SentRecord, 'topic'>): void {
    const log = this.#logs.get(topic) ?? []
    this.#logs.set(topic, log)
    log.push({ ...record, topic })
  }
}

function sentValue({ id, kind }: { readonly id: string; readonly kind: Kind }): Omit<SentRecord, 'topic'> {
  if (kind === 'unreadable') return { value: `${id}, which is no JSON` }
  return { value: JSON.stringify(kind === 'nameless' ? { text: id } : { id, text: kind }) }
}

afterEach(disarmFailpoint)

/** More with SAMSA_MIDDLEWARE_SEEDS. */
const SEEDS = Number(process.env['SAMSA_MIDDLEWARE_SEEDS'] ?? 12)

test.each(Array.from({ length: SEEDS }, (_, seed) => seed))(
  'whatever crashes when (seed %i)',
  async seed => {
    const world = new MiddlewareWorld(new SeededRandom(seed))
    await world.play()
    expect(await world.problems()).toEqual([])
  },
  60_000,
)

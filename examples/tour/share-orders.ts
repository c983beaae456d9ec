/**
 * Two consumers of a group share the partitions of a topic. The first begins alone; at the half it holds on until the second is
 * there, and the group gives that one partitions which the first had. Before they go, what was done with them is committed, so
 * nothing is read twice.
 */
import { Consumer, json, string, type TopicPartition } from '@samsa/consumer'
import type { Order } from './produce-orders.js'

export interface MemberOutcome {
  readonly name: string
  readonly handled: number
  /** How many it has, and how many it was given and asked for while it worked. */
  readonly partitions: number
  readonly given: number
  readonly takenAway: number
}

export interface Shared {
  readonly members: readonly MemberOutcome[]
  readonly distinct: number
  readonly repeated: number
  readonly seconds: number
}

export interface ShareOptions {
  readonly bootstrapServers: string
  readonly topic: string
  readonly groupId: string
  readonly count: number
  readonly signal: AbortSignal
  readonly onProgress: (seen: number, perSecond: number) => void
  readonly onRebalance: (text: string) => void
}

/** Without anything new for so long, orders are missing. */
const STANDSTILL_MS = 20_000

/** Which orders were seen, by all members together. */
class SeenOrders {
  readonly #numbers: Uint8Array
  distinct = 0
  repeated = 0
  lastAtMs = performance.now()

  constructor(count: number) {
    this.#numbers = new Uint8Array(count)
  }

  add(number: number): void {
    if (this.#numbers[number] === 0) this.distinct++
    else this.repeated++
    this.#numbers[number] = 1
    this.lastAtMs = performance.now()
  }

  get isOver(): boolean {
    return this.distinct >= this.#numbers.length || performance.now() - this.lastAtMs > STANDSTILL_MS
  }
}

export async function shareOrders(options: ShareOptions): Promise<Shared> {
  const { count, signal, onProgress } = options
  const seen = new SeenOrders(count)
  const startedAt = performance.now()
  const seconds = (): number => (performance.now() - startedAt) / 1000
  const first = new Member('first', options)
  const second = new Member('second', options)
  let failure: { readonly reason: unknown } | undefined
  const isOver = (): boolean => seen.isOver || signal.aborted || failure !== undefined
  const handle = ({ number }: Order): void => seen.add(number)
  const told = (): void => onProgress(seen.distinct, seen.distinct / seconds())

  const secondIsDue = (): boolean => seen.distinct >= count / 2
  const secondIsThere = (): boolean => second.outcome.partitions > 0
  try {
    let work: Promise<void> | undefined
    while (!isOver()) {
      await first.handleSome(handle, secondIsDue() && !secondIsThere())
      told()
      if (!secondIsDue()) continue
      work ??= second.handleUntil(isOver, handle).catch((reason: unknown) => {
        failure = { reason }
      })
    }
    await work
    if (failure !== undefined) throw failure.reason
    const { distinct, repeated } = seen
    // Before they are closed, which takes partitions away as well.
    return { members: [first.outcome, second.outcome], distinct, repeated, seconds: seconds() }
  } finally {
    await Promise.all([first.close(), second.close()])
  }
}

class Member {
  readonly #consumer: Consumer<string, Order>
  #isClosing = false
  readonly #outcome: { name: string; handled: number; partitions: number; given: number; takenAway: number }

  constructor(name: string, { bootstrapServers, topic, groupId, onRebalance }: ShareOptions) {
    const outcome = { name, handled: 0, partitions: 0, given: 0, takenAway: 0 }
    this.#outcome = outcome
    this.#consumer = new Consumer({
      bootstrapServers,
      groupId,
      clientId: name,
      key: string,
      value: json<Order>(),
      autoOffsetReset: 'earliest',
      // Members keep what stays theirs while partitions go from one to the other.
      partitionAssignmentStrategy: ['cooperativeSticky'],
      // A member hears of a rebalance with its next heartbeat.
      heartbeatIntervalMs: 100,
      maxPollRecords: 1_000,
    })
    this.#consumer.subscribe([topic], {
      // Both are awaited by the group, and also told of a rebalance that changes nothing here.
      onPartitionsAssigned: partitions => {
        outcome.given += partitions.length
        outcome.partitions += partitions.length
        if (partitions.length > 0) onRebalance(`the ${name} consumer gets ${shown(partitions)}`)
      },
      onPartitionsRevoked: partitions => {
        outcome.takenAway += partitions.length
        outcome.partitions -= partitions.length
        if (partitions.length > 0 && !this.#isClosing) onRebalance(`the ${name} consumer gives up ${shown(partitions)}`)
      },
    })
  }

  get outcome(): MemberOutcome {
    return { ...this.#outcome }
  }

  /** What comes within a moment. A member that holds on polls all the same: so it stays in its group, and can be asked for partitions. */
  async handleSome(handle: (order: Order) => void, holdsOn = false): Promise<void> {
    const consumer = this.#consumer
    if (holdsOn) consumer.pause(consumer.assignment())
    else consumer.resume(consumer.paused())
    for (const { value } of await consumer.poll(50)) {
      if (value === null) continue
      handle(value)
      this.#outcome.handled++
    }
  }

  async handleUntil(isOver: () => boolean, handle: (order: Order) => void): Promise<void> {
    while (!isOver()) await this.handleSome(handle)
  }

  close(): Promise<void> {
    this.#isClosing = true
    return this.#consumer.close()
  }
}

function shown(partitions: readonly TopicPartition[]): string {
  const numbers = partitions.map(({ partition }) => partition).toSorted((a, b) => a - b)
  return `partition${numbers.length === 1 ? '' : 's'} ${numbers.join(', ')}`
}

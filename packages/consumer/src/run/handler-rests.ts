/**
 * HandlerRests: handlers that wait in the middle of what they do. One that rests has left its place to others; when its time is
 * over it waits for a free one. Owns the timers. What is given up rejects, so that its handler comes to an end.
 */
import { type Clock, ConcurrentModificationError, KafkaError, type Timer } from '@samsa/runtime'
import type { HandlerTask } from './handler-task.js'
import type { PartitionWork } from './partition-work.js'

interface Rest {
  readonly delayMs: number
  readonly timer: Timer
  readonly resolve: () => void
  readonly reject: (reason: unknown) => void
}

export class HandlerRests {
  readonly #clock: Clock
  readonly #onOver: () => void
  readonly #rests = new Map<HandlerTask, Rest>()
  /** Those whose time is over, in that order. */
  readonly #over = new Set<HandlerTask>()

  constructor(clock: Clock, onOver: () => void) {
    this.#clock = clock
    this.#onOver = onOver
  }

  begin(task: HandlerTask, delayMs: number): Promise<void> {
    if (this.#rests.has(task)) {
      return Promise.reject(
        new ConcurrentModificationError('The handler rests already: await one rest() before the next one.'),
      )
    }
    return new Promise((resolve, reject) => {
      const onTime = (): void => {
        this.#over.add(task)
        this.#onOver()
      }
      const timer = this.#clock.timer(delayMs, onTime, { name: 'rest of a handler' })
      this.#rests.set(task, { delayMs, timer, resolve, reject })
    })
  }

  has(task: HandlerTask): boolean {
    return this.#rests.has(task)
  }

  /** Of the partition's handlers; undefined where none rests. */
  longestOf(work: PartitionWork): number | undefined {
    let longest: number | undefined
    for (const [task, { delayMs }] of this.#rests) {
      if (task.work === work && (longest === undefined || delayMs > longest)) longest = delayMs
    }
    return longest
  }

  /** Wakes the one that has waited longest for a place; undefined when none does. */
  wakeNext(): HandlerTask | undefined {
    const [task] = this.#over
    if (task !== undefined) this.#remove(task)?.resolve()
    return task
  }

  /** Those of these partitions, or all; they have a place again, to come to an end in. */
  giveUp(isMeant: (task: HandlerTask) => boolean): HandlerTask[] {
    const tasks = [...this.#rests.keys()].filter(isMeant)
    for (const task of tasks) this.#remove(task)?.reject(restGivenUp())
    return tasks
  }

  /** Its handler has ended without waiting for it; false when there was none. */
  forget(task: HandlerTask): boolean {
    const rest = this.#remove(task)
    rest?.resolve()
    return rest !== undefined
  }

  #remove(task: HandlerTask): Rest | undefined {
    const rest = this.#rests.get(task)
    rest?.timer.cancel()
    this.#rests.delete(task)
    this.#over.delete(task)
    return rest
  }
}

export function restGivenUp(): KafkaError {
  const message =
    'The partition goes to another consumer, or the run ends: the record comes again, so it is not waited for.'
  return new KafkaError(message, { code: 'HANDLER_GIVEN_UP', retriable: true })
}

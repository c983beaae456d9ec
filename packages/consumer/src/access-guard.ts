/**
 * AccessGuard: one caller at a time. A call that comes while another one is under way is refused, unless it belongs to
 * that one: it is made by a function of the application that the call itself is waiting for, such as a rebalance listener.
 * Which calls belong together is told by the asynchronous context in which `lend` runs such functions.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { ConcurrentModificationError } from '@samsa/runtime'

interface Call {
  readonly name: string
}

export class AccessGuard {
  /** Used for functions of the application alone: where none runs, no promise of the process pays for it. */
  readonly #context = new AsyncLocalStorage<Call>()
  #underWay: Call | undefined
  #waiting: (() => void)[] = []

  /** Whether the caller is a function of the application that the call under way waits for. */
  get isLent(): boolean {
    return this.#underWay !== undefined && this.#context.getStore() === this.#underWay
  }

  /** Resolves when no call is under way any more. */
  async idle(): Promise<void> {
    while (this.#underWay !== undefined) await new Promise<void>(resolve => this.#waiting.push(resolve))
  }

  /** For calls that are over at once. Throws when another caller's is under way. */
  check(name: string): void {
    const underWay = this.#underWay
    if (underWay === undefined || this.#context.getStore() === underWay) return
    throw new ConcurrentModificationError(
      `${name} was called while ${underWay.name} is under way. A consumer has one caller at a time: await each call before the next, or call wakeup() to end the one that waits.`,
    )
  }

  async run<T>(name: string, work: () => Promise<T>): Promise<T> {
    this.check(name)
    if (this.#underWay !== undefined) return await work()
    this.#underWay = { name }
    try {
      return await work()
    } finally {
      this.#underWay = undefined
      for (const resolve of this.#waiting.splice(0)) resolve()
    }
  }

  /** Runs a function of the application, whose calls of the consumer count as the call's that is under way. */
  lend<T>(work: () => T): T {
    return this.#underWay === undefined ? work() : this.#context.run(this.#underWay, work)
  }
}

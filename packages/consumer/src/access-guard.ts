/**
 * AccessGuard: one caller at a time. A call that comes while another one is under way is refused, unless it belongs to
 * that one: it is made by a function of the application that the call itself is waiting for, such as a rebalance listener.
 * Which calls belong together is told by the asynchronous context in which `lend` runs such functions.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { ConcurrentModificationError } from '@samsa/runtime'

interface Call {
  readonly name: string
  hasLent: boolean
  isOver: boolean
}

/**
 * The calls on whose behalf a function of the application runs: of several consumers, where one is used in a listener of
 * another. One for all of them, and on only while there are such calls: until Node 24 every promise of the process pays for
 * each that is on, also for those of consumers that are long gone.
 */
const context = new AsyncLocalStorage<readonly Call[]>()
let callsThatLent = 0

export class AccessGuard {
  #underWay: Call | undefined
  #waiting: (() => void)[] = []

  /** Whether the caller is a function of the application that the call under way waits for. */
  get isLent(): boolean {
    return this.#underWay !== undefined && context.getStore()?.includes(this.#underWay) === true
  }

  /** Resolves when no call is under way any more. */
  async idle(): Promise<void> {
    while (this.#underWay !== undefined) await new Promise<void>(resolve => this.#waiting.push(resolve))
  }

  /** For calls that are over at once. Throws when another caller's is under way. */
  check(name: string): void {
    const underWay = this.#underWay
    if (underWay === undefined || this.isLent) return
    throw new ConcurrentModificationError(
      `${name} was called while ${underWay.name} is under way. A consumer has one caller at a time: await each call before the next, or call wakeup() to end the one that waits.`,
    )
  }

  async run<T>(name: string, work: () => Promise<T>): Promise<T> {
    this.check(name)
    if (this.#underWay !== undefined) return await work()
    const call: Call = { name, hasLent: false, isOver: false }
    this.#underWay = call
    try {
      return await work()
    } finally {
      this.#underWay = undefined
      call.isOver = true
      if (call.hasLent && --callsThatLent === 0) context.disable()
      for (const resolve of this.#waiting.splice(0)) resolve()
    }
  }

  /** Runs a function of the application, whose calls of the consumer count as the call's that is under way. */
  lend<T>(work: () => T): T {
    const call = this.#underWay
    if (call === undefined || this.isLent) return work()
    if (!call.hasLent) callsThatLent++
    call.hasLent = true
    const others = context.getStore()?.filter(({ isOver }) => !isOver) ?? []
    return context.run([...others, call], work)
  }
}

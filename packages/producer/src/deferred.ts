/**
 * Deferred: a promise that is settled from outside, once. Its failure ends no process when nobody looks at it.
 */
import type { KafkaError } from '@samsa/runtime'

export class Deferred {
  readonly promise: Promise<void>
  isSettled = false
  #resolve: () => void = () => {}
  #reject: (error: KafkaError) => void = () => {}

  constructor() {
    this.promise = new Promise<void>((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    this.promise.catch(() => {})
  }

  resolve(): void {
    this.isSettled = true
    this.#resolve()
  }

  reject(error: KafkaError): void {
    this.isSettled = true
    this.#reject(error)
  }
}

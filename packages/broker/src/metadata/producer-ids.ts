/**
 * ProducerIds: hands out producer ids, each once. They come in blocks from the controller, which writes down that a block
 * is taken: after a restart a new one is taken, and what was left of the old one is never used.
 */
import type { Controller } from './controller.js'

export class ProducerIds {
  readonly #controller: Controller
  #next = 0
  #end = 0

  constructor(controller: Controller) {
    this.#controller = controller
  }

  next(): number {
    if (this.#next === this.#end) {
      const { firstId, count } = this.#controller.allocateProducerIds()
      this.#next = firstId
      this.#end = firstId + count
    }
    return this.#next++
  }
}

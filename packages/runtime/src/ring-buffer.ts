/**
 * First in, first out, at constant cost: an array used in a circle, doubled when it is full and halved when it is
 * mostly empty. The limit is the owner's business.
 */
const smallestCapacity = 16

export class RingBuffer<T extends NonNullable<unknown>> {
  #slots: (T | undefined)[] = emptySlots(smallestCapacity)
  #head = 0
  #size = 0

  get size(): number {
    return this.#size
  }

  push(item: T): void {
    if (this.#size === this.#slots.length) this.#resize(this.#slots.length * 2)
    this.#slots[(this.#head + this.#size) & (this.#slots.length - 1)] = item
    this.#size++
  }

  /** The oldest item, which stays; undefined when there is none. */
  peek(): T | undefined {
    return this.#slots[this.#head]
  }

  /** The oldest item; undefined when there is none. */
  shift(): T | undefined {
    if (this.#size === 0) return undefined
    const item = this.#slots[this.#head]
    this.#slots[this.#head] = undefined
    this.#head = (this.#head + 1) & (this.#slots.length - 1)
    this.#size--
    if (this.#size < this.#slots.length / 4 && this.#slots.length > smallestCapacity) {
      this.#resize(this.#slots.length / 2)
    }
    return item
  }

  /** Capacities are powers of 2, which is what makes a mask of `length - 1`. */
  #resize(capacity: number): void {
    const slots = emptySlots<T>(capacity)
    for (let index = 0; index < this.#size; index++) {
      slots[index] = this.#slots[(this.#head + index) & (this.#slots.length - 1)]
    }
    this.#slots = slots
    this.#head = 0
  }
}

function emptySlots<T>(capacity: number): (T | undefined)[] {
  return new Array<T | undefined>(capacity).fill(undefined)
}

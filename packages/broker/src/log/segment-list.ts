/**
 * SegmentList: the segments of one log in the order of their offsets, never none. The last one is active: it alone grows.
 */
import { invariant } from '@samsa/runtime/internal'
import type { Segment } from './segment.js'

export class SegmentList {
  readonly #segments: Segment[]

  constructor(segments: readonly Segment[]) {
    invariant(segments.length > 0, 'a log has at least one segment')
    this.#segments = [...segments]
  }

  get count(): number {
    return this.#segments.length
  }

  get first(): Segment {
    return this.at(0)
  }

  get active(): Segment {
    return this.at(this.#segments.length - 1)
  }

  /** Of all log files together. */
  get sizeBytes(): number {
    let bytes = 0
    for (const segment of this.#segments) bytes += segment.size
    return bytes
  }

  all(): readonly Segment[] {
    return this.#segments
  }

  at(index: number): Segment {
    const segment = this.#segments[index]
    invariant(segment !== undefined, () => `there is no segment ${index} of ${this.#segments.length}`)
    return segment
  }

  /** Index of the segment whose offsets `offset` is among; the first one for an offset in front of all. */
  indexOf(offset: number): number {
    let low = 0
    let high = this.#segments.length
    while (high - low > 1) {
      const middle = (low + high) >>> 1
      if (this.at(middle).baseOffset <= offset) low = middle
      else high = middle
    }
    return low
  }

  push(segment: Segment): void {
    invariant(segment.baseOffset > this.active.baseOffset, 'segments ascend')
    this.#segments.push(segment)
  }

  /** Takes the oldest `count` segments out; at least one stays. */
  removeFirst(count: number): Segment[] {
    invariant(count < this.#segments.length, 'a log keeps a segment')
    return this.#segments.splice(0, count)
  }

  /** Takes the segments behind the one at `index` out. */
  removeAfter(index: number): Segment[] {
    return this.#segments.splice(index + 1)
  }

  /** Whether these segments are in the list, one behind the other. */
  holds(run: readonly Segment[]): boolean {
    const [first] = run
    const from = first === undefined ? -1 : this.#segments.indexOf(first)
    return from >= 0 && run.every((segment, index) => this.#segments[from + index] === segment)
  }

  /** Puts one segment in the place of neighbours that begin where it begins. The active one is never among them. */
  replace(run: readonly Segment[], segment: Segment): void {
    invariant(this.holds(run) && !run.includes(this.active), 'neighbours are replaced, and never the active segment')
    invariant(run[0]?.baseOffset === segment.baseOffset, 'a segment begins where those did that it replaces')
    this.#segments.splice(this.#segments.indexOf(run[0]), run.length, segment)
  }

  /** Puts one segment in the place of all; they are returned. */
  replaceAll(segment: Segment): Segment[] {
    return this.#segments.splice(0, this.#segments.length, segment)
  }
}

/**
 * Kafka's `range` on the coordinator: each topic is cut into one range a subscribed member, the first ones longer by one
 * where it does not come out even. It looks at neither racks nor the target there was.
 */
import type { Uuid } from '../../wire/uuid.js'
import { inDealingOrder } from '../assignor.js'
import type { ServerAssignor } from '../server-assignor.js'

export const serverRangeAssignor: ServerAssignor = {
  name: 'range',
  assign(members, partitionCounts) {
    const dealt = inDealingOrder(members)
    const subscribers = new Map<Uuid, number>()
    for (const { subscribedTopicIds } of dealt)
      for (const topicId of subscribedTopicIds) subscribers.set(topicId, (subscribers.get(topicId) ?? 0) + 1)
    const cuts = new Map(
      [...subscribers].map(([topicId, count]) => [topicId, new Cut(partitionCounts.get(topicId) ?? 0, count)]),
    )
    return new Map(
      dealt.map(({ memberId, subscribedTopicIds }) => {
        const target = new Map<Uuid, readonly number[]>()
        for (const topicId of subscribedTopicIds) {
          const range = cuts.get(topicId)?.next() ?? []
          if (range.length > 0) target.set(topicId, range)
        }
        return [memberId, target]
      }),
    )
  },
}

/** One topic while it is cut. */
class Cut {
  readonly #share: number
  #extras: number
  #start = 0

  constructor(partitions: number, members: number) {
    this.#share = Math.floor(partitions / members)
    this.#extras = partitions % members
  }

  next(): readonly number[] {
    const start = this.#start
    const length = this.#extras-- > 0 ? this.#share + 1 : this.#share
    this.#start = start + length
    return Array.from({ length }, (_, index) => start + index)
  }
}

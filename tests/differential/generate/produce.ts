/**
 * Requests that write: Produce in all its forms, and the ids that idempotent producers need.
 */
import { initProducerId, produce } from '@samsa/protocol'
import { type Step, step } from '../step.js'
import { type BatchPlan, bytesOf, isInside, someCodec, someDamage, someRecords } from './batches.js'
import type { Producer, Topic, World } from './world.js'

const FIRST_WITH_IDS = 13
const LAST_SEQUENCE = 2 ** 31 - 1

interface Part {
  readonly topic: Topic
  readonly partition: number
  readonly plan: BatchPlan
}

export function initProducer(world: World): Step {
  const { draw } = world
  const version = draw.between(0, 5)
  const known = world.producers.at(-1)
  if (version >= 3 && known !== undefined && draw.percent(20)) return nextEpoch(world, known, version)
  if (draw.percent(4)) return step(initProducerId, version, { transactionalId: '', transactionTimeoutMs: 60_000 })
  const label = `p${world.producers.length + 1}`
  world.producers.push({ label, next: new Map() })
  const transactionTimeoutMs = draw.percent(85) ? 60_000 : draw.one([0, -1, 2 ** 31 - 1])
  return step(initProducerId, version, { transactionalId: null, transactionTimeoutMs }, { label })
}

/** A producer that names the id that it has. */
function nextEpoch({ draw }: World, known: Producer, version: number): Step {
  const epochOff = draw.percent(60) ? 0 : draw.one([1, -1])
  return step(
    initProducerId,
    version,
    bindings => {
      const { id, epoch } = bindings.producer(known.label)
      return { transactionalId: null, transactionTimeoutMs: 60_000, producerId: id, producerEpoch: epoch + epochOff }
    },
    { label: known.label },
  )
}

export function write(world: World): Step {
  const { draw } = world
  const version = draw.between(3, 13)
  const parts = draw.several(1, draw.percent(75) ? 1 : 3, () => part(world))
  // Without an answer nobody would see that one broker has taken what the other has not.
  const some = parts.some(mayPart) ? [-1, 1] : [-1, -1, 1, 0]
  const acks = draw.percent(92) ? draw.one(some) : draw.one([2, -2, 100])
  const unique = [...new Map(parts.map(each => [`${each.partition} ${each.topic.name}`, each])).values()]
  const topics = [...new Set(unique.map(each => each.topic))]
  const notes = unique
    .map(each => (each.plan === undefined ? 'null' : each.plan.damage))
    .filter(name => name !== 'none')
  return step(
    produce,
    version,
    bindings => ({
      transactionalId: null,
      acks,
      timeoutMs: 10_000,
      topicData: topics.map(topic => ({
        ...(version >= FIRST_WITH_IDS ? { topicId: bindings.topicId(topic.name) } : { name: topic.name }),
        partitionData: unique
          .filter(each => each.topic === topic)
          .map(({ partition, plan }) => ({
            index: partition,
            records: bytesOf(plan, bindings),
          })),
      })),
    }),
    {
      isAnswered: acks !== 0,
      needsIds: version >= FIRST_WITH_IDS ? topics.map(topic => topic.name) : [],
      note: notes.join(', '),
    },
  )
}

/** Whether the two brokers may differ on it. */
function mayPart({ plan }: Part): boolean {
  return isInside(plan.damage) || (plan.producer?.epochOff ?? 0) < 0
}

/** Never null in place of records, upon which a real Kafka fails and does not answer. */
function part(world: World): Part {
  const { draw } = world
  const topic = draw.percent(3) ? { ...world.someTopic(), name: world.badName() } : world.someTopic()
  const partition = world.somePartition(topic)
  const records = someRecords(draw, draw.percent(60))
  const damage = draw.percent(18) ? someDamage(draw) : 'none'
  const producer =
    world.producers.length > 0 && draw.percent(60) ? idempotent(world, topic, partition, records.length) : undefined
  if (damage === 'none') topic.ends[partition] = (topic.ends[partition] ?? 0) + records.length
  return { topic, partition, plan: { records, codec: someCodec(draw), producer, damage } }
}

function idempotent({ draw, producers }: World, topic: Topic, partition: number, count: number): BatchPlan['producer'] {
  const producer = draw.one(producers)
  const key = `${partition} ${topic.name}`
  const next = producer.next.get(key)
  const epochOff = draw.percent(88) ? 0 : draw.one([1, -1, 5])
  const { label } = producer
  if (next === undefined) {
    // The first sequence may be any; so near to the last one, those that follow wrap around.
    const first = draw.percent(80) ? 0 : draw.one([5, LAST_SEQUENCE, LAST_SEQUENCE - 1, LAST_SEQUENCE - 3])
    producer.next.set(key, after(first, count))
    return { label, epochOff, sequence: first }
  }
  const draws = draw.integer(0, 10)
  if (draws < 6) {
    producer.next.set(key, after(next, count))
    return { label, epochOff, sequence: next }
  }
  return {
    label,
    epochOff,
    sequence: draws < 8 ? Math.max(0, next - count) : draw.one([after(next, 1), after(next, 7), 0]),
  }
}

function after(sequence: number, count: number): number {
  return Number((BigInt(sequence) + BigInt(count)) % 2n ** 31n)
}

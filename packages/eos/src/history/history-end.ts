/**
 * What is left when a run is over: the committed records of its topics, how far they are stable, and where its groups go on.
 */
import { Consumer, type ConsumerOptions, type ConsumerRecord } from '@samsa/consumer'
import { type Clock, systemClock } from '@samsa/runtime'
import { Deadline } from '@samsa/runtime/internal'
import type { HistoryEnd, HistoryEvent, HistoryPlace, HistoryRecord } from './history-event.js'
import { historyHeader } from './recorded-producer.js'

export interface LeftOptions {
  /** Where, and how to get there: what a consumer needs, but for its group. */
  readonly consumer: Omit<ConsumerOptions<Uint8Array, Uint8Array>, 'groupId' | 'isolationLevel'>
  readonly topics: readonly string[]
  /** Groups whose committed offsets are told: none of them may have a member. */
  readonly groups?: readonly string[] | undefined
  /** Topics that the groups read, of which every record was to have an output. */
  readonly copied?: readonly string[] | undefined
  /** How long transactions may take to come to their end. Default: 10,000. */
  readonly settleMs?: number | undefined
}

const RECORDS_PER_EVENT = 500
const LOOK_MS = 50
const POLL_MS = 500

export async function* whatIsLeft(options: LeftOptions): AsyncGenerator<HistoryEvent> {
  const { consumer, topics, groups = [], copied = [], settleMs = 10_000 } = options
  const clock = consumer.clock ?? systemClock
  await using committed = new Consumer({ ...consumer, isolationLevel: 'readCommitted', autoOffsetReset: 'earliest' })
  await using all = new Consumer({ ...consumer, isolationLevel: 'readUncommitted' })
  const places: HistoryPlace[] = []
  for (const topic of topics) {
    const partitions = await committed.partitionsFor(topic)
    places.push(...partitions.map(({ partition }) => ({ topic, partition })))
  }
  const ends = await settledEnds({ committed, all, places, deadline: new Deadline(clock, settleMs), clock })
  yield { op: 'ends', partitions: ends }
  yield { op: 'remains', topics, records: [] }
  yield* recordsOf(committed, ends)
  for (const group of groups) {
    await using member = new Consumer({ ...consumer, groupId: group, enableAutoCommit: false })
    const found = await member.committed(places)
    const offsets = places.flatMap((place, index) => {
      const offset = found[index]?.offset
      return offset === undefined ? [] : [{ ...place, offset: Number(offset) }]
    })
    const isCopied = ({ topic }: HistoryPlace): boolean => copied.includes(topic)
    yield { op: 'group', group, copies: true, offsets: offsets.filter(isCopied) }
    yield { op: 'group', group, copies: false, offsets: offsets.filter(place => !isCopied(place)) }
  }
}

interface Ends {
  readonly committed: Consumer
  readonly all: Consumer
  readonly places: readonly HistoryPlace[]
  readonly deadline: Deadline
  readonly clock: Clock
}

async function settledEnds({ committed, all, places, deadline, clock }: Ends): Promise<readonly HistoryEnd[]> {
  for (;;) {
    const stable = await committed.endOffsets(places)
    const written = await all.endOffsets(places)
    const ends = places.map((place, index) => ({
      ...place,
      lastStableOffset: Number(stable[index]?.offset ?? 0),
      highWatermark: Number(written[index]?.offset ?? 0),
    }))
    const isSettled = ends.every(({ lastStableOffset, highWatermark }) => lastStableOffset === highWatermark)
    if (isSettled || deadline.remainingMs <= 0) return ends
    await clock.sleep(LOOK_MS)
  }
}

async function* recordsOf(consumer: Consumer, ends: readonly HistoryEnd[]): AsyncGenerator<HistoryEvent> {
  consumer.assign(ends)
  consumer.seekToBeginning()
  let records: HistoryRecord[] = []
  for (let isWhole = false; !isWhole; ) {
    for (const record of await consumer.poll(POLL_MS)) records.push(historyRecord(record))
    isWhole = true
    for (const end of ends) isWhole &&= (await consumer.position(end)) >= BigInt(end.lastStableOffset)
    if (records.length < RECORDS_PER_EVENT && !isWhole) continue
    yield { op: 'remains', topics: [], records }
    records = []
  }
}

function historyRecord(record: ConsumerRecord): HistoryRecord {
  const { topic, partition, offset } = record
  return { topic, partition, offset: Number(offset), id: record.header(historyHeader) ?? null }
}

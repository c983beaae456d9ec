/**
 * The checker finds each anomaly in a history that has it, and none in one that has none. All histories are the same but for
 * what the case changes.
 */
import { describe, expect, test } from 'vitest'
import { type AnomalyKind, anomalyKinds } from './anomaly.js'
import { checkHistory } from './history-checker.js'
import type { HistoryEvent, HistoryRecord } from './history-event.js'

const input = { topic: 'orders', partition: 0 }
const output = { topic: 'copies', partition: 0 }

const at = (place: { topic: string; partition: number }, offset: number, id: string): HistoryRecord => ({
  ...place,
  offset,
  id,
})

/** What is left of the scene, and what the reader is handed. */
const orders = [at(input, 0, 'a0'), at(input, 1, 'a1')]
const copies = [at(output, 0, 'c0'), at(output, 1, 'c1')]

function sends(process: string, transaction: string | undefined, records: readonly HistoryRecord[]): HistoryEvent[] {
  return records.flatMap(({ id, topic, partition, offset }): HistoryEvent[] => {
    const send = { op: 'send', process, id: id ?? '', topic, partition } as const
    const made = id === null || !id.startsWith('c') ? undefined : id.replace('c', 'a')
    return [
      { ...send, type: 'invoke', transaction, input: made },
      { ...send, type: 'ok', offset },
    ]
  })
}

const ended = (op: 'begin' | 'commit' | 'abort', process: string, transaction: string): HistoryEvent[] =>
  op === 'begin'
    ? [{ op, type: 'ok', process, transaction }]
    : [
        { op, type: 'invoke', process, transaction },
        { op, type: 'ok', process, transaction },
      ]

/** The parts of a history, each of which a case can change: a is committed, b aborted, c copies a; offset 2 and 4 are markers. */
const scene = () => ({
  written: [
    ...ended('begin', 'w', 'a'),
    ...sends('w', 'a', orders),
    ...ended('commit', 'w', 'a'),
    ...ended('begin', 'w', 'b'),
    ...sends('w', 'b', [at(input, 3, 'b0')]),
    ...ended('abort', 'w', 'b'),
  ],
  copied: [...ended('begin', 'c', 'c'), ...sends('c', 'c', copies)],
  copyEnd: ended('commit', 'c', 'c'),
  from: { op: 'seek', process: 'reader', partitions: [input, output].map(place => ({ ...place, offset: 0 })) },
  read: [...orders, ...copies],
  also: [] as HistoryEvent[],
  orders,
  copies,
  next: 2,
  ends: { lastStableOffset: 5, highWatermark: 5 },
})

type Scene = ReturnType<typeof scene>

const historyOf = ({ written, copied, copyEnd, from, read, also, ...left }: Scene): HistoryEvent[] => [
  ...written,
  ...copied,
  ...copyEnd,
  from as HistoryEvent,
  { op: 'poll', process: 'reader', records: read, isolation: 'readCommitted' },
  { op: 'caughtUp', process: 'reader' },
  ...also,
  { op: 'ends', partitions: [{ ...input, ...left.ends }] },
  { op: 'remains', topics: ['orders', 'copies'], records: [...left.orders, ...left.copies] },
  { op: 'group', group: 'copiers', offsets: [{ ...input, offset: left.next }], copies: true },
]

const kindsIn = (events: readonly HistoryEvent[]): AnomalyKind[] =>
  checkHistory(events).anomalies.map(({ kind }) => kind)

const readBy = (process: string, ...records: HistoryRecord[]): HistoryEvent => ({
  op: 'poll',
  process,
  records,
  isolation: 'readCommitted',
})

/** What each anomaly looks like. */
const cases: Readonly<Record<AnomalyKind, Partial<Scene>>> = {
  'aborted read': { also: [readBy('another', at(input, 3, 'b0'))] },
  // Its own history: see `early`.
  'precommitted read': {},
  phantom: { also: [readBy('another', at(input, 5, 'from nowhere'))] },
  'lost write': { copies: copies.slice(0, 1), read: [...orders, ...copies.slice(0, 1)], next: 1 },
  duplicate: { orders: [...orders, at(input, 5, 'a1')] },
  'torn transaction': { copyEnd: [], copies: copies.slice(0, 1), read: [...orders, ...copies.slice(0, 1)], next: 1 },
  'inconsistent offset': { also: [readBy('another', at(input, 1, 'a0'))] },
  'non-monotonic send': {
    also: [
      ...ended('begin', 'w', 'd'),
      ...sends('w', 'd', [at(output, 9, 'd0'), at(output, 8, 'd1')]),
      ...ended('abort', 'w', 'd'),
    ],
  },
  'non-monotonic poll': { read: [...orders, ...copies, at(input, 0, 'a0')] },
  'skipped record': { read: [...orders.slice(1), ...copies] },
  'unseen record': { read: [...orders, ...copies.slice(0, 1)] },
  'offset without output': { copied: [], copyEnd: [], copies: [], read: orders },
  'output without offset': { next: 1 },
  'input copied twice': {
    also: [
      ...ended('begin', 'c2', 'c2'),
      { op: 'send', type: 'invoke', process: 'c2', id: 'again', ...output, transaction: 'c2', input: 'a0' },
      ...ended('commit', 'c2', 'c2'),
      readBy('reader', at(output, 7, 'again')),
    ],
    copies: [...copies, at(output, 7, 'again')],
  },
  'hanging transaction': { ends: { lastStableOffset: 3, highWatermark: 5 } },
}

test('a history without an anomaly is taken for one', () => {
  const verdict = checkHistory(historyOf(scene()))
  expect(verdict).toMatchObject({ anomalies: [], counts: {}, records: 5, transactions: 3, reads: 4 })
})

test('a transaction whose commit nobody was told of may be there or not, as a whole', () => {
  const doubtful = [0, 1].map(offset => at({ topic: 'orders', partition: 1 }, offset, `d${offset}`))
  const sent: HistoryEvent[] = [
    ...ended('begin', 'w2', 'd'),
    ...doubtful.map(
      ({ id, topic, partition }): HistoryEvent => ({
        op: 'send',
        type: 'invoke',
        process: 'w2',
        id: id ?? '',
        topic,
        partition,
        transaction: 'd',
      }),
    ),
    { op: 'commit', type: 'invoke', process: 'w2', transaction: 'd' },
    { op: 'commit', type: 'info', process: 'w2', transaction: 'd', error: 'it took too long' },
  ]
  const whole = scene()
  expect(kindsIn(historyOf({ ...whole, also: sent }))).toEqual([])
  expect(kindsIn(historyOf({ ...whole, also: sent, orders: [...orders, ...doubtful] }))).toEqual([])
  const half = historyOf({ ...whole, also: sent, orders: [...orders, ...doubtful.slice(0, 1)] })
  expect(kindsIn(half)).toEqual(['torn transaction'])
})

describe('finds', () => {
  test.each(anomalyKinds)('%s', kind => {
    expect(kindsIn(kind === 'precommitted read' ? early() : historyOf({ ...scene(), ...cases[kind] }))).toContain(kind)
  })
})

/** The reader is handed a committed record, only too soon. */
function early(): HistoryEvent[] {
  const { written, ...rest } = scene()
  const commit = written.findIndex(({ op }) => op === 'commit')
  const read = readBy('early', ...orders.slice(0, 1))
  return historyOf({ ...rest, written: [...written.slice(0, commit), read, ...written.slice(commit)] })
}

describe('without a look at what is left', () => {
  const acknowledged = [0, 1, 2].map(offset => at(input, offset, `r${offset}`))

  test('a record is lost when a reader has passed over it and nobody was handed it', () => {
    const [first, , last] = acknowledged
    if (first === undefined || last === undefined) throw new Error('there are three')
    const sent = sends('w', undefined, acknowledged)
    expect(kindsIn([...sent, readBy('reader', first)])).toEqual([])
    expect(kindsIn([...sent, readBy('reader', first), readBy('other', last)])).toEqual([])
    expect(kindsIn([...sent, readBy('reader', first, last)])).toEqual(['lost write'])
  })

  test('a reader that another partition or a seek brings elsewhere has skipped nothing', () => {
    const [first, second, last] = acknowledged
    if (first === undefined || second === undefined || last === undefined) throw new Error('there are three')
    const seen = [...sends('w', undefined, acknowledged), readBy('another', ...acknowledged)]
    for (const op of ['revoked', 'lost', 'assigned', 'seek'] as const) {
      const moved: HistoryEvent = { op, process: 'reader', partitions: [input] }
      expect(kindsIn([...seen, readBy('reader', first), moved, readBy('reader', last)])).toEqual([])
      expect(kindsIn([...seen, readBy('reader', last), moved, readBy('reader', first)])).toEqual([])
    }
    expect(kindsIn([...seen, readBy('reader', first), readBy('reader', last)])).toEqual(['skipped record'])
  })

  test('one who reads what is not committed may be handed what is aborted', () => {
    const sent = [...ended('begin', 'w', 'a'), ...sends('w', 'a', acknowledged), ...ended('abort', 'w', 'a')]
    const records = acknowledged
    expect(kindsIn([...sent, { op: 'poll', process: 'reader', records, isolation: 'readUncommitted' }])).toEqual([])
    expect(kindsIn([...sent, readBy('reader', ...records)])).toEqual(Array(3).fill('aborted read'))
  })
})

test('of a kind that comes often a hundred are told, and all are counted', () => {
  const records = Array.from({ length: 250 }, (_, offset) => at(input, offset, `nobody's ${offset}`))
  const { anomalies, counts } = checkHistory([readBy('reader', ...records)])
  expect(anomalies).toHaveLength(100)
  expect(counts).toEqual({ phantom: 250 })
})

test.each<[string, HistoryEvent[]]>([
  [
    'two records have the id r',
    [...sends('w', undefined, [at(input, 0, 'r')]), ...sends('w', undefined, [at(input, 1, 'r')])],
  ],
  ['which nobody has begun', sends('w', 'none', [at(input, 0, 'r')])],
  ['nobody sent it', sends('w', undefined, [at(input, 0, 'r')]).slice(1)],
  ['begun twice', [...ended('begin', 'w', 'a'), ...ended('begin', 'w', 'a')]],
])('events that do not go together are refused: %s', (what, events) => {
  expect(() => checkHistory(events)).toThrow(what)
  expect(() => checkHistory(events)).toThrow(/Line \d:/)
})

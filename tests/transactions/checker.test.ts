/**
 * The checker of transactions finds each anomaly in a history that has it, and none in one that has none. All histories
 * are the same but for what the case changes.
 */
import { describe, expect, test } from 'vitest'
import { type Anomaly, anomalies, check } from './checker.js'
import { History, nameOf, type Observations, type Remains, type Stored, type Stretch } from './history.js'

const input = { topic: 'orders', partition: 0 }
const output = { topic: 'copies', partition: 0 }

interface Scene {
  readonly history: History
  readonly records: Map<string, Stored[]>
  readonly committed: Map<string, number>
  readonly ends: Map<string, { lastStableOffset: number; highWatermark: number }>
  readonly reader: Stretch
}

/** t0 is committed with two records, t1 aborted, t2 copies the first of t0; offset 2 and 4 are markers. */
function scene(): Scene {
  const history = new History(() => 0)
  const [first, aborted] = [history.begin('w0'), history.begin('w0')]
  for (const offset of [0, 1]) history.write(first, input).offset = offset
  history.write(aborted, input).offset = 3
  history.commitAsked(first)
  history.ended(first, 'committed')
  history.ended(aborted, 'aborted')
  const copy = history.begin('c0')
  for (const [offset, value] of ['t0.0', 't0.1'].entries()) history.write(copy, output, value).offset = offset
  history.commitAsked(copy)
  history.ended(copy, 'committed')
  const records = new Map([
    [nameOf(input), storedOf('t0.0', 't0.1')],
    [nameOf(output), storedOf('t2.0<t0.0', 't2.1<t0.1')],
  ])
  const reader = history.stretch('reader', 0)
  reader.isWhole = true
  for (const { offset, value } of records.get(nameOf(input)) ?? []) history.read(reader, input, offset, value)
  for (const { offset, value } of records.get(nameOf(output)) ?? []) history.read(reader, output, offset, value)
  return {
    history,
    records,
    committed: new Map([[nameOf(input), 2]]),
    ends: new Map([[nameOf(input), { lastStableOffset: 5, highWatermark: 5 }]]),
    reader,
  }
}

function storedOf(...values: readonly string[]): Stored[] {
  return values.map((value, offset) => ({ offset, value }))
}

function checked({ history, ...remains }: Scene): readonly Anomaly[] {
  const observed: Observations = { ...history, remains: remains satisfies Remains }
  return check(observed)
}

/** What each anomaly looks like. */
const cases: Readonly<Record<(typeof anomalies)[number], (scene: Scene) => void>> = {
  'aborted read': ({ history, reader }) => {
    reader.reads.splice(2)
    history.read(reader, input, 3, 't1.0')
    for (const [offset, value] of ['t2.0<t0.0', 't2.1<t0.1'].entries()) history.read(reader, output, offset, value)
  },
  'precommitted read': ({ history }) => {
    const [story] = history.transactions
    if (story !== undefined) story.commitAskedAt = 3
  },
  phantom: ({ reader, history }) => history.read(reader, input, 5, 'from nowhere'),
  'lost write': ({ records, committed }) => {
    records.get(nameOf(output))?.pop()
    committed.set(nameOf(input), 1)
  },
  duplicate: ({ records, history, reader }) => {
    records.get(nameOf(input))?.push({ offset: 5, value: 't0.1' })
    history.read(reader, input, 5, 't0.1')
  },
  'torn transaction': ({ history, records, committed }) => {
    for (const story of history.transactions) if (story.id === 't2') story.outcome = 'open'
    records.get(nameOf(output))?.pop()
    committed.set(nameOf(input), 1)
  },
  'inconsistent offset': ({ history }) => {
    history.read(history.stretch('another'), input, 1, 't0.0')
  },
  'non-monotonic send': ({ history }) => {
    const story = history.begin('w0')
    history.write(story, input).offset = 2
  },
  'non-monotonic poll': ({ history, reader }) => history.read(reader, input, 0, 't0.0'),
  'skipped record': ({ reader }) => reader.reads.shift(),
  'unseen record': ({ reader }) => reader.reads.pop(),
  'offset without output': ({ history, records }) => {
    for (const story of history.transactions) if (story.id === 't2') story.outcome = 'open'
    records.set(nameOf(output), [])
  },
  'output without offset': ({ committed }) => committed.set(nameOf(input), 1),
  'input copied twice': ({ history, records, reader }) => {
    const again = history.begin('c1')
    history.write(again, output, 't0.0').offset = 7
    history.commitAsked(again)
    records.get(nameOf(output))?.push({ offset: 7, value: 't3.0<t0.0' })
    history.read(reader, output, 7, 't3.0<t0.0')
  },
  'hanging transaction': ({ ends }) => ends.set(nameOf(input), { lastStableOffset: 3, highWatermark: 5 }),
}

test('a history without an anomaly is taken for one', () => {
  expect(checked(scene())).toEqual([])
})

test('a transaction whose commit nobody was told of may be there or not, as a whole', () => {
  const told = scene()
  const story = told.history.begin('w1')
  for (let count = 0; count < 2; count++) told.history.write(story, { topic: 'orders', partition: 1 })
  told.history.commitAsked(story)
  expect(checked(told)).toEqual([])
  const both = storedOf('t3.0', 't3.1')
  told.records.set('orders-1', both)
  for (const { offset, value } of both) told.history.read(told.reader, { topic: 'orders', partition: 1 }, offset, value)
  expect(checked(told)).toEqual([])
})

describe('finds', () => {
  test.each(anomalies)('%s', kind => {
    const changed = scene()
    cases[kind](changed)
    const kinds = checked(changed).map(anomaly => anomaly.kind)
    expect(kinds).toContain(kind)
  })
})

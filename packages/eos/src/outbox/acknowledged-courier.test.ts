import type { ProducerRecord, RecordMetadata } from '@samsa/producer'
import { expect, test } from 'vitest'
import type { WaitingRecord } from '../store/outbox-store.js'
import { AcknowledgedCourier } from './acknowledged-courier.js'

const failure = new Error('on purpose')

interface Sent {
  readonly id: string
  settle(error?: unknown): Promise<void>
}

/** Acknowledges when the test says. */
function scene(): { readonly courier: AcknowledgedCourier; readonly sent: Sent[] } {
  const sent: Sent[] = []
  const send = ({ headers }: ProducerRecord): Promise<RecordMetadata> =>
    new Promise((resolve, reject) => {
      const pairs = headers as readonly (readonly [string, string])[]
      const id = pairs.find(([name]) => name === 'outbox-id')?.[1] ?? ''
      const settle = async (error?: unknown): Promise<void> => {
        if (error === undefined) resolve({} as RecordMetadata)
        else reject(error)
        for (let turn = 0; turn < 10; turn++) await Promise.resolve()
      }
      sent.push({ id, settle })
    })
  return { courier: new AcknowledgedCourier({ send }), sent }
}

function record(id: string, key: string | null, topic = 'orders'): WaitingRecord {
  return { sequence: 1n, putAt: 0, id, topic, key: key === null ? null : Buffer.from(key), value: null, headers: [] }
}

const idsOf = (records: readonly { readonly id: string }[]): string[] => records.map(({ id }) => id)

test('keys go side by side, and the records of one key one after the other', async () => {
  const { courier, sent } = scene()
  const records = [record('a1', 'a'), record('a2', 'a'), record('b1', 'b'), record('x', null), record('y', null)]
  const delivering = courier.deliver([...records, record('other', 'a', 'invoices')])
  expect(idsOf(sent)).toEqual(['a1', 'b1', 'x', 'y', 'other'])
  await sent[0]?.settle()
  expect(idsOf(sent).at(-1)).toBe('a2')
  for (const each of sent) await each.settle()
  expect(idsOf((await delivering).delivered)).toEqual(['a1', 'a2', 'b1', 'x', 'y', 'other'])
})

test('behind a record that failed nothing of its key is sent, and only what was acknowledged counts as delivered', async () => {
  const { courier, sent } = scene()
  const records = [record('a1', 'a'), record('a2', 'a'), record('a3', 'a'), record('b1', 'b')]
  const delivering = courier.deliver(records)
  await sent[0]?.settle()
  await sent[1]?.settle()
  await sent[2]?.settle(failure)
  expect(idsOf(sent)).toEqual(['a1', 'b1', 'a2'])
  const { delivered, error } = await delivering
  expect(idsOf(delivered)).toEqual(['a1', 'b1'])
  expect(error).toBe(failure)
})

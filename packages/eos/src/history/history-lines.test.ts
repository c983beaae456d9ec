/**
 * A history as lines: what is read of a stream however it is cut, and what is said of a line that is none.
 */
import { expect, test } from 'vitest'
import { historyEvents, type NumberedEvent } from './history-lines.js'

const begin = { op: 'begin', type: 'ok', process: 'w', transaction: 'ä' }

async function eventsOf(text: string, chunkBytes = 7): Promise<readonly NumberedEvent[]> {
  const bytes = Buffer.from(text)
  const chunks = Array.from({ length: Math.ceil(bytes.length / chunkBytes) }, (_, index) =>
    bytes.subarray(index * chunkBytes, (index + 1) * chunkBytes),
  )
  async function* stream(): AsyncGenerator<Uint8Array> {
    yield* chunks
  }
  const found: NumberedEvent[] = []
  for await (const event of historyEvents(stream())) found.push(event)
  return found
}

test.each([1, 7, 1000])('lines are read in chunks of %i bytes, the last one without an end too', async chunkBytes => {
  const line = JSON.stringify(begin)
  const expected = [1, 3].map(number => ({ line: number, event: begin }))
  expect(await eventsOf(`${line}\n\n${line}`, chunkBytes)).toEqual(expected)
  expect(await eventsOf('')).toEqual([])
})

test.each([
  ['{"op"', 'Line 2: it is no JSON: {"op".'],
  ['[]', 'Line 2: it is no JSON object.'],
  ['{"op":"toast"}', 'got "toast"'],
  ['{}', 'got undefined'],
  ['{"op":"begin","type":"ok","process":"w"}', 'a begin needs transaction'],
  ['{"op":"begin","type":"perhaps","process":"w","transaction":"t"}', 'the type of a begin cannot be "perhaps"'],
  ['{"op":"send","type":"ok","process":"w","id":"a","topic":"t"}', 'a send with type ok needs the place'],
  ['{"op":"send","type":"invoke","process":"w","id":""}', 'the id of a send cannot be ""'],
  [
    '{"op":"poll","process":"r","records":[{"topic":"t","partition":-1,"offset":0,"id":null}]}',
    'the records of a poll',
  ],
])('%s is refused with its line and what is wrong', async (bad, what) => {
  await expect(eventsOf(`${JSON.stringify(begin)}\n${bad}\n`)).rejects.toMatchObject({
    code: 'INVALID_HISTORY',
    message: expect.stringMatching(/Line 2: /),
  })
  await expect(eventsOf(`${JSON.stringify(begin)}\n${bad}\n`)).rejects.toThrow(what)
})

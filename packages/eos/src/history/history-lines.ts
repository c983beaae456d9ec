/**
 * A history as a file: JSON documents, one a line, read as a stream. What cannot be read is told with the number of its line.
 */
import { createReadStream } from 'node:fs'
import { type HistoryEvent, historyEvent, invalidHistory } from './history-event.js'

/** A poll of many records is one line. */
const LONGEST_LINE = 64 * 1024 * 1024

export interface NumberedEvent {
  readonly line: number
  readonly event: HistoryEvent
}

export async function* historyEvents(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<NumberedEvent> {
  let line = 0
  for await (const text of linesOf(chunks)) {
    line++
    if (text === undefined) throw invalidHistory(`it is longer than ${LONGEST_LINE} characters`, line)
    if (text.trim() === '') continue
    yield { line, event: historyEvent(parsed(text, line), line) }
  }
}

export function historyFile(path: string): AsyncIterable<Uint8Array> {
  return createReadStream(path, { highWaterMark: 256 * 1024 })
}

/** Undefined in place of a line without an end. */
async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string | undefined> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
    if (rest.length > LONGEST_LINE) yield undefined
  }
  rest += decoder.decode()
  if (rest !== '') yield rest
}

function parsed(text: string, line: number): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw invalidHistory(`it is no JSON: ${text.slice(0, 80)}`, line)
  }
}

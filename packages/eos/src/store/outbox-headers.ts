/**
 * The headers of a record as one text, for a column: a list of pairs as JSON, values in Base64.
 */
import type { OutboxRecord } from './outbox-store.js'

type Headers = OutboxRecord['headers']

export function headersToText(headers: Headers): string {
  return JSON.stringify(headers.map(([name, value]) => [name, value && Buffer.from(value).toString('base64')]))
}

export function headersFromText(text: string): Headers {
  const pairs = JSON.parse(text) as readonly (readonly [string, string | null])[]
  return pairs.map(([name, value]) => [name, value === null ? null : new Uint8Array(Buffer.from(value, 'base64'))])
}

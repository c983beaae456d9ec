/**
 * The schemas that the messages are generated from, for tests that go through every field. They are no part of what the
 * package exports.
 */
import type { Message } from '../../packages/protocol/generate/schema.js'
import { loadSchemas } from '../../packages/protocol/generate/schemas.js'

export type {
  Field,
  FieldType,
  Message,
  Primitive,
  PrimitiveName,
  Range,
  Struct,
} from '../../packages/protocol/generate/schema.js'

/** Requests, responses and records, in the order of their files. */
export async function allSchemas(): Promise<readonly Message[]> {
  const { apis, records } = await loadSchemas()
  return [
    ...apis.flatMap(({ api }) => [api.request, api.response]),
    ...records.flatMap(file => file.records.map(record => record.message)),
  ]
}

/**
 * Transactional ids, told as scenarios: `scenarios/*.txt`, each a list of commands with the trace that follows. With
 * REWRITE=1 the traces are written anew, to be read as a difference and explained.
 */
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { ScenarioFolder } from '../test-scenarios.js'
import { TransactionScript } from './test-transaction-script.js'

const folder = new ScenarioFolder(
  fileURLToPath(new URL('./scenarios/', import.meta.url)),
  () => new TransactionScript(),
)

if (process.env['REWRITE'] === '1') folder.rewrite()

test('there are scenarios', () => {
  expect(folder.names.flatMap(name => folder.scenarios(name)).length).toBeGreaterThanOrEqual(25)
})

describe.each(folder.names)('%s', name => {
  test.each(folder.scenarios(name))('$title', ({ body }) => {
    expect(folder.played(body)).toBe(body)
  })
})

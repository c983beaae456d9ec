/**
 * The example that says so: the same program, against the bundled broker and against a real Kafka, by another address alone.
 */
import { expect, test } from 'vitest'
import { runExample } from '../examples/example-program.js'

const KAFKA = process.env['SAMSA_KAFKA']

test.skipIf(KAFKA === undefined)('one program says the same of both (needs SAMSA_KAFKA)', async () => {
  const ofBundled = await runExample('one-address')
  expect(ofBundled).toMatchObject({ status: 0, errors: '', lines: { length: 4 } })
  expect(await runExample('one-address', KAFKA)).toEqual(ofBundled)
})

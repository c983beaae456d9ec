/**
 * Sequences without a broker: a seed says everything, and no version of any API is left out.
 */
import { describe, expect, test } from 'vitest'
import { sequenceOf } from './generate/sequence.js'
import { missingCodec } from './missing-codec.js'
import { Answered } from './step.js'

const NOW_MS = Date.UTC(2030, 0, 1)

function bytesOf(seed: string, number: number): string[] {
  const bindings = new Answered(NOW_MS)
  return sequenceOf(seed, number).steps.map((step, index) => step.frame(bindings, index).toString('hex'))
}

const MISSING = missingCodec()

describe.skipIf(MISSING !== undefined)(`a sequence${MISSING === undefined ? '' : ` (${MISSING})`}`, () => {
  test('is the same bytes whenever it is made, and another for another seed or number', () => {
    for (let number = 0; number < 50; number++) expect(bytesOf('seed', number)).toEqual(bytesOf('seed', number))
    expect(bytesOf('seed', 1)).not.toEqual(bytesOf('other', 1))
    expect(bytesOf('seed', 1)).not.toEqual(bytesOf('seed', 2))
  })

  test('can be made from every seed, has its topics to itself, and is not long', () => {
    for (let number = 0; number < 1000; number++) {
      const { steps, prefix } = sequenceOf('many', number)
      expect(steps.length).toBeGreaterThanOrEqual(3)
      expect(steps.length).toBeLessThanOrEqual(12)
      expect(prefix).toBe(`dt${number}-`)
      bytesOf('many', number)
    }
  })
})

import { deepStrictEqual } from 'node:assert/strict'
import { describe, expect, test } from 'vitest'
import { bufferView } from './buffer-view.js'

describe('a view of memory', () => {
  const bytes = Buffer.from('a batch of records')

  test('is the Buffer that subarray makes', () => {
    const view = bufferView(bytes.buffer, bytes.byteOffset + 2, 5)
    expect(Buffer.isBuffer(view)).toBe(true)
    expect(view.toString()).toBe('batch')
    deepStrictEqual(view, bytes.subarray(2, 7))
    deepStrictEqual(view.subarray(1), Buffer.from('atch'))
    expect(bufferView(bytes.buffer, bytes.byteOffset, 0)).toHaveLength(0)
  })

  test('shares the memory', () => {
    const memory = new ArrayBuffer(4)
    const view = bufferView(memory, 1, 2)
    new Uint8Array(memory)[2] = 7
    expect([...view]).toEqual([0, 7])
    expect(view.buffer).toBe(memory)
  })

  test('cannot reach beyond it', () => {
    expect(() => bufferView(new ArrayBuffer(4), 2, 3)).toThrow(RangeError)
  })
})

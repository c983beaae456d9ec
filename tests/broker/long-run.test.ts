import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { SeededRandom } from '@samsa/runtime'
import { describe, expect, test } from 'vitest'
import { proofSize } from '../proof-size.js'
import { afterWarmUp, growth, median, slowdown } from './long-run-figures.mjs'

const PROGRAM = fileURLToPath(new URL('long-run.mjs', import.meta.url))
const SECONDS = proofSize('SAMSA_LONG_RUN_SECONDS', 50)
const PATIENCE_MS = 240_000

test(`${SECONDS} seconds of mixed load leave memory, open files and latency as they were`, {
  timeout: SECONDS * 1000 + PATIENCE_MS,
}, async () => {
  const program = spawn(process.execPath, [PROGRAM, '--seconds', String(SECONDS)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const output of [program.stdout, program.stderr])
    output.setEncoding('utf8').on('data', text => {
      said += text
    })
  const [status] = await once(program, 'close')
  expect(status, said).toBe(0)
})

describe('the figures of a long run', () => {
  const samples = Array.from({ length: 60 }, (_, index) => index)
  const random = new SeededRandom('figures')
  const noises = samples.map(() => random.integer(0, 30))
  const noise = (index: number): number => noises[index] ?? 0

  test('growth is found under noise, and is over the whole run', () => {
    const grown = growth(samples.map(index => 100 + 4 * index + noise(index)))
    expect(Math.abs(grown - 4 * 59)).toBeLessThan(20)
  })

  test('what goes up and down, or has a peak, did not grow', () => {
    expect(Math.abs(growth(samples.map(noise)))).toBeLessThan(20)
    expect(growth(samples.map(index => (index > 50 && index < 55 ? 500 : 100)))).toBe(0)
  })

  test('the first third does not count', () => {
    expect(growth(afterWarmUp(samples.map(index => Math.min(index, 20) * 10)))).toBe(0)
  })

  test('slower answers are found, but not below the floor', () => {
    expect(slowdown([10, 10, 10, 20, 30, 40, 90, 100, 110], 1)).toBe(10)
    expect(slowdown([1, 1, 1, 5, 5, 5, 9, 9, 9], 20)).toBe(1)
    expect(median([3, 1, 2])).toBe(2)
  })
})

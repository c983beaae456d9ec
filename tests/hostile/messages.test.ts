import { ProtocolError, Reader, Writer } from '@samsa/protocol'
import { SeededRandom } from '@samsa/runtime'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { difference } from '../protocol/difference.js'
import { type DecodedMessage, decoded, type LengthField, lengthFields, type Subject, subjects } from './subjects.js'

/** `SAMSA_HOSTILE_SEED=123` runs that mutation alone. */
const ONE_SEED = process.env['SAMSA_HOSTILE_SEED']
const MUTATIONS = 200_000

/** Enough for the slowest machine: each of the long tests takes some seconds. */
const PATIENCE_MS = 240_000

const stackTraceLimit = Error.stackTraceLimit

// Hundreds of thousands of errors are made here, and a stack trace is most of the price of one.
beforeAll(() => {
  Error.stackTraceLimit = 0
})
afterAll(() => {
  Error.stackTraceLimit = stackTraceLimit
})

describe('golden messages', () => {
  test('are refused when they are cut short, wherever the cut is', { timeout: PATIENCE_MS }, () => {
    for (const subject of subjects) {
      expect(decoded(subject, subject.bytes), subject.name).toBeDefined()
      for (let end = 0; end < subject.bytes.length; end++) {
        const passed = decoded(subject, subject.bytes.subarray(0, end)) !== undefined
        if (passed) throw new Error(`${subject.name} cut at byte ${end} passed`)
      }
    }
  })

  test('are refused with a byte behind their end', () => {
    for (const subject of subjects) {
      const passed = decoded(subject, Buffer.concat([subject.bytes, Buffer.of(0)])) !== undefined
      if (passed) throw new Error(`${subject.name} passed`)
    }
  })
})

/** Numbers that a length can be, by how it is written; the last ones can never be right. */
const HOSTILE: Readonly<Record<LengthField['kind'], { readonly any: string[]; readonly wrong: string[] }>> = {
  presence: { any: ['00', '01', '7f', '80', 'fe', 'ff'], wrong: [] },
  int16: { any: ['0000', '0001', 'ffff'], wrong: ['fffe', '8000', '7fff'] },
  int32: { any: ['00000000', '00000001', 'ffffffff'], wrong: ['fffffffe', '80000000', '7fffffff'] },
  // 0 stands for null and 1 for nothing; 2^32 - 1, 2^32 - 2, 2^31 - 1, 2^31, and too long for any number.
  varint: {
    any: ['00', '01', '02', '8000', '8100'],
    wrong: [
      'ffffffff0f',
      'feffffff0f',
      'ffffffff07',
      '8080808008',
      'ffffffff1f',
      '808080808000',
      'ffffffffffffffffff01',
    ],
  },
  tag: { any: ['00', '01', '7f', '8080808008', 'ffffffff0f'], wrong: ['808080808000', 'ffffffffffffffffff01'] },
}

function replaced(bytes: Buffer, { at, size }: LengthField, hex: string): Buffer {
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(hex, 'hex'), bytes.subarray(at + size)])
}

describe('lengths, counts and marks of presence', () => {
  test('are found in every message that has any', () => {
    const kinds = new Map<string, number>()
    for (const subject of subjects) {
      for (const { kind } of lengthFields(subject)) kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
    }
    for (const kind of Object.keys(HOSTILE)) expect(kinds.get(kind), kind).toBeGreaterThan(20)
  })

  test('may hold anything, and are refused where they cannot be right', { timeout: PATIENCE_MS }, () => {
    for (const subject of subjects) {
      for (const field of lengthFields(subject)) {
        for (const hex of HOSTILE[field.kind].any) decoded(subject, replaced(subject.bytes, field, hex))
        for (const hex of HOSTILE[field.kind].wrong) {
          const passed = decoded(subject, replaced(subject.bytes, field, hex)) !== undefined
          if (passed) throw new Error(`${subject.name} passed with ${hex} for the ${field.kind} at byte ${field.at}`)
        }
      }
    }
  })
})

const INTERESTING = [
  '00',
  '01',
  '7f',
  '80',
  'ff',
  '0000',
  '7fff',
  'ffff',
  '00000000',
  '7fffffff',
  '80000000',
  'ffffffff',
]

function pick<Item>(random: SeededRandom, items: readonly Item[]): Item {
  const item = items[random.integer(0, items.length)]
  if (item === undefined) throw new Error('nothing to pick from')
  return item
}

function mutated(random: SeededRandom, bytes: Buffer): Buffer {
  let result: Buffer = Buffer.from(bytes)
  for (let changes = random.integer(1, 5); changes > 0; changes--) result = change(random, result)
  return result
}

function change(random: SeededRandom, bytes: Buffer): Buffer {
  const at = random.integer(0, bytes.length + 1)
  const rest = (from: number): Buffer => bytes.subarray(Math.min(from, bytes.length))
  const before = bytes.subarray(0, at)
  switch (random.integer(0, 6)) {
    case 0:
      return Buffer.concat([before, random.bytes(1), rest(at + 1)])
    case 1: {
      const flipped = Buffer.from(rest(at).subarray(0, 1)).map(byte => byte ^ (1 << random.integer(0, 8)))
      return Buffer.concat([before, flipped, rest(at + 1)])
    }
    case 2: {
      const value = Buffer.from(pick(random, INTERESTING), 'hex')
      return Buffer.concat([before, value, rest(at + value.length)])
    }
    case 3:
      return Buffer.concat([before, rest(at + random.integer(1, 9))])
    case 4:
      return Buffer.concat([before, random.bytes(random.integer(1, 9)), rest(at)])
    default: {
      const other = pick(random, subjects).bytes
      return Buffer.concat([before, other.subarray(random.integer(0, other.length + 1))])
    }
  }
}

/** What was read can be written, unless some text grew when its bytes were no UTF-8, and is then read the same again. */
function checkWritable({ codec, version, value }: DecodedMessage): void {
  const writer = new Writer(codec.name)
  try {
    codec.encode(writer, value, version)
  } catch (error) {
    if (error instanceof ProtocolError && error.code === 'INVALID_VALUE') return
    throw error
  }
  const again = codec.decode(new Reader(writer.toBytes(), codec.name), version)
  const found = difference(value, again, codec.name)
  if (found !== undefined) throw new Error(found)
}

/** One mutation from beginning to end; true when its bytes were a message after all. */
function runMutation(seed: number): boolean {
  const random = new SeededRandom(`hostile ${seed}`)
  const subject: Subject = pick(random, subjects)
  const message = decoded(subject, mutated(random, subject.bytes))
  if (message === undefined) return false
  checkWritable(message)
  return true
}

function runMutations(from: number, to: number): number {
  let passed = 0
  for (let seed = from; seed < to; seed++) {
    try {
      if (runMutation(seed)) passed++
    } catch (error) {
      throw new Error(`seed ${seed} (alone: SAMSA_HOSTILE_SEED=${seed})`, { cause: error })
    }
  }
  return passed
}

describe('mutated messages', () => {
  if (ONE_SEED !== undefined) {
    test(`seed ${ONE_SEED} gives a message or a ProtocolError`, () => {
      runMutations(Number(ONE_SEED), Number(ONE_SEED) + 1)
    })
  } else {
    test(`${MUTATIONS} seeds give a message that can be written or a ProtocolError`, { timeout: PATIENCE_MS }, () => {
      const passed = runMutations(0, MUTATIONS)
      // Mutations that nearly all fail at once, or that change nothing, would prove little.
      expect(passed).toBeGreaterThan(MUTATIONS / 20)
      expect(passed).toBeLessThan(MUTATIONS / 2)
    })
  }
})

import { describe, expect, test } from 'vitest'
import { type Random, SeededRandom, systemRandom } from './random.js'

/** The definition of xoshiro128**, with BigInt and nothing clever: what the fast one must agree with. */
function* definition(state: [bigint, bigint, bigint, bigint]): Generator<number> {
  const cut = (word: bigint): bigint => word & 0xffff_ffffn
  const rotate = (word: bigint, bits: bigint): bigint => cut((word << bits) | (word >> (32n - bits)))
  let [s0, s1, s2, s3] = state
  for (;;) {
    yield Number(cut(rotate(cut(s1 * 5n), 7n) * 9n))
    const shifted = cut(s1 << 9n)
    s2 ^= s0
    s3 ^= s1
    s1 ^= s2
    s0 ^= s3
    s2 ^= shifted
    s3 = rotate(s3, 11n)
  }
}

function draw<T>(count: number, one: () => T): T[] {
  return Array.from({ length: count }, one)
}

describe('the seeded source', () => {
  test('gives the published sequence of xoshiro128** for the state 1, 2, 3, 4', () => {
    const random = SeededRandom.fromState(1, 2, 3, 4)
    expect(draw(10, () => random.word())).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
    ])
  })

  test('agrees with the definition from a state of high bits', () => {
    const random = SeededRandom.fromState(0xdeadbeef, 0xffffffff, 0x80000000, 0x7fffffff)
    const expected = definition([0xdeadbeefn, 0xffffffffn, 0x80000000n, 0x7fffffffn])
    expect(draw(10_000, () => random.word())).toEqual(draw(10_000, () => expected.next().value))
  })

  test('keeps its sequences from version to version, so that a recorded seed replays', () => {
    const random = new SeededRandom(42)
    expect(draw(3, () => random.next())).toMatchInlineSnapshot(`
      [
        0.01000812524954231,
        0.9743918109719037,
        0.6187167340753109,
      ]
    `)
    expect(draw(5, () => random.integer(0, 1000))).toMatchInlineSnapshot(`
      [
        216,
        938,
        916,
        135,
        287,
      ]
    `)
    expect(Buffer.from(random.bytes(7)).toString('hex')).toMatchInlineSnapshot(`"f3def20495f447"`)
    expect(random.fork('jitter').integer(0, 1_000_000)).toMatchInlineSnapshot(`826320`)
  })

  test('repeats with the seed, as a number or as text, and says which seed it was', () => {
    const one = new SeededRandom(7)
    const other = new SeededRandom('7')
    expect(draw(100, () => one.next())).toEqual(draw(100, () => other.next()))
    expect(one.seed).toBe('7')
    expect(new SeededRandom(8).next()).not.toBe(new SeededRandom(7).next())
  })

  test('forks by seed and label alone, whatever was drawn before', () => {
    const drawn = new SeededRandom('run')
    draw(1000, () => drawn.next())
    const fresh = new SeededRandom('run')
    expect(drawn.fork('network').next()).toBe(fresh.fork('network').next())
    expect(fresh.fork('network').next()).not.toBe(fresh.fork('disk').next())
    expect(fresh.fork('a').fork('b').next()).toBe(fresh.fork('a').fork('b').next())
    expect(fresh.fork('network').seed).toBe('run / network')
  })
})

describe.each<[string, Random]>([
  ['seeded', new SeededRandom('properties')],
  ['system', systemRandom],
])('the %s source', (_name, random) => {
  test('draws fractions of [0, 1) that are spread over it', () => {
    const tenths = new Set(draw(2_000, () => Math.floor(random.next() * 10)))
    expect([...tenths].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  })

  test('draws every whole number between its bounds and none outside', () => {
    const seen = new Set(draw(2_000, () => random.integer(-3, 4)))
    expect([...seen].sort((a, b) => a - b)).toEqual([-3, -2, -1, 0, 1, 2, 3])
    expect(random.integer(5, 6)).toBe(5)
  })

  test('draws from ranges beyond 32 bits', () => {
    const values = draw(200, () => random.integer(0, Number.MAX_SAFE_INTEGER))
    expect(values.every(value => Number.isSafeInteger(value) && value >= 0)).toBe(true)
    expect(Math.max(...values)).toBeGreaterThan(2 ** 50)
  })

  test('favours no part of a range that does not divide the words evenly', () => {
    const range = 3 * 2 ** 30
    const low = draw(3_000, () => random.integer(0, range)).filter(value => value < range / 3)
    // A third, where taking words modulo the range would give half. Far beyond any chance.
    expect(low.length / 3_000).toBeGreaterThan(0.27)
    expect(low.length / 3_000).toBeLessThan(0.4)
  })

  test('refuses bounds that hold no number', () => {
    expect(() => random.integer(3, 3)).toThrow(/min < max.*3 and 3/)
    expect(() => random.integer(0, 1.5)).toThrow(/whole numbers/)
    expect(() => random.integer(-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)).toThrow(/too far apart/)
    expect(() => random.bytes(-1)).toThrow(/got -1/)
  })

  test('gives as many bytes as asked for, up to the last one', () => {
    for (const count of [0, 1, 3, 4, 5, 1000]) expect(random.bytes(count)).toHaveLength(count)
    const last = new Set(draw(100, () => random.bytes(5)[4]))
    expect(last.size).toBeGreaterThan(20)
  })

  test('draws sequences that differ', () => {
    expect(draw(300, () => random.next())).not.toEqual(draw(300, () => random.next()))
  })
})

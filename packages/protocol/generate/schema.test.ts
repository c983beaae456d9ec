import { describe, expect, test } from 'vitest'
import { covers, field, int32, intersect, isEmpty, list, NO_VERSIONS, nested, parseRange, string } from './schema.js'
import { loadSchemas } from './schemas.js'

describe('ranges of versions', () => {
  test.each([
    ['4', 4, 4],
    ['0-12', 0, 12],
    ['3+', 3, 32_767],
  ])('%s', (text, min, max) => {
    expect(parseRange(text)).toEqual({ min, max })
  })

  test('may hold no version at all', () => {
    expect(isEmpty(parseRange('none'))).toBe(true)
    expect(isEmpty(parseRange('4'))).toBe(false)
  })

  test.each(['', '4-', '-4', 'all', '3-2', '1.5', '3 +'])('%j is none', text => {
    expect(() => parseRange(text)).toThrow()
  })

  test('meet, or do not', () => {
    expect(intersect({ min: 0, max: 5 }, { min: 3, max: 9 })).toEqual({ min: 3, max: 5 })
    expect(intersect({ min: 0, max: 2 }, { min: 3, max: 9 })).toEqual(NO_VERSIONS)
    expect(covers({ min: 0, max: 9 }, { min: 3, max: 9 })).toBe(true)
    expect(covers({ min: 4, max: 9 }, { min: 3, max: 9 })).toBe(false)
    expect(covers({ min: 4, max: 9 }, NO_VERSIONS)).toBe(true)
  })
})

describe('a field', () => {
  test('is in every version and never null unless it says so', () => {
    expect(field('name', string)).toMatchObject({
      versions: { min: 0, max: 32_767 },
      nullable: NO_VERSIONS,
      tagged: NO_VERSIONS,
      ignorable: false,
      default: undefined,
      text: undefined,
    })
  })

  test('with a tag is tagged in the versions that it is in, or in those it names', () => {
    expect(field('a', int32, { in: '3+', tag: 1 }).tagged).toEqual(parseRange('3+'))
    expect(field('a', int32, { tagged: '3+', tag: 1 })).toMatchObject({
      versions: parseRange('3+'),
      tagged: parseRange('3+'),
    })
    expect(field('a', int32, { in: '1+', tagged: '3+', tag: 1 })).toMatchObject({
      versions: parseRange('1+'),
      tagged: parseRange('3+'),
    })
  })

  test('may have a text, options, both or neither, whatever it holds', () => {
    const inner = [field('b', int32)]
    expect(field('a', int32, 'Text.')).toMatchObject({ text: 'Text.' })
    expect(field('a', int32, { in: '2' }, 'Text.')).toMatchObject({ text: 'Text.', versions: { min: 2, max: 2 } })
    expect(list('a', 'A', inner)).toMatchObject({
      type: { kind: 'array', of: { name: 'A', fields: inner } },
      text: undefined,
    })
    expect(list('a', 'A', 'Text.', inner)).toMatchObject({ text: 'Text.' })
    expect(nested('a', 'A', { in: '2' }, inner)).toMatchObject({
      type: { kind: 'struct', name: 'A' },
      versions: { min: 2, max: 2 },
    })
    expect(nested('a', 'A', { in: '2' }, 'Text.', inner)).toMatchObject({ text: 'Text.', type: { fields: inner } })
  })
})

describe('the schema files', () => {
  test('are loaded in order of their keys', async () => {
    const { apis, records } = await loadSchemas()
    const keys = apis.map(({ api }) => api.source.key)
    expect(keys).toEqual(keys.toSorted((a, b) => a - b))
    expect(apis.every(({ file, api }) => Number(file.slice(0, 2)) === api.source.key)).toBe(true)
    expect(records.flatMap(file => file.records).length).toBeGreaterThan(80)
  })
})

/**
 * The tests notice when a rule of the broker, the producer, the consumer or a helper for exactly-once is broken. Nine rules are
 * broken here, three of them of transactions and three of helpers; `node tests/mutations/run.mjs --record` breaks all of them and writes down what it saw.
 */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { proofSize } from '../proof-size.js'

const FOLDER = dirname(fileURLToPath(import.meta.url))
const ROOT = dirname(dirname(FOLDER))
const TRIED = [
  'no checksum in recovery',
  "a marker's epoch is not looked at",
  'no sync of a log directory',
  'the last stable offset is ahead of an open transaction',
  'acknowledged before it is synced',
  'an older epoch writes on',
  'another payload under the same id is a duplicate',
  'a claim is changed by who does not own it',
  'the offset of the last record is stored, not the one behind it',
]
const TIMEOUT_MS = 300_000

interface Mutation {
  readonly name: string
  readonly file: string
  readonly find: string
  readonly replace: string
  readonly tests: readonly string[]
}

interface Result {
  readonly name: string
  readonly outcome: string
}

function isTexts(value: unknown, ...names: readonly string[]): value is Record<string, string> {
  return (
    typeof value === 'object' && value !== null && names.every(name => typeof Reflect.get(value, name) === 'string')
  )
}

function readRows(file: string): unknown[] {
  const rows: unknown = JSON.parse(readFileSync(join(FOLDER, file), 'utf8'))
  return Array.isArray(rows) ? rows : []
}

function isMutation(row: unknown): row is Mutation {
  return isTexts(row, 'name', 'file', 'find', 'replace') && Array.isArray(Reflect.get(row, 'tests'))
}

function isResult(row: unknown): row is Result {
  return isTexts(row, 'name', 'outcome')
}

const mutations = readRows('mutations.json').filter(isMutation)
const results = readRows('result.json').filter(isResult)

test.each(mutations)('the text that "$name" changes is in the sources, once', ({ file, find, replace, tests }) => {
  expect(readFileSync(join(ROOT, file), 'utf8').split(find)).toHaveLength(2)
  expect(replace).not.toBe(find)
  expect(tests.length).toBeGreaterThan(0)
})

test('the last full run had each of them, and each was caught', () => {
  expect(results.map(({ name }) => name)).toEqual(mutations.map(({ name }) => name))
  expect(results.filter(({ outcome }) => outcome !== 'caught')).toEqual([])
})

test(
  'rules that are broken here and now are noticed',
  async () => {
    const names = TRIED.slice(0, proofSize('SAMSA_MUTATIONS', TRIED.length))
    const child = spawn(process.execPath, [join(FOLDER, 'run.mjs'), ...names], { stdio: ['ignore', 'pipe', 'inherit'] })
    let output = ''
    child.stdout.on('data', chunk => {
      output += String(chunk)
    })
    await new Promise(resolve => child.once('close', resolve))
    expect(output.split('\n').filter(line => line.startsWith('caught: '))).toHaveLength(names.length)
    expect(child.exitCode).toBe(0)
  },
  TIMEOUT_MS,
)

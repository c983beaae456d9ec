import { execFileSync } from 'node:child_process'
import { join, relative, sep } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  everyTestRuns,
  filesStayShort,
  kebabCaseNames,
  type LongFiles,
  noFocusedTests,
  noGrabBags,
  opensWithItsJob,
} from './file-rules.js'
import { listFiles, readSources, rootFolder } from './source-tree.js'

const files = listFiles()
const sources = readSources(files)
const longFiles: LongFiles = {}

function lines(count: number): string {
  return 'x\n'.repeat(count)
}

/** The test files that the runner itself would take, asked of the runner. */
function testFilesOfRunner(): readonly string[] {
  const output = execFileSync(
    process.execPath,
    [join(rootFolder, 'node_modules/vitest/vitest.mjs'), 'list', '--filesOnly'],
    {
      cwd: rootFolder,
      encoding: 'utf8',
      env: { ...process.env, NO_COLOR: '1' },
    },
  )
  return output
    .split('\n')
    .filter(line => line !== '')
    .map(line => relative(rootFolder, join(rootFolder, line)).split(sep).join('/'))
}

describe('files of the repository', () => {
  test('no file is a grab-bag', () => {
    expect(files.length).toBeGreaterThan(0)
    expect(noGrabBags(files)).toEqual([])
  })

  test('source files have kebab-case names', () => {
    expect(kebabCaseNames(sources)).toEqual([])
  })

  test('no test is focused', () => {
    expect(noFocusedTests(sources)).toEqual([])
  })

  test('every test file is run', () => {
    const run = testFilesOfRunner()
    expect(run).toContain('tests/repo/files.test.ts')
    expect(everyTestRuns(files, run)).toEqual([])
  })

  test('no file written by hand is longer than 600 lines without a reason', () => {
    expect(filesStayShort(sources, longFiles)).toEqual([])
  })

  test('every source file opens by saying its job', () => {
    expect(opensWithItsJob(sources)).toEqual([])
  })
})

describe('the rules on files', () => {
  test('grab-bags are found by file and by folder', () => {
    const bad = ['packages/client/src/utils.ts', 'packages/client/src/common/retry.ts', 'tests/helpers.test.ts']
    expect(noGrabBags([...bad, 'packages/client/src/retry.ts', 'docs/uncommon.md'])).toHaveLength(bad.length)
  })

  test('other ways to write a name are found', () => {
    const bad = ['a/batchReader.ts', 'a/BatchReader.ts', 'a/batch_reader.ts']
    const good = ['a/batch-reader.ts', 'a/00-produce.test.ts', 'vitest.config.ts']
    expect(kebabCaseNames([...bad, ...good].map(path => ({ path })))).toHaveLength(bad.length)
  })

  test('a focused test is found in each of its forms', () => {
    // Put together here, so that this file does not hold what it looks for.
    const focused = (before: string) => ({ path: 'a.test.ts', text: `${before}${'.on'}${'ly'}('x', () => {})` })
    expect(noFocusedTests(['test', 'describe', 'it', 'test.concurrent'].map(focused))).toHaveLength(4)
    expect(noFocusedTests([{ path: 'a.test.ts', text: "test('the only one', () => {})" }])).toEqual([])
  })

  test('a test that no glob finds is found', () => {
    const bad = ['packages/client/test/a.test.ts', 'tests/a.spec.ts', 'scripts/b.test.mjs', 'tests/__tests__/c.ts']
    expect(everyTestRuns([...bad, 'tests/d.test.ts', 'tests/e.ts'], ['tests/d.test.ts'])).toHaveLength(bad.length)
  })

  test('a long file is found unless it is generated or has a reason, and so is a reason too many', () => {
    const long = { path: 'a.ts', text: lines(601) }
    const generated = { path: 'b.ts', text: `/**\n * Messages.\n * Generated from schemas.\n */\n${lines(600)}` }
    const short = { path: 'c.ts', text: lines(600) }
    expect(filesStayShort([long, generated, short], {})).toHaveLength(1)
    expect(filesStayShort([long, generated, short], { 'a.ts': 'a table' })).toEqual([])
    expect(filesStayShort([short], { 'c.ts': 'no longer long' })).toHaveLength(1)
  })

  test('a file that does not say its job is found', () => {
    const text = (value: string) => [{ path: 'packages/client/src/a.ts', text: value }]
    expect(opensWithItsJob(text('/** The job. */\nexport {}'))).toEqual([])
    expect(opensWithItsJob(text('#!/usr/bin/env node\n/** The job. */'))).toEqual([])
    expect(opensWithItsJob(text('export {}'))).toHaveLength(1)
    expect(opensWithItsJob(text('// A line.\nexport {}'))).toHaveLength(1)
    expect(opensWithItsJob(text('/**/\nexport {}'))).toHaveLength(1)
  })
})

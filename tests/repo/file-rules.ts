/**
 * Rules on files, each a pure function from files to findings: their names, their length, how they open, and that every
 * test in them runs. No finding, no violation.
 */
import { posix } from 'node:path'
import { isGenerated, isTestFile, type SourceFile } from './source-tree.js'

const bannedNames = new Set(['util', 'utils', 'helper', 'helpers', 'common', 'misc', 'shared'])
const kebabCase = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z]+)*$/
const lineLimit = 600
const focusedTest = /\b(?:test|it|describe|suite|bench)(?:\.\w+)*\.only\b/

/** Files above the limit that have a reason to be; an entry that is no longer needed is a finding as well. */
export type LongFiles = Readonly<Record<string, string>>

/** A name says the one job: no grab-bags. */
export function noGrabBags(files: readonly string[]): readonly string[] {
  return files
    .filter(path => path.split('/').some(part => bannedNames.has(part.replace(/\..*$/, ''))))
    .map(path => `${path}: name the file after its one job`)
}

export function kebabCaseNames(sources: readonly Pick<SourceFile, 'path'>[]): readonly string[] {
  return sources
    .filter(({ path }) => !kebabCase.test(posix.basename(path)))
    .map(({ path }) => `${path}: file names are lower case with hyphens`)
}

export function noFocusedTests(sources: readonly SourceFile[]): readonly string[] {
  return sources.flatMap(({ path, text }) =>
    text
      .split('\n')
      .flatMap((line, index) => (focusedTest.test(line) ? [`${path}:${index + 1}: hides every other test`] : [])),
  )
}

/** What looks like a test but is found by no glob of the runner would be green for ever. */
export function everyTestRuns(files: readonly string[], run: readonly string[]): readonly string[] {
  const found = new Set(run)
  return files
    .filter(path => /[.\-_](?:test|tests|spec)\.[cm]?[jt]sx?$/.test(path) || /(?:^|\/)__tests__\//.test(path))
    .filter(path => !found.has(path))
    .map(path => `${path}: looks like a test, but vitest does not find it`)
}

export function filesStayShort(sources: readonly SourceFile[], longFiles: LongFiles): readonly string[] {
  const tooLong = sources.filter(source => !isGenerated(source) && lineCount(source.text) > lineLimit)
  const paths = new Set(tooLong.map(({ path }) => path))
  return [
    ...tooLong
      .filter(({ path }) => longFiles[path] === undefined)
      .map(({ path, text }) => `${path}: ${lineCount(text)} lines; split it, or give a reason in files.test.ts`),
    ...Object.keys(longFiles)
      .filter(path => !paths.has(path))
      .map(path => `${path}: is not longer than ${lineLimit} lines and needs no exception`),
  ]
}

/** A source file begins by saying its job. Schemas are data whose texts lie in their fields; a test says it in titles. */
export function opensWithItsJob(sources: readonly SourceFile[]): readonly string[] {
  return sources
    .filter(({ path }) => !isTestFile(path) && !path.startsWith('packages/protocol/schemas/'))
    .filter(({ text }) => !/^(?:#!.*\n)?\/\*\*[^/]/.test(text))
    .map(({ path }) => `${path}: does not open with a comment that says its job`)
}

function lineCount(text: string): number {
  return text.replace(/\n$/, '').split('\n').length
}

/**
 * A vitest reporter that counts: writes passed, failed and skipped, with the reason of each skip, to the file named by
 * SAMSA_TEST_RESULT. What breaks outside of a test (a file that does not load, a failing hook, an unhandled
 * rejection) counts as a failure, so that a run that is not green never reads as one.
 */
import { writeFileSync } from 'node:fs'

export default class TestReporter {
  onTestRunEnd(testModules, unhandledErrors) {
    const path = process.env.SAMSA_TEST_RESULT
    if (path === undefined) return
    const result = { passed: 0, failed: unhandledErrors.length, skipped: [] }
    for (const testModule of testModules) countModule(testModule, result)
    writeFileSync(path, JSON.stringify(result))
  }
}

function countModule(testModule, result) {
  result.failed += testModule.errors().length
  for (const suite of testModule.children.allSuites()) result.failed += suite.errors().length
  for (const test of testModule.children.allTests()) {
    const { state, note } = test.result()
    if (state === 'passed') result.passed += 1
    else if (state === 'failed') result.failed += 1
    else result.skipped.push({ file: testModule.relativeModuleId, name: test.fullName, reason: skipReason(test, note) })
  }
}

/** The reason given to `context.skip`, else what the test's or a suite's title ends with in parentheses. */
function skipReason(test, note) {
  if (note !== undefined && note !== '') return note
  for (let entry = test; entry.type !== 'module'; entry = entry.parent) {
    const suffix = /\(([^()]+)\)$/.exec(entry.name.trim())
    if (suffix !== null) return suffix[1]
  }
  return test.options.mode === 'todo' ? 'still to be written' : 'no reason given'
}

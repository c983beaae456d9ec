/**
 * A vitest reporter that counts: writes passed, failed and skipped, with the reason of each skip and the first words of
 * each failure, to the file named by SAMSA_TEST_RESULT. What breaks outside of a test (a file that does not load, a failing hook, an unhandled
 * rejection) counts as a failure, so that a run that is not green never reads as one.
 */
import { writeFileSync } from 'node:fs'

export default class TestReporter {
  onTestRunEnd(testModules, unhandledErrors) {
    const path = process.env.SAMSA_TEST_RESULT
    if (path === undefined) return
    const result = { passed: 0, failed: unhandledErrors.length, failures: [], skipped: [] }
    result.failures.push(...unhandledErrors.map(error => failureLine('outside of the tests', [error])))
    for (const testModule of testModules) countModule(testModule, result)
    writeFileSync(path, JSON.stringify(result))
  }
}

function countModule(testModule, result) {
  const file = testModule.relativeModuleId
  for (const { name, errors } of brokenParts(testModule)) {
    result.failed += errors.length
    if (errors.length > 0) result.failures.push(failureLine(`${file}${name}`, errors))
  }
  for (const test of testModule.children.allTests()) {
    const { state, note, errors } = test.result()
    if (state === 'passed') result.passed += 1
    else if (state === 'failed') {
      result.failed += 1
      result.failures.push(failureLine(`${file} > ${test.fullName}`, errors))
    } else result.skipped.push({ file, name: test.fullName, reason: skipReason(test, note) })
  }
}

/** The file itself and its suites: what can break outside of a test. */
function brokenParts(testModule) {
  const suites = Array.from(testModule.children.allSuites(), suite => ({
    name: ` > ${suite.fullName}`,
    errors: suite.errors(),
  }))
  return [{ name: '', errors: testModule.errors() }, ...suites]
}

function failureLine(where, errors) {
  const [firstLine] = String(errors?.[0]?.message ?? 'no reason given').split('\n')
  return `${where}: ${firstLine.slice(0, 300)}`
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

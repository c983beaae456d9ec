/**
 * A list of named checks that run one after another and are counted like tests: for the scripts that only CI runs.
 */
import { printCounts } from './test-summary.mjs'

export class CheckList {
  #label
  #passed = 0
  #failed = 0

  constructor(label) {
    this.#label = label
  }

  /** Runs a check: it passes unless it throws or resolves to a text that says what is wrong. Resolves to whether it passed. */
  async check(name, action) {
    const problem = await outcomeOf(action)
    if (problem === undefined) {
      this.#passed += 1
      process.stdout.write(`${this.#label}: ${name}: ok\n`)
      return true
    }
    this.#failed += 1
    process.stdout.write(`${this.#label}: ${name}: FAILED\n${problem.replace(/^/gm, '  ')}\n`)
    return false
  }

  /** Prints the counts; the exit status for the process. */
  finish() {
    printCounts({ passed: this.#passed, failed: this.#failed }, this.#label)
    return this.#failed === 0 ? 0 : 1
  }
}

async function outcomeOf(action) {
  try {
    return (await action()) || undefined
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error)
  }
}

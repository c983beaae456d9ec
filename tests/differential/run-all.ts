/**
 * Many sequences: most of them side by side, those that may change what belongs to all one at a time behind them. What a
 * portion of them has left behind is deleted before the next one begins.
 */
import { deleteTopics, metadata, ZERO_UUID } from '@samsa/protocol'
import type { Rule } from './compare.js'
import { isAlone, sequenceOf } from './generate/sequence.js'
import { Peer } from './peer.js'
import { failed } from './report.js'
import { type Addresses, runSequence, type SequenceResult, type Settle } from './run.js'

const AT_ONCE = 16
const PORTION = 200
const MOST_FAILURES = 20
const METADATA_VERSION = 12
const DELETE_VERSION = 6

export interface RunOptions {
  readonly seed: string
  readonly numbers: readonly number[]
  readonly addresses: Addresses
  readonly rules: readonly Rule[]
  readonly settle: Settle
}

export interface RunResult {
  readonly failures: readonly SequenceResult[]
  readonly unused: readonly Rule[]
  /** How often, by API and version (`Fetch 12`). */
  readonly covered: ReadonlyMap<string, number>
  readonly sequences: number
  readonly requests: number
}

export async function runSequences(options: RunOptions): Promise<RunResult> {
  const tally = new Tally(options.rules)
  const together = options.numbers.filter(number => !isAlone(number))
  const alone = options.numbers.filter(isAlone)
  for (const [portion, atOnce] of [...portions(together, AT_ONCE), ...portions(alone, 1)]) {
    await Promise.all([cleanUp(options.addresses.kafka), cleanUp(options.addresses.samsa)])
    await options.settle()
    await runPortion(portion, atOnce, options, tally)
    if (tally.failures.length >= MOST_FAILURES) break
  }
  return tally
}

function portions(numbers: readonly number[], atOnce: number): [number[], number][] {
  const count = Math.ceil(numbers.length / PORTION)
  return Array.from({ length: count }, (_, index) => [numbers.slice(index * PORTION, (index + 1) * PORTION), atOnce])
}

async function runPortion(
  numbers: readonly number[],
  atOnce: number,
  options: RunOptions,
  tally: Tally,
): Promise<void> {
  const { seed, addresses, rules, settle } = options
  const left = [...numbers]
  const worker = async (): Promise<void> => {
    for (let number = left.shift(); number !== undefined; number = left.shift()) {
      const sequence = sequenceOf(seed, number)
      tally.add(
        await runSequence(sequence, addresses, rules, settle).catch(error => {
          throw new Error(`sequence ${sequence.seed} cannot be run: ${String(error)}`, { cause: error })
        }),
      )
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}

class Tally implements RunResult {
  readonly failures: SequenceResult[] = []
  readonly covered = new Map<string, number>()
  readonly #unused: Set<Rule>
  sequences = 0
  requests = 0

  constructor(rules: readonly Rule[]) {
    this.#unused = new Set(rules)
  }

  get unused(): readonly Rule[] {
    return [...this.#unused]
  }

  add(result: SequenceResult): void {
    this.sequences++
    this.requests += result.exchanges.length
    for (const { step } of result.exchanges) {
      const key = `${step.api.name} ${step.version}`
      this.covered.set(key, (this.covered.get(key) ?? 0) + 1)
    }
    for (const rule of result.used) this.#unused.delete(rule)
    if (failed(result)) this.failures.push(result)
  }
}

/** Deletes the topics of all sequences. */
async function cleanUp(address: string): Promise<void> {
  const peer = await Peer.connect(address)
  try {
    const all = await peer.ask(metadata, METADATA_VERSION, { topics: null, allowAutoTopicCreation: false })
    const names = all.topics.flatMap(({ name }) => (name?.startsWith('dt') ? [name] : []))
    if (names.length === 0) return
    const topics = names.map(name => ({ name, topicId: ZERO_UUID }))
    await peer.ask(deleteTopics, DELETE_VERSION, { topics, timeoutMs: 60_000 })
  } finally {
    peer.close()
  }
}

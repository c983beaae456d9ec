/**
 * A program that consumes, transforms and produces in transactions, as a process: tells its steps on lines
 * (`transformer-steps.mjs`) and is killed at one of them.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const STDERR_LIMIT_CHARS = 64 * 1024

export interface TransformJob {
  readonly address: string
  readonly topic: string
  readonly outputs: readonly string[]
  readonly groupId: string
  readonly transactionalId: string
  readonly transactionTimeoutMs: number
  /** The most records that it reads for one transaction. */
  readonly most: number
  /** Where it waits to be killed: at that step, once so many transactions are committed. */
  readonly halt?: Halt | undefined
}

export interface Halt {
  /**
   * `sent`: its records are acknowledged. `offsets`: those of the group too. It stays there. `commit`: the commit is about to
   * be asked for, and is while the process ends.
   */
  readonly at: 'sent' | 'offsets' | 'commit'
  readonly after: number
}

export type Step = 'sent' | 'offsets' | 'commit' | 'committed' | 'halted'

/** What starts a client's program; the job comes behind it. */
export type TransformCommand = (job: TransformJob) => readonly string[]

/** Of a program here that is named `<name>-transformer.mjs`, under some Node. */
export function nodeTransformer(name: string, node: string): TransformCommand {
  const program = fileURLToPath(new URL(`${name}-transformer.mjs`, import.meta.url))
  return job => [node, program, JSON.stringify(job)]
}

export class Transformer {
  readonly #child: ChildProcess
  readonly #ended: Promise<void>
  readonly #counts = new Map<string, number>()
  #said = ''
  #isOver = false
  readonly #changes = new EventEmitter()

  constructor(command: readonly string[]) {
    const [program = '', ...args] = command
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#child = child
    createInterface({ input: child.stdout }).on('line', line => {
      this.#counts.set(line, (this.#counts.get(line) ?? 0) + 1)
      this.#change()
    })
    child.stderr.on('data', text => {
      this.#said = (this.#said + String(text)).slice(-STDERR_LIMIT_CHARS)
    })
    this.#ended = new Promise(resolve => {
      const over = (): void => {
        this.#isOver = true
        this.#change()
        resolve()
      }
      child.once('close', over)
      child.once('error', error => {
        this.#said += error.message
        over()
      })
    })
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** The end of what it wrote to its standard error. */
  get said(): string {
    return this.#said
  }

  /** Resolves when it has told a step so many times; rejects when it ends before. */
  async reaches(step: Step, times = 1): Promise<void> {
    while ((this.#counts.get(step) ?? 0) < times) {
      if (this.#isOver) throw new Error(`it ended before it was ${step}: ${this.#said}`)
      await once(this.#changes, 'change')
    }
  }

  /** Resolves when it has ended, by itself or killed. */
  get ended(): Promise<void> {
    return this.#ended
  }

  /** SIGKILL; harmless when it is over. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#ended
  }

  #change(): void {
    this.#changes.emit('change')
  }
}

/**
 * Worker: a process with a transactional id that runs one transaction after the other, as an application does: what can
 * be aborted is aborted, and behind an error that a producer does not survive there is a new one. What a transaction
 * consists of is for `Writer` and `Copier`. Says to the history what it does and hears.
 */
import { Producer, string } from '@samsa/producer'
import { KafkaError, type SeededRandom, TimeoutError } from '@samsa/runtime'
import type { TestKafka } from '../producer-faults/test-kafka.js'
import type { History, Place, TransactionStory } from './history.js'
import { Link } from './link.js'
import { producerOptions, type Script, type WorkerDraft } from './script.js'

export interface WorkerParts {
  readonly name: string
  readonly draft: WorkerDraft
  readonly script: Script
  readonly kafka: TestKafka
  readonly history: History
  readonly random: SeededRandom
}

export type TransactionEnd = 'committed' | 'aborted' | 'failed'

const PAUSE_BEHIND_FAILURE_MS = 200
/** Who has crashed says nothing any more: what it waits for is over. */
class CrashedError extends Error {}

export abstract class Worker {
  readonly name: string
  readonly draft: WorkerDraft
  readonly link: Link
  /** 'stops': when its transaction has ended; 'haunts': another one has its id, and it ends when it hears of that. */
  state: 'runs' | 'haunts' | 'stops' | 'crashed' | 'gone' = 'runs'
  protected readonly parts: WorkerParts
  #producer: Producer<string, string> | undefined
  #session = ''
  #sessions = 0
  #stallUntil = 0
  #done: Promise<void> | undefined

  constructor(parts: WorkerParts) {
    this.parts = parts
    this.name = parts.name
    this.draft = parts.draft
    this.link = new Link(parts.kafka)
  }

  /** One transaction, or none when there is nothing to do. */
  protected abstract step(): Promise<void>
  /** What it has besides a producer. */
  protected abstract closeRest(timeoutMs: number | undefined): Promise<void>

  start(): void {
    this.#done = this.#live().catch(error => {
      if (this.state !== 'crashed') {
        this.parts.history.problem(`${this.name} ended with ${error instanceof Error ? error.stack : String(error)}`)
      }
    })
  }

  stall(ms: number): void {
    this.#stallUntil = Math.max(this.#stallUntil, this.#now + ms)
  }

  crash(): void {
    this.state = 'crashed'
    this.link.cut()
  }

  /** Resolves when the worker has come to its end: by itself, or at once where it has crashed. */
  async stop(): Promise<void> {
    if (this.state === 'crashed') {
      await this.#producer?.close({ timeoutMs: 0 })
      await this.closeRest(0)
    } else if (this.state !== 'gone') this.state = 'stops'
    await this.#done
  }

  protected get isLive(): boolean {
    return this.state === 'runs' || this.state === 'haunts'
  }

  protected async transaction(work: (story: TransactionStory) => Promise<void>): Promise<TransactionEnd> {
    const { history, random } = this.parts
    const producer = this.#mustHaveProducer()
    const story = history.begin(this.#session)
    try {
      producer.beginTransaction()
      await work(story)
      await this.sleep(this.draft.waitMs)
      if (random.next() < this.draft.abortChance) {
        await this.#patiently(() => producer.abortTransaction())
        history.ended(story, 'aborted')
        return 'aborted'
      }
      history.commitAsked(story)
      await this.#patiently(() => producer.commitTransaction())
      history.ended(story, 'committed')
      return 'committed'
    } catch (error) {
      this.#mustLive()
      return await this.#recover(producer, story, error)
    }
  }

  /** Not waited for: the end of the transaction is. */
  protected send(story: TransactionStory, place: Place, input?: string): void {
    const write = this.parts.history.write(story, place, input)
    this.#mustHaveProducer()
      .send({ ...place, value: write.value })
      .then(
        ({ offset }) => {
          if (this.state !== 'crashed') this.parts.history.written(story, write, Number(offset))
        },
        () => undefined,
      )
  }

  protected sendOffsets: Producer<string, string>['sendOffsetsToTransaction'] = (...args) => {
    return this.#mustHaveProducer().sendOffsetsToTransaction(...args)
  }

  /** Also as long as the worker is stalled. */
  protected async sleep(ms: number): Promise<void> {
    const until = this.#now + ms
    while (Math.max(until, this.#stallUntil) > this.#now) {
      await this.parts.kafka.clock.sleep(Math.max(until, this.#stallUntil) - this.#now)
    }
    this.#mustLive()
  }

  async #live(): Promise<void> {
    while (this.isLive) {
      if (await this.#hasProducer()) await this.step()
      else await this.sleep(PAUSE_BEHIND_FAILURE_MS)
      await this.sleep(this.draft.pauseMs)
    }
    this.#mustLive()
    await this.#producer?.close()
    await this.closeRest(undefined)
    this.state = 'gone'
  }

  /** False where there is none now, and is to be one later. */
  async #hasProducer(): Promise<boolean> {
    if (this.#producer !== undefined) return true
    const { name, draft, kafka, history, random } = this.parts
    this.#session = `${name}/${this.#sessions++}`
    const producer = new Producer<string, string>({
      ...producerOptions,
      transactionalId: draft.transactionalId,
      lingerMs: draft.lingerMs,
      clientId: name,
      bootstrapServers: kafka.bootstrapServers,
      transport: this.link.transport,
      clock: kafka.clock,
      random: random.fork(this.#session),
      key: string,
      value: string,
    })
    this.#producer = producer
    try {
      await this.#patiently(() => producer.initTransactions())
      history.note(`${this.#session} is initialized`)
      return true
    } catch (error) {
      this.#mustLive()
      await this.#abandonProducer(error)
      return false
    }
  }

  async #recover(producer: Producer<string, string>, story: TransactionStory, error: unknown): Promise<TransactionEnd> {
    const { history } = this.parts
    history.note(`${this.#session}: ${story.id} fails: ${textOf(error)}`)
    try {
      await this.#patiently(() => producer.abortTransaction())
      history.ended(story, 'aborted')
      return 'aborted'
    } catch (fatal) {
      this.#mustLive()
      await this.#abandonProducer(fatal)
      return 'failed'
    }
  }

  /** Who haunts has heard now that another one has taken its place. */
  async #abandonProducer(error: unknown): Promise<void> {
    this.parts.history.note(`${this.#session} is given up: ${textOf(error)}`)
    if (!(error instanceof KafkaError)) throw error
    const producer = this.#producer
    this.#producer = undefined
    if (this.state === 'haunts') this.state = 'stops'
    await producer?.close()
  }

  /** The outcome, however long it takes. */
  async #patiently(call: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        await call()
        this.#mustLive()
        return
      } catch (error) {
        this.#mustLive()
        if (!(error instanceof TimeoutError)) throw error
      }
    }
  }

  #mustLive(): void {
    if (this.state === 'crashed') throw new CrashedError(`${this.name} has crashed`)
  }

  #mustHaveProducer(): Producer<string, string> {
    if (this.#producer === undefined) throw new Error(`${this.name} has no producer`)
    return this.#producer
  }

  get #now(): number {
    return this.parts.kafka.clock.monotonic()
  }
}

export function textOf(error: unknown): string {
  return error instanceof KafkaError ? `${error.code} ${error.message}` : String(error)
}

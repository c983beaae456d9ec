/**
 * Programs of one client that consume, transform and produce, one life after the other, on one topic: killed in the middle of
 * a transaction, or left without a broker for a while, until all is done. Looks at what can be seen after each life.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { Producer, string } from '@samsa/producer'
import { describeGroups, leaveGroup } from '@samsa/protocol'
import { connectTo, createTopic } from './stored-batches.js'
import {
  flawsOf,
  historyOf,
  type TransactionHistory,
  type Transformation,
  transactionState,
} from './transaction-judge.js'
import { type Halt, type TransformCommand, Transformer, type TransformJob } from './transformer.js'

const PARTITIONS = 3
const RECORDS_PER_PARTITION = 120
const MOST_IN_A_TRANSACTION = 10
const MOST_LIVES = 20
const PAUSE_MS = 50

export interface SceneOptions {
  readonly address: string
  readonly command: TransformCommand
  /** Whether a process takes over the transactional id of the one before. */
  readonly resumes: boolean
  readonly transactionTimeoutMs: number
}

export class TransformScene {
  readonly transformation: Transformation
  readonly #options: SceneOptions
  #lives = 0
  #transactionalId = ''
  #current: Transformer | undefined

  private constructor(options: SceneOptions, transformation: Transformation) {
    this.#options = options
    this.transformation = transformation
  }

  /** With all records written. */
  static async open(options: SceneOptions): Promise<TransformScene> {
    const { address } = options
    const topic = `in-${randomUUID()}`
    const outputs = ['one', 'two'].map(name => `${name}-of-${topic}`)
    const input = Array.from({ length: PARTITIONS }, (_, partition) =>
      Array.from({ length: RECORDS_PER_PARTITION }, (_, index) => `${partition}-${index}`),
    )
    for (const name of [topic, ...outputs]) await createTopic(address, name, PARTITIONS)
    await using producer = new Producer({ bootstrapServers: address, value: string })
    await Promise.all(
      input.flatMap((values, partition) => values.map(value => producer.send({ topic, partition, value }))),
    )
    return new TransformScene(options, { topic, outputs, groupId: `of-${topic}`, input })
  }

  /** A life that ends by itself is an error: use `finish` for one that may. */
  begin(halt?: Halt): Transformer {
    const { address, command, resumes, transactionTimeoutMs } = this.#options
    const { topic, outputs, groupId } = this.transformation
    this.#lives++
    if (this.#lives > MOST_LIVES) throw new Error(`${MOST_LIVES} lives were not enough: ${this.#current?.said}`)
    this.#transactionalId = resumes ? `of-${topic}` : `${this.#lives}-of-${topic}`
    const job: TransformJob = {
      ...{ address, topic, outputs, groupId, transactionTimeoutMs, halt },
      transactionalId: this.#transactionalId,
      most: MOST_IN_A_TRANSACTION,
    }
    this.#current = new Transformer(command(job))
    return this.#current
  }

  /** Of the transactional id of the life that was begun last. */
  state(): Promise<string> {
    return transactionState(this.#options.address, this.#transactionalId)
  }

  /** Kills what runs, and lets the group know at once: it would wait for its member as long as a session lasts. */
  async kill(): Promise<void> {
    await this.#current?.kill()
    const connection = await connectTo(this.#options.address)
    try {
      const { groupId } = this.transformation
      const { groups } = await connection.request(describeGroups, 5, { groups: [groupId] })
      const members = (groups[0]?.members ?? []).map(({ memberId }) => ({ memberId }))
      await connection.request(leaveGroup, 4, { groupId, members })
    } finally {
      connection.close()
    }
  }

  /** At once, for when the test is over. */
  async end(): Promise<void> {
    await this.#current?.kill()
  }

  /** What is wrong by now. */
  async flaws(): Promise<readonly string[]> {
    return flawsOf(await this.history(), this.transformation)
  }

  history(): Promise<TransactionHistory> {
    return historyOf(this.#options.address, this.transformation)
  }

  /** Resolves when the group is at the end of all partitions, with as many lives as that takes. */
  async finish(): Promise<void> {
    while (!(await this.#isDone())) {
      if (this.#current === undefined || this.#current.isOver) {
        await this.kill()
        this.begin()
      }
      await Promise.race([this.#current?.ended, setTimeout(PAUSE_MS)])
    }
    await this.kill()
  }

  async #isDone(): Promise<boolean> {
    const { committed } = await this.history()
    return this.transformation.input.every(({ length }, partition) => committed[partition] === length)
  }
}

/**
 * Scenario: one script carried out, from the first record to the last connection's end, and all that was seen: outcomes,
 * what the partitions hold in the end, and what was left over.
 */
import type { Fault, FaultRule, HoldingFault } from '@samsa/broker/testing'
import { Producer, type ProducerRecord } from '@samsa/producer'
import { SeededRandom } from '@samsa/runtime'
import { type Entry, Ledger, outcomeOf } from './ledger.js'
import { played } from './played-script.js'
import type { ProducerDraft, Script, SendStep, Step } from './script.js'
import { type StoredRecord, TestKafka, turns } from './test-kafka.js'
import type { TroubleStep } from './trouble.js'

const PROBES = 3
/** Longer than any pause before a broker is asked again. */
const CALM_BEFORE_PROBES_MS = 5000

export class Scenario {
  readonly ledger = new Ledger()
  readonly problems: string[] = []
  readonly counts = { hits: 0, retries: 0, acknowledged: 0, failed: 0 }
  stored: ReadonlyMap<string, readonly StoredRecord[]> = new Map()
  readonly #script: Script
  readonly #kafka: TestKafka
  readonly #producers: Producer[]
  readonly #values: SeededRandom
  readonly #tasks: Promise<unknown>[] = []
  readonly #held: HoldingFault[] = []
  readonly #faults: Fault[] = []

  constructor(script: Script) {
    this.#script = script
    const random = new SeededRandom(`${script.seed} / run`)
    this.#values = random.fork('values')
    this.#kafka = new TestKafka(script, random.fork('broker'))
    this.#producers = script.producers.map((draft, index) => this.#producer(draft, index, random))
  }

  /** Never rejects: what goes wrong is among the problems. */
  async run(): Promise<void> {
    const play = async (): Promise<void> => {
      await this.#kafka.start()
      for (const step of this.#script.steps) await this.#carryOut(step)
      await this.#end()
    }
    await played(play, text => void this.problems.push(text))
  }

  #producer({ options }: ProducerDraft, index: number, random: SeededRandom): Producer {
    const { bootstrapServers, transport, clock } = this.#kafka
    return new Producer({
      ...options,
      bootstrapServers,
      transport,
      clock,
      random: random.fork(`producer ${index}`),
      clientId: `producer-${index}`,
      interceptors: [this.ledger.interceptor(index)],
    })
  }

  async #carryOut(step: Step): Promise<void> {
    switch (step.kind) {
      case 'send':
        this.#send(step)
        return
      case 'flush':
        this.#tasks.push(
          this.#of(step.producer)
            .flush({ timeoutMs: step.timeoutMs })
            .catch(() => undefined),
        )
        return
      case 'turns':
        await turns(step.count)
        return
      case 'pause':
        await this.#kafka.pass(step.ms)
        return
      default:
        await this.#trouble(step)
    }
  }

  async #trouble(step: TroubleStep): Promise<void> {
    const { broker } = this.#kafka
    switch (step.kind) {
      case 'faults':
        for (const rule of step.rules) this.#addFault(rule)
        return
      case 'release':
        for (const fault of this.#held.splice(0)) fault.release()
        return
      case 'disconnect':
        broker.disconnect({ nodeId: step.nodeId })
        return
      case 'lead':
        if (broker.nodes.some(({ nodeId, isRunning }) => nodeId === step.nodeId && isRunning)) {
          broker.moveLeader(step.topic, step.partition, step.nodeId)
        }
        return
      case 'leaderless':
        broker.setLeaderless(step.topic, step.partition)
        return
      case 'stop':
        await broker.stopNode(step.nodeId)
        return
      case 'start':
        await broker.startNode(step.nodeId)
        return
      case 'restart':
        await this.#kafka.stop()
        await this.#kafka.pass(step.downMs)
        await this.#kafka.start()
    }
  }

  #addFault(rule: FaultRule): void {
    const { faults } = this.#kafka.broker
    if (rule.hold === undefined) {
      this.#faults.push(faults.add(rule))
      return
    }
    const fault = faults.add(rule)
    this.#faults.push(fault)
    this.#held.push(fault)
  }

  /** Those who are closed in trouble first; then all is well, and the others must get everything done. */
  async #end(): Promise<void> {
    const kafka = this.#kafka
    for (const [index, { closesWithinMs }] of this.#script.producers.entries()) {
      if (closesWithinMs === undefined) continue
      await kafka.drive(this.#of(index).close({ timeoutMs: closesWithinMs }), `close of producer ${index}`)
    }
    await kafka.heal()
    await kafka.drive(Promise.all(this.#producers.map(producer => producer.flush())), 'flush')
    await kafka.drive(Promise.all(this.#tasks), 'what was begun')
    await kafka.pass(CALM_BEFORE_PROBES_MS)
    for (const [index, { closesWithinMs }] of this.#script.producers.entries()) {
      if (closesWithinMs === undefined) await this.#probe(index)
    }
    await kafka.drive(Promise.all(this.#producers.map(producer => producer.close())), 'close')
    await turns(10)
    if (kafka.openStreams !== 0) this.problems.push(`${kafka.openStreams} connections are open behind the close`)
    this.#lookAtMetrics()
    this.stored = await kafka.drive(kafka.readAll(), 'reading')
    await kafka.stop()
    await turns(10)
    const { pendingTimers } = kafka.clock
    if (pendingTimers !== 0) this.problems.push(`${pendingTimers} timers are armed in the end`)
    this.counts.hits = this.#faults.reduce((sum, { hits }) => sum + hits, 0)
  }

  /** Nothing of what happened keeps a producer from sending, to whatever partition. */
  async #probe(producer: number): Promise<void> {
    for (const [topic, { partitions }] of Object.entries(this.#script.topics)) {
      for (let partition = 0; partition < partitions; partition++) {
        const attempts: Entry[] = []
        while (attempts.length < PROBES && attempts.at(-1)?.told[0]?.kind !== 'acknowledged') {
          const entry = this.ledger.add(producer, topic)
          attempts.push(entry)
          const sent = this.#of(producer).send({ topic, partition, key: 'probe', value: `${entry.id} ` })
          await this.#kafka.drive(this.#listen(sent, entry), `a probe of ${topic}-${partition}`)
        }
        if (attempts.at(-1)?.told[0]?.kind === 'acknowledged') continue
        const told = attempts.map(entry => entry.told.map(describeOutcome).join(' and ')).join('; ')
        this.problems.push(`producer ${producer} cannot send to ${topic}-${partition} any more: ${told}`)
      }
    }
  }

  #lookAtMetrics(): void {
    for (const [index, producer] of this.#producers.entries()) {
      const { bufferUsedBytes, waitingSends, incompleteBatches, batchRetries } = producer.metrics()
      this.counts.retries += batchRetries
      const left = { bufferUsedBytes, waitingSends, incompleteBatches }
      if (Object.values(left).some(count => count !== 0)) {
        this.problems.push(`producer ${index} has something left: ${JSON.stringify(left)}`)
      }
    }
  }

  #send(step: SendStep): void {
    const producer = this.#of(step.producer)
    switch (step.how) {
      case 'promise':
        for (let index = 0; index < step.count; index++) {
          const { entry, record } = this.#record(step, index)
          const { timeoutMs } = step
          const sent = timeoutMs === undefined ? producer.send(record) : producer.send(record, { timeoutMs })
          this.#tasks.push(this.#listen(sent, entry))
        }
        return
      case 'callback':
        for (let index = 0; index < step.count; index++) {
          const { entry, record } = this.#record(step, index)
          producer.send(record, (error, metadata) => entry.tell(outcomeOf(error, metadata)))
        }
        return
      case 'enqueue':
        this.#tasks.push(this.#enqueue(producer, step))
        return
      case 'sendAll':
        this.#tasks.push(this.#sendAll(producer, step))
    }
  }

  async #enqueue(producer: Producer, step: SendStep): Promise<void> {
    for (let index = 0; index < step.count; index++) {
      const { entry, record } = this.#record(step, index)
      const room = producer.enqueue(record, (error, metadata) => entry.tell(outcomeOf(error, metadata)))
      if (room !== undefined) await room
    }
  }

  /** Of single records it tells nothing when one of them fails: then they are as if nobody had listened. */
  async #sendAll(producer: Producer, step: SendStep): Promise<void> {
    const entries: Entry[] = []
    let hasFailed = false
    const next = (index: number): ProducerRecord => {
      const { entry, record } = this.#record(step, index)
      entry.isUnheard = hasFailed
      entries.push(entry)
      return record
    }
    function* records(): Generator<ProducerRecord> {
      for (let index = 0; index < step.count; index++) yield next(index)
    }
    const { timeoutMs } = step
    await producer.sendAll(records(), timeoutMs === undefined ? {} : { timeoutMs }).then(
      places => {
        for (const [index, place] of places.entries()) entries[index]?.tell(outcomeOf(undefined, place))
      },
      () => {
        hasFailed = true
        for (const entry of entries) entry.isUnheard = true
      },
    )
  }

  #record(step: SendStep, index: number): { entry: Entry; record: ProducerRecord } {
    const { producer, topic, partition, keys, bytes } = step
    const entry = this.ledger.add(producer, topic)
    // Half of it can be compressed.
    const noise = Buffer.from(this.#values.bytes(Math.ceil(bytes / 4))).toString('hex')
    const value = `${entry.id} ${noise.padEnd(bytes, '.')}`
    const record = { topic, value, ...(keys === 0 ? {} : { key: `key-${index % keys}` }) }
    return { entry, record: partition === undefined ? record : { ...record, partition } }
  }

  async #listen(sent: Promise<Parameters<typeof outcomeOf>[1]>, entry: Entry): Promise<void> {
    await sent.then(
      metadata => entry.tell(outcomeOf(undefined, metadata)),
      (error: unknown) => entry.tell(outcomeOf(error, undefined)),
    )
  }

  #of(producer: number): Producer {
    const found = this.#producers[producer]
    if (found === undefined) throw new Error(`there is no producer ${producer}`)
    return found
  }
}

export function describeOutcome(outcome: Entry['told'][number]): string {
  return outcome.kind === 'failed'
    ? `${outcome.error.code} (${outcome.error.message})`
    : `offset ${outcome.offset} of ${outcome.partition}`
}

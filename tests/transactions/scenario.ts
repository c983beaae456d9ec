/**
 * Scenario: one script carried out, until all trouble is over, what was open is ended and what was written is copied and
 * read; and the history of all that, with what is left. Never rejects: what goes wrong is among the problems.
 */
import type { Fault, TestBroker } from '@samsa/broker/testing'
import type { Anomaly } from '@samsa/eos/history'
import { KafkaError, SeededRandom } from '@samsa/runtime'
import { played } from '../producer-faults/played-script.js'
import { TestKafka, turns } from '../producer-faults/test-kafka.js'
import { Copier } from './copier.js'
import { History, inputOf, type Place, type Remains } from './history.js'
import { Observer } from './observer.js'
import { Reader } from './reader.js'
import { INPUT_TOPIC, type Script, SESSION_TIMEOUT_MS, type Step, type WorkerDraft } from './script.js'
import type { Worker } from './worker.js'
import { Writer } from './writer.js'

/** Behind the trouble everything is ended, copied and read within so much time. */
const LONGEST_UNREST_MS = 120_000
/** A crash that no operation of the disk brings about comes by then. */
const LONGEST_LIFE_MS = 2000
const LOOK_MS = 500
const READER_RECORDS = [1, 50]
const LOG_PARTITIONS = 2
const NO_LEADER = -1

export class Scenario {
  readonly history: History
  readonly counts = { hits: 0, crashes: 0, replaced: 0 }
  anomalies: readonly Anomaly[] = []
  readonly #script: Script
  readonly #kafka: TestKafka
  readonly #random: SeededRandom
  readonly #places: readonly Place[]
  /** The one that has the transactional id now, by the draft. */
  readonly #workers = new Map<WorkerDraft, Worker>()
  readonly #all: Worker[] = []
  readonly #readers: Reader[] = []
  readonly #faults: Fault[] = []
  readonly #mends: { readonly at: number; readonly worker: Worker }[] = []

  constructor(script: Script) {
    this.#script = script
    this.#random = new SeededRandom(`${script.seed} / run`)
    this.#places = Object.entries(script.partitions).flatMap(([topic, count]) =>
      Array.from({ length: count }, (_, partition) => ({ topic, partition })),
    )
    const { nodes, turnsPerMoment, flush, generation, partitions } = script
    const topics = Object.fromEntries(
      Object.entries(partitions).map(([topic, count]) => [topic, { partitions: count, configs: {} }]),
    )
    const properties = {
      'group.initial.rebalance.delay.ms': '300',
      'group.consumer.session.timeout.ms': String(SESSION_TIMEOUT_MS),
      'group.consumer.min.session.timeout.ms': '1000',
      'group.consumer.heartbeat.interval.ms': '1000',
      'group.consumer.min.heartbeat.interval.ms': '500',
      'offsets.topic.num.partitions': String(LOG_PARTITIONS),
      'transaction.state.log.num.partitions': String(LOG_PARTITIONS),
      'transaction.abort.timed.out.transaction.cleanup.interval.ms': '1000',
    }
    const options = generation === 1 ? ({ flush, release: '3.9' } as const) : { flush }
    const draft = { nodes, replicas: nodes, topics, turnsPerMoment, properties, options }
    this.#kafka = new TestKafka(draft, this.#random.fork('broker'))
    const { clock } = this.#kafka
    this.history = new History(() => clock.monotonic())
  }

  async run(): Promise<void> {
    const play = async (): Promise<void> => {
      await this.#kafka.start()
      for (const maxPollRecords of READER_RECORDS) this.#read(maxPollRecords)
      for (const draft of this.#script.workers) this.#start(draft)
      for (const step of this.#script.steps) {
        this.history.note(JSON.stringify(step))
        await this.#carryOut(step)
        if (this.history.problems.length > 0) break
      }
      await this.#end()
    }
    await played(play, text => this.history.problem(text))
  }

  // Steps

  async #carryOut(step: Step): Promise<void> {
    switch (step.kind) {
      case 'pause':
        await this.#pass(step.ms)
        return
      case 'faults':
        for (const rule of step.rules) this.#faults.push(this.#kafka.broker.faults.add(rule))
        return
      case 'restart':
        await this.#kafka.stop()
        await this.#pass(step.downMs)
        await this.#kafka.start()
        return
      case 'broker crash':
        await this.#crashBroker(step)
        return
      case 'coordinator':
        this.#moveCoordinators(step.of === 'group' ? '__consumer_offsets' : '__transaction_state')
        return
      case 'leader':
        if (step.isGone) this.#kafka.broker.setLeaderless(step.topic, step.partition)
        else this.#moveLeader(step)
        return
      default:
        this.#befall(step)
    }
  }

  #befall(step: Extract<Step, { readonly worker: number }>): void {
    const draft = this.#script.workers[step.worker % this.#script.workers.length]
    const worker = draft === undefined ? undefined : this.#workers.get(draft)
    if (draft === undefined || worker === undefined) return
    this.history.note(`it is ${worker.name}`)
    if (step.kind === 'stall') worker.stall(step.ms)
    else if (step.kind === 'crash') worker.crash()
    else if (step.kind === 'cut') {
      worker.link.cut()
      this.#mends.push({ at: this.#now + step.ms, worker })
    }
    const isReplaced = step.kind === 'replace' || step.kind === 'crash' || (step.kind === 'cut' && step.isReplaced)
    if (!isReplaced) return
    if (worker.state === 'runs') worker.state = 'haunts'
    this.counts.replaced++
    this.#start(draft)
  }

  async #crashBroker({ operations, downMs, again }: Extract<Step, { readonly kind: 'broker crash' }>): Promise<void> {
    const kafka = this.#kafka
    this.counts.crashes++
    kafka.crashAfter(operations)
    const latest = this.#now + LONGEST_LIFE_MS
    while (!kafka.hasCrashed && this.#now < latest) await this.#pass(1)
    await kafka.crash(this.#script.crashes)
    await this.#pass(downMs)
    if (again !== undefined) {
      kafka.crashAfter(again)
      await kafka.tryToStart()
      await this.#pass(1)
      await kafka.crash(this.#script.crashes)
    }
    await kafka.start()
  }

  /** To another node, or to the same one anew. */
  #moveCoordinators(topic: string): void {
    for (let partition = 0; partition < LOG_PARTITIONS; partition++) {
      this.#moveLeader({ topic, partition })
    }
  }

  #moveLeader({ topic, partition }: Place): void {
    const { broker } = this.#kafka
    const nodeId = leaderOf(broker, topic, partition)
    if (nodeId === undefined) return
    broker.moveLeader(topic, partition, (Math.max(0, nodeId) % this.#script.nodes) + 1)
  }

  #start(draft: WorkerDraft): void {
    const name = `${draft.transactionalId}.${this.#all.length}`
    const [script, kafka, history] = [this.#script, this.#kafka, this.history]
    const parts = { name, draft, script, kafka, history, random: this.#random.fork(name) }
    const worker = draft.role === 'writer' ? new Writer(parts) : new Copier(parts)
    this.history.note(`${name} starts`)
    worker.start()
    this.#workers.set(draft, worker)
    this.#all.push(worker)
  }

  #read(maxPollRecords: number): void {
    const name = `reader of ${maxPollRecords}`
    const [places, kafka, history] = [this.#places, this.#kafka, this.history]
    this.#readers.push(new Reader({ name, places, maxPollRecords, kafka, history, random: this.#random.fork(name) }))
  }

  /** Lets time pass, and mends links when it is time. */
  async #pass(ms: number): Promise<void> {
    const end = this.#now + ms
    for (;;) {
      const next = Math.min(end, ...this.#mends.map(({ at }) => Math.max(at, this.#now)))
      await this.#kafka.pass(next - this.#now)
      for (const mend of this.#mends.filter(({ at }) => at <= this.#now)) {
        this.#mends.splice(this.#mends.indexOf(mend), 1)
        if (mend.worker.state !== 'crashed') mend.worker.link.mend()
      }
      if (this.#now >= end) return
    }
  }

  get #now(): number {
    return this.#kafka.clock.monotonic()
  }

  // The end

  async #end(): Promise<void> {
    const kafka = this.#kafka
    this.counts.hits = this.#faults.reduce((sum, { hits }) => sum + hits, 0)
    kafka.broker.faults.clear()
    for (const place of this.#places) {
      if (leaderOf(kafka.broker, place.topic, place.partition) === NO_LEADER) this.#moveLeader(place)
    }
    for (const { worker } of this.#mends.splice(0)) if (worker.state !== 'crashed') worker.link.mend()
    this.history.note('the trouble is over')
    const haunting = this.#all.filter(({ draft, state }) => draft.role === 'writer' || state === 'haunts')
    await kafka.drive(Promise.all(haunting.map(worker => worker.stop())), 'the end of writers')
    const observer = new Observer(kafka, this.#places, this.#random.fork('observer'))
    const remains = await this.#rest(observer)
    const { history } = this
    await kafka.drive(Promise.all(this.#readers.map(reader => reader.stop())), 'the end of readers')
    this.anomalies = history.checked(remains)
    await kafka.drive(Promise.all(this.#all.map(each => each.stop())), 'close')
    await kafka.drive(observer.close(), 'close')
    await turns(10)
    if (kafka.openStreams !== 0) this.history.problem(`${kafka.openStreams} connections are open behind the close`)
    await kafka.stop()
    await turns(10)
    const { pendingTimers } = kafka.clock
    if (pendingTimers !== 0) this.history.problem(`${pendingTimers} timers are armed in the end`)
  }

  /** By itself: what was left open times out, copiers come to the end, and so do readers. */
  async #rest(observer: Observer): Promise<Remains> {
    const kafka = this.#kafka
    const ends = (): Promise<Remains['ends']> => kafka.drive(observer.ends(), 'ends')
    const records = (): Promise<Remains['records']> => kafka.drive(observer.records(), 'records')
    await this.#until(async () => ({ ends: await ends(), records: await records() }), isAtRest)
    const copiers = this.#all.filter(({ draft }) => draft.role === 'copier')
    await kafka.drive(Promise.all(copiers.map(worker => worker.stop())), 'the end of copiers')
    const found = await this.#until(
      async () => ({ ends: await ends(), records: await records() }),
      each => areStable(each.ends) && this.#readers.every(reader => reader.hasAll(each.records)),
    )
    return { ...found, committed: await kafka.drive(observer.committed(INPUT_TOPIC), 'committed offsets') }
  }

  async #until<T>(look: () => Promise<T>, isGood: (found: T) => boolean): Promise<T> {
    const latest = this.#now + LONGEST_UNREST_MS
    for (;;) {
      await this.#pass(LOOK_MS)
      const found = await look()
      if (isGood(found) || this.#now >= latest) return found
    }
  }
}

/** Undefined while nobody has needed the topic. */
function leaderOf(broker: TestBroker, topic: string, partition: number): number | undefined {
  try {
    return broker.leaderOf(topic, partition).nodeId
  } catch (error) {
    if (error instanceof KafkaError && error.code === 'UNKNOWN_TOPIC_OR_PARTITION') return undefined
    throw error
  }
}

/** No input is in an open transaction or without a copy. */
function isAtRest({ ends, records }: Pick<Remains, 'ends' | 'records'>): boolean {
  const isInput = (name: string): boolean => name.startsWith(`${INPUT_TOPIC}-`)
  const copied = new Set([...records.values()].flat().map(({ value }) => inputOf(value)))
  return (
    areStable(new Map([...ends].filter(([name]) => isInput(name)))) &&
    [...records].every(([name, stored]) => !isInput(name) || stored.every(({ value }) => copied.has(value)))
  )
}

function areStable(ends: Remains['ends']): boolean {
  return [...ends.values()].every(({ lastStableOffset, highWatermark }) => lastStableOffset === highWatermark)
}

/**
 * Scenario: one script carried out, until all trouble is over and the group has come to rest by itself, and what was wrong
 * on the way. Never rejects: what goes wrong is among the problems.
 */
import type { Fault } from '@samsa/broker/testing'
import { Consumer } from '@samsa/consumer'
import { Producer } from '@samsa/producer'
import { KafkaError, SeededRandom } from '@samsa/runtime'
import { TestKafka, turns } from '../producer-faults/test-kafka.js'
import { GROUP, GroupMember } from './group-member.js'
import { History, nameOf, type Place } from './history.js'
import { Link, Network } from './network.js'
import { Pace } from './pace.js'
import {
  grown,
  LONGEST_DELAY_MS,
  MAX_POLL_INTERVAL_MS,
  REQUEST_TIMEOUT_MS,
  type Script,
  SESSION_TIMEOUT_MS,
  type Step,
} from './script.js'

/** Behind the trouble the group rests within so much time, and stays at rest for so long. */
const LONGEST_UNREST_MS = 90_000
const REST_MS = 12_000
const MOST_MEMBERS = 4
const KEYS = 5
const LAST_RECORDS = 20
const WRITER_PAUSE_MS = 50
const MOST_ATTEMPTS_TO_SEND = 400

/** What the faults may have done is over by then: a member is out, has heard of it and is in again. */
const DOUBT_BEHIND_FAULTS_MS = 2 * SESSION_TIMEOUT_MS + MAX_POLL_INTERVAL_MS + LONGEST_DELAY_MS

interface GivenFault {
  readonly fault: Fault
  readonly times: number
  readonly member: GroupMember | undefined
  hits: number
  /** It has struck, and consequences are possible. */
  doubtUntil: number
}

export class Scenario {
  readonly history: History
  readonly counts = { hits: 0, members: 0, restMs: 0 }
  readonly #script: Script
  readonly #kafka: TestKafka
  readonly #network: Network
  readonly #pace: Pace
  readonly #random: SeededRandom
  readonly #members: GroupMember[] = []
  readonly #faults: GivenFault[] = []
  readonly #tasks: Promise<unknown>[] = []
  readonly #partitions: Map<string, number>
  readonly #written = new Map<string, number>()
  readonly #producer: Producer
  readonly #mends: { readonly at: number; readonly member: GroupMember }[] = []

  constructor(script: Script) {
    this.#script = script
    this.#random = new SeededRandom(`${script.seed} / run`)
    this.#partitions = new Map(Object.entries(script.topics))
    const topics = Object.fromEntries(
      [...this.#partitions].map(([topic, partitions]) => [topic, { partitions, configs: {} }]),
    )
    const properties = {
      'offsets.topic.num.partitions': '3',
      'group.initial.rebalance.delay.ms': '300',
      'group.consumer.session.timeout.ms': String(SESSION_TIMEOUT_MS),
      'group.consumer.min.session.timeout.ms': '1000',
      'group.consumer.heartbeat.interval.ms': '1000',
      'group.consumer.min.heartbeat.interval.ms': '500',
    }
    // Turns are the pace's: the clock itself only lets a timer's own work be done.
    const draft = { nodes: 1, replicas: 1, topics, turnsPerMoment: 1, properties }
    this.#kafka = new TestKafka(draft, this.#random.fork('broker'))
    const { clock, transport } = this.#kafka
    this.#network = new Network(clock, transport)
    this.#pace = new Pace(clock, this.#network, script.turnsPerMoment)
    this.history = new History(() => clock.monotonic())
    const random = this.#random.fork('writer')
    const writer = { clientId: 'writer', random, requestTimeoutMs: REQUEST_TIMEOUT_MS }
    const { bootstrapServers } = this.#kafka
    this.#producer = new Producer({ ...writer, bootstrapServers, clock, transport: new Link(this.#network).transport })
  }

  async run(): Promise<void> {
    const thrown = (error: unknown): void => this.history.problem(`not caught: ${textOf(error)}`)
    process.on('unhandledRejection', thrown)
    process.on('uncaughtException', thrown)
    try {
      await this.#kafka.start()
      for (let count = 0; count < this.#script.membersAtFirst; count++) this.#start()
      for (const step of this.#script.steps) {
        this.history.note(JSON.stringify(step))
        await this.#carryOut(step)
        if (this.history.problems.length > 0) break
      }
      await this.#end()
    } catch (error) {
      this.history.problem(textOf(error))
    } finally {
      process.off('unhandledRejection', thrown)
      process.off('uncaughtException', thrown)
    }
  }

  async #carryOut(step: Step): Promise<void> {
    switch (step.kind) {
      case 'start':
        this.#start()
        return
      case 'write':
        this.#write(step.count)
        return
      case 'pause':
        await this.#pass(step.ms)
        return
      case 'grow':
        await this.#grow()
        return
      case 'restart':
        for (const member of this.#members) member.doubt(this.#now + step.downMs + DOUBT_BEHIND_FAULTS_MS)
        await this.#kafka.stop()
        await this.#pass(step.downMs)
        await this.#kafka.start()
        return
      case 'faults':
        this.#strike(step)
        return
      default:
        this.#befall(step)
    }
  }

  #befall(step: Extract<Step, { readonly member: number }> & { readonly kind: string }): void {
    const alive = this.#alive
    const member = alive[step.member % Math.max(1, alive.length)]
    if (member === undefined) return
    this.history.note(`it is ${member.name}`)
    if (step.kind === 'stop') this.#tasks.push(member.stop())
    else if (step.kind === 'crash') member.crash()
    else if (step.kind === 'stall' && 'ms' in step) member.stall(step.ms)
    else if (step.kind === 'cut' && 'ms' in step) {
      member.cut()
      this.#mends.push({ at: this.#now + step.ms, member })
    }
  }

  get #alive(): readonly GroupMember[] {
    return this.#members.filter(({ isAlive }) => isAlive)
  }

  get #now(): number {
    return this.#kafka.clock.monotonic()
  }

  #start(): void {
    const draft = this.#script.members[this.#members.length]
    if (draft === undefined || this.#alive.length >= MOST_MEMBERS) return
    const name = `member-${this.#members.length}`
    this.history.note(`${name} starts: ${JSON.stringify(draft)}`)
    const [script, kafka, network, history] = [this.#script, this.#kafka, this.#network, this.history]
    const random = this.#random.fork(name)
    const isStruck = (): boolean => this.#faults.some(given => this.#mayStrike(given, name))
    this.#members.push(new GroupMember({ name, draft, script, kafka, network, history, random, isStruck }))
    this.counts.members++
  }

  #strike({ member: index, rules }: Extract<Step, { kind: 'faults' }>): void {
    const alive = this.#alive
    const member = index === undefined ? undefined : alive[index % Math.max(1, alive.length)]
    const clientId = member?.name
    for (const rule of rules) {
      const fault = this.#kafka.broker.faults.add(clientId === undefined ? rule : { ...rule, clientId })
      this.#faults.push({
        fault,
        member,
        times: rule.times ?? 1,
        hits: 0,
        doubtUntil: this.#now + DOUBT_BEHIND_FAULTS_MS,
      })
    }
  }

  #mayStrike(given: GivenFault, name: string): boolean {
    if (given.member !== undefined && given.member.name !== name) return false
    return given.hits < given.times || this.#now < given.doubtUntil
  }

  /** Lets time pass, and mends links when it is time. */
  async #pass(ms: number): Promise<void> {
    const end = this.#now + ms
    for (;;) {
      const next = Math.min(end, ...this.#mends.map(({ at }) => Math.max(at, this.#now)))
      await this.#pace.pass(next - this.#now)
      for (let index = this.#mends.length - 1; index >= 0; index--) {
        const { at, member } = this.#mends[index] ?? {}
        if (at === undefined || at > this.#now) continue
        this.#mends.splice(index, 1)
        if (member?.state !== 'crashed') member?.mend()
      }
      for (const given of this.#faults) {
        if (given.fault.hits === given.hits) continue
        given.hits = given.fault.hits
        given.doubtUntil = this.#now + DOUBT_BEHIND_FAULTS_MS
      }
      if (this.#now >= end) return
    }
  }

  #write(count: number): void {
    const values = this.#random.fork(`write at ${this.#now}`)
    for (let index = 0; index < count; index++) {
      const { topic, partition } = this.#places[values.integer(0, this.#places.length)] ?? {
        topic: 'orders',
        partition: 0,
      }
      const sent = this.#send({ topic, partition }, `k${values.integer(0, KEYS)}`)
      this.#tasks.push(sent.catch(error => this.history.problem(`the writer: ${textOf(error)}`)))
    }
  }

  /** A partition that was just added is refused until the producer has heard of it. */
  async #send(place: Place, key: string): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        const { offset } = await this.#producer.send({ ...place, key, value: 'value' })
        const name = nameOf(place)
        this.#written.set(name, Math.max(this.#written.get(name) ?? 0, Number(offset) + 1))
        return
      } catch (error) {
        const isNew = error instanceof KafkaError && error.code === 'INVALID_PARTITION'
        if (!isNew || attempt === MOST_ATTEMPTS_TO_SEND) throw error
        await this.#kafka.clock.sleep(WRITER_PAUSE_MS)
      }
    }
  }

  async #grow(): Promise<void> {
    const [topic = 'orders'] = this.#partitions.keys()
    const partitions = this.#partitions.get(topic) ?? 1
    const count = grown(partitions)
    if (count === partitions) return
    await this.#kafka.grow(topic, count)
    this.#partitions.set(topic, count)
  }

  get #places(): readonly Place[] {
    return [...this.#partitions].flatMap(([topic, count]) =>
      Array.from({ length: count }, (_, partition) => ({ topic, partition })),
    )
  }

  async #end(): Promise<void> {
    const [kafka, pace] = [this.#kafka, this.#pace]
    kafka.broker.faults.clear()
    for (const given of this.#faults) given.hits = given.times
    for (const { member } of this.#mends.splice(0)) if (member.state !== 'crashed') member.mend()
    this.history.note('the trouble is over')
    if (this.#alive.length === 0) this.#start()
    this.#write(LAST_RECORDS)
    await this.#rest()
    await pace.drive(Promise.all(this.#tasks), 'what was begun')
    const closing = this.#members.filter(({ state }) => state === 'runs').map(member => member.stop())
    await pace.drive(Promise.all(closing), 'close')
    await this.#lookAtCommits()
    const crashed = this.#members.filter(({ state }) => state === 'crashed').map(member => member.stop(0))
    await pace.drive(Promise.all([...crashed, this.#producer.close()]), 'close')
    await turns(10)
    if (kafka.openStreams !== 0) this.history.problem(`${kafka.openStreams} connections are open behind the close`)
    await kafka.stop()
    await turns(10)
    const { pendingTimers } = kafka.clock
    if (pendingTimers !== 0) this.history.problem(`${pendingTimers} timers are armed in the end`)
    this.counts.hits = this.#faults.reduce((sum, { fault }) => sum + fault.hits, 0)
  }

  /** Everything is handled and every partition has one member, and nothing changes any more. */
  async #rest(): Promise<void> {
    const begin = this.#now
    const latest = begin + LONGEST_UNREST_MS
    for (;;) {
      await this.#pass(200)
      const unrest = this.#unrest()
      if (this.history.problems.length > 0) return
      if (unrest.length === 0 && this.#now - Math.max(begin, this.history.lastChangeAt) >= REST_MS) break
      if (this.#now < latest) continue
      const since = this.history.lastChangeAt
      this.history.problem(`no rest: ${unrest.join('; ')}; partitions last moved at ${since}`)
      return
    }
    this.counts.restMs = Math.max(begin, this.history.lastChangeAt) - begin
  }

  #unrest(): readonly string[] {
    const found: string[] = []
    for (const place of this.#places) {
      const written = this.#written.get(nameOf(place)) ?? 0
      const handled = this.history.frontier(place)
      if (handled < written) found.push(`${nameOf(place)} is handled up to ${handled} of ${written}`)
      const owners = this.history.ownersOf(place).filter(owner => this.#alive.some(member => member === owner))
      if (owners.length !== 1) found.push(`${nameOf(place)} has ${owners.length} members`)
    }
    return found
  }

  /** All of them have left in peace: the group has committed what was handled, all of it. */
  async #lookAtCommits(): Promise<void> {
    const { clock, bootstrapServers } = this.#kafka
    const { transport } = new Link(this.#network)
    const places = this.#places
    const observer = new Consumer({ groupId: GROUP, clientId: 'observer', clock, bootstrapServers, transport })
    const committed = await this.#pace.drive(observer.committed(places), 'what is committed')
    for (const [index, place] of places.entries()) {
      const offset = Number(committed[index]?.offset ?? 0)
      const handled = this.history.frontier(place)
      if (offset !== handled)
        this.history.problem(`${nameOf(place)} is handled up to ${handled}, committed at ${offset}`)
    }
    await this.#pace.drive(observer.close(), 'close')
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

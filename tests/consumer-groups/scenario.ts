/**
 * Scenario: one script carried out, until all trouble is over and the group has come to rest by itself, and what was wrong
 * on the way. Never rejects: what goes wrong is among the problems.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Fault, FaultRule } from '@samsa/broker/testing'
import { Consumer } from '@samsa/consumer'
import { Producer } from '@samsa/producer'
import { coordinatorPartition } from '@samsa/protocol'
import { type EventPayloads, eventChannelNames, KafkaError, SeededRandom } from '@samsa/runtime'
import { played, textOf } from '../producer-faults/played-script.js'
import { TestKafka, turns } from '../producer-faults/test-kafka.js'
import { GROUP, GroupMember } from './group-member.js'
import { History, nameOf, type Place } from './history.js'
import { Link, Network } from './network.js'
import { Pace } from './pace.js'
import {
  grown,
  HEARTBEAT_INTERVAL_MS,
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
const MOST_STARTS = 20
const GROUP_TOPIC = '__consumer_offsets'
const KEYS = 5
const LAST_RECORDS = 20
const WRITER_PAUSE_MS = 50
const MOST_ATTEMPTS_TO_SEND = 400

const LOG_PARTITIONS = 3
/** An answer to a JoinGroup or SyncGroup that is lost is waited for that long. */
const LOST_JOIN_MS = MAX_POLL_INTERVAL_MS + 5000

export class Scenario {
  readonly history: History
  readonly counts = { hits: 0, members: 0, restMs: 0 }
  readonly #script: Script
  readonly #kafka: TestKafka
  readonly #network: Network
  readonly #pace: Pace
  readonly #random: SeededRandom
  readonly #members: GroupMember[] = []
  readonly #faults: Fault[] = []
  readonly #tasks: Promise<unknown>[] = []
  readonly #partitions: Map<string, number>
  readonly #written = new Map<string, number>()
  readonly #producer: Producer
  /** What is to happen later, while the broker runs. */
  readonly #later: { readonly at: number; readonly happen: () => unknown }[] = []
  #isDown = false

  constructor(script: Script) {
    this.#script = script
    this.#random = new SeededRandom(`${script.seed} / run`)
    this.#partitions = new Map(Object.entries(script.topics))
    const topics = Object.fromEntries(
      [...this.#partitions].map(([topic, partitions]) => [topic, { partitions, configs: {} }]),
    )
    const properties = {
      'offsets.topic.num.partitions': String(LOG_PARTITIONS),
      'group.initial.rebalance.delay.ms': '300',
      'group.consumer.session.timeout.ms': String(SESSION_TIMEOUT_MS),
      'group.consumer.min.session.timeout.ms': '1000',
      'group.consumer.heartbeat.interval.ms': String(HEARTBEAT_INTERVAL_MS),
      'group.consumer.min.heartbeat.interval.ms': '500',
    }
    // Turns are the pace's: the clock itself only lets a timer's own work be done.
    const { nodes } = script
    const draft = { nodes, replicas: nodes, topics, turnsPerMoment: 1, properties }
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
    const play = async (): Promise<void> => {
      await this.#kafka.start()
      for (let count = 0; count < this.#script.membersAtFirst; count++) this.#start()
      for (const step of this.#script.steps) {
        this.history.note(JSON.stringify(step))
        await this.#carryOut(step)
        if (this.history.problems.length > 0) break
      }
      await this.#end()
    }
    subscribe(eventChannelNames.fault, this.#struck)
    await played(play, text => this.history.problem(text))
    unsubscribe(eventChannelNames.fault, this.#struck)
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
        await this.#restart(step.downMs)
        return
      case 'move':
        await this.#move(step.downMs)
        return
      default:
        this.#befall(step)
    }
  }

  #befall(step: Extract<Step, { readonly member: number | undefined }>): void {
    if (step.kind === 'return') {
      this.#return(step.member)
      return
    }
    const alive = this.#alive
    const member = step.member === undefined ? undefined : alive[step.member % Math.max(1, alive.length)]
    if (step.kind === 'faults') this.#strike(step.rules, member)
    if (member === undefined) return
    this.history.note(`it is ${member.name}`)
    if (step.kind === 'stop') this.#tasks.push(member.stop())
    else if (step.kind === 'crash') member.crash()
    else if (step.kind === 'stall') member.stall(step.ms)
    else if (step.kind === 'cut' || step.kind === 'slow') {
      if (step.kind === 'slow') member.slow(step.delayMs, step.ms)
      else if (step.isSilent) member.silence(step.ms)
      else member.cut(step.ms)
      this.#later.push({ at: this.#now + step.ms, happen: () => this.#mend(member) })
    }
  }

  #mend(member: GroupMember): void {
    if (member.state !== 'crashed') member.mend()
  }

  get #alive(): readonly GroupMember[] {
    return this.#members.filter(({ isAlive }) => isAlive)
  }

  get #now(): number {
    return this.#kafka.clock.monotonic()
  }

  #start(draft = this.#script.members[this.#members.length], instanceId?: string): void {
    if (draft === undefined || this.#alive.length >= MOST_MEMBERS) return
    const name = `member-${this.#members.length}`
    this.history.note(`${name} starts: ${JSON.stringify(draft)} ${instanceId ?? ''}`)
    const [script, kafka, network, history] = [this.#script, this.#kafka, this.#network, this.history]
    const random = this.#random.fork(name)
    const instance = instanceId ?? (draft.isStatic ? `static-${this.#members.length}` : undefined)
    const parts = { name, draft, script, kafka, network, history, random, instanceId: instance }
    this.#members.push(new GroupMember(parts))
    this.counts.members++
  }

  /** A static member comes back under its name. */
  #return(index: number): void {
    const names = new Set<string>()
    const away: GroupMember[] = []
    for (const member of [...this.#members].reverse()) {
      const { instanceId, state } = member
      if (instanceId === undefined || names.has(instanceId)) continue
      names.add(instanceId)
      if (state === 'gone' || state === 'crashed' || state === 'failed') away.push(member)
    }
    const member = away[index % Math.max(1, away.length)]
    if (member === undefined || this.#members.length >= MOST_STARTS) return
    this.#start(member.draft, member.instanceId)
  }

  #strike(rules: readonly FaultRule[], member: GroupMember | undefined): void {
    const { faults } = this.#kafka.broker
    for (const rule of rules) {
      this.#faults.push(faults.add(member === undefined ? rule : { ...rule, clientId: member.name }))
    }
  }

  readonly #struck = (message: unknown): void => {
    const { api, clientId, fault } = message as EventPayloads['fault']
    this.#members.find(({ name }) => name === clientId)?.trouble(effectMs(api, fault))
  }

  /** One broker starts again from its disk. Of several nodes, which have none, all stop and come back. */
  async #restart(downMs: number): Promise<void> {
    const kafka = this.#kafka
    for (const member of this.#members) member.doubt.excuse(downMs)
    this.#isDown = true
    if (this.#script.nodes === 1) {
      await kafka.stop()
      await this.#pass(downMs)
      await kafka.start()
    } else {
      const { broker } = kafka
      for (const { nodeId } of broker.nodes) await broker.stopNode(nodeId)
      await this.#pass(downMs)
      for (const { nodeId } of broker.nodes) await broker.startNode(nodeId)
    }
    this.#isDown = false
  }

  /** The coordinator's partition goes to the next node that runs; with `downMs` because its own stops for a while. */
  async #move(downMs: number | undefined): Promise<void> {
    const { broker } = this.#kafka
    const running = broker.nodes.filter(({ isRunning }) => isRunning).map(({ nodeId }) => nodeId)
    if (!this.#hasCoordinator || running.length < 2) return
    const { nodeId } = broker.leaderOf(GROUP_TOPIC, coordinatorPartition(GROUP, LOG_PARTITIONS))
    if (downMs === undefined) {
      const next = running[(running.indexOf(nodeId) + 1) % running.length] ?? nodeId
      for (let partition = 0; partition < LOG_PARTITIONS; partition++) broker.moveLeader(GROUP_TOPIC, partition, next)
    } else {
      await broker.stopNode(nodeId)
      this.#later.push({ at: this.#now + downMs, happen: () => this.#kafka.broker.startNode(nodeId) })
    }
  }

  /** Lets time pass, and what is to happen happens when it is time. */
  async #pass(ms: number): Promise<void> {
    const end = this.#now + ms
    for (;;) {
      const due = this.#isDown ? [] : this.#later.map(({ at }) => Math.max(at, this.#now))
      await this.#pace.pass(Math.min(end, ...due) - this.#now)
      if (!this.#isDown) await this.#happen(this.#now)
      if (this.#now >= end) return
    }
  }

  async #happen(latest: number): Promise<void> {
    for (let index = this.#later.length - 1; index >= 0; index--) {
      const [due] = (this.#later[index]?.at ?? latest) <= latest ? this.#later.splice(index, 1) : []
      await due?.happen()
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

  /** Its topic is made when it is first asked for. */
  get #hasCoordinator(): boolean {
    try {
      return this.#kafka.broker.leaderOf(GROUP_TOPIC, 0).nodeId > 0
    } catch (error) {
      if (error instanceof KafkaError && error.code === 'UNKNOWN_TOPIC_OR_PARTITION') return false
      throw error
    }
  }

  async #grow(): Promise<void> {
    const [topic = 'orders'] = this.#partitions.keys()
    const partitions = this.#partitions.get(topic) ?? 1
    const count = grown(partitions)
    // The first node is the one that is asked.
    if (count === partitions || this.#kafka.broker.nodes[0]?.isRunning !== true) return
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
    await this.#happen(Number.POSITIVE_INFINITY)
    this.history.note('the trouble is over')
    if (this.#alive.length === 0) this.#start()
    this.#write(LAST_RECORDS)
    await this.#rest()
    await pace.drive(Promise.all(this.#tasks), 'what was begun')
    const closing = this.#members
      .filter(({ state }) => state === 'runs' || state === 'failed')
      .map(member => member.stop())
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
    this.counts.hits = this.#faults.reduce((sum, { hits }) => sum + hits, 0)
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

/** For how long a fault may keep a member from being heard. */
function effectMs(api: string, fault: string): number {
  const delayMs = /^delayMs (\d+)/.exec(fault)?.[1]
  if (delayMs !== undefined) return Number(delayMs)
  if (!fault.startsWith('drop')) return 0
  return api === 'JoinGroup' || api === 'SyncGroup' ? LOST_JOIN_MS : REQUEST_TIMEOUT_MS
}

/**
 * One life of the groups of a broker: members join, commit, leave and forget who they are, others only commit, and the
 * process ends or the power goes at any operation of the disk. After every start what the broker says of its groups is what
 * their log says, and the log has what was promised. In the end all members come to rest in one generation. What is wrong,
 * in words, is the result; nothing is asserted here.
 */
import {
  createTopics,
  describeGroups,
  findCoordinator,
  heartbeat,
  incrementalAlterConfigs,
  offsetCommit,
  offsetFetch,
} from '@samsa/protocol'
import { SeededRandom } from '@samsa/runtime'
import { type FlushMode, Machine, STEP_MS } from '../durability/machine.js'
import { GROUP, GroupClient, SESSION_MS, TOPIC } from './group-client.js'
import { LOG_PARTITIONS, type Written, type WrittenGroup, writtenOf } from './group-log.js'
import { type Acknowledged, PromisedValue } from './promised-value.js'

const CLIENTS = 3
/** Groups without members, each with one offset. */
const COMMITTERS = ['c0', 'c1', 'c2']
const ACTIONS = 70
const CALM_ROUNDS = 60
const ROUND_MS = 500
const MOST_TRIES = 1000
const LOADING = 14
const ILLEGAL_GENERATION = 22

const PROPERTIES = {
  'offsets.topic.num.partitions': String(LOG_PARTITIONS),
  'group.initial.rebalance.delay.ms': '100',
  'group.min.session.timeout.ms': '1000',
}
/** So that the log rolls and is compacted while groups live on it. */
const LOG_CONFIGS = { 'segment.index.bytes': '48', 'index.interval.bytes': '100' }

type Ending = 'stop' | 'stop and loss of power' | 'end of process' | 'loss of power'

export function noCounts() {
  return { acknowledged: 0, synced: 0, crashes: 0, stops: 0, startsWithMembers: 0, lost: 0, compactedAway: 0 }
}

export class GroupScenario {
  readonly problems: string[] = []
  /** How much was done, so that a proof can see that it proved something. */
  readonly counts = noCounts()
  readonly #random: SeededRandom
  readonly #machine: Machine
  readonly #clients: GroupClient[]
  readonly #offsets = new Map<string, PromisedValue>()
  /** The newest generation of which someone has an assignment. */
  #assigned = new PromisedValue()
  #armed: 'end of process' | 'loss of power' | undefined
  #nextOffset = 0

  constructor(seed: string, flush: FlushMode) {
    this.#random = new SeededRandom(seed)
    this.#machine = new Machine(this.#random.fork('machine'), flush, PROPERTIES)
    this.#clients = Array.from({ length: CLIENTS }, (_, index) => {
      return new GroupClient(this.#machine, index, index === 0 && this.#random.integer(0, 2) === 0 ? 'static' : null)
    })
  }

  async run(): Promise<void> {
    await this.#prepare()
    for (let action = 0; action < ACTIONS && this.problems.length === 0; action++) {
      await this.#act()
      if (this.#machine.disk.hasCrashed) await this.#recover()
    }
    if (this.problems.length > 0) return
    this.#arm()
    this.#machine.disk.crash()
    await this.#recover()
    if (this.problems.length === 0) await this.#comeToRest()
  }

  async #prepare(): Promise<void> {
    const error = await this.#machine.start()
    if (error !== undefined) this.#problem(`the broker does not start: ${String(error)}`)
    const topic = { name: TOPIC, numPartitions: CLIENTS, replicationFactor: 1, assignments: [], configs: [] }
    await this.#machine.request(createTopics, 7, { topics: [topic], timeoutMs: 1000, validateOnly: false })
    await this.#machine.request(findCoordinator, 6, { keyType: 0, coordinatorKeys: [GROUP] })
    const configs = Object.entries(LOG_CONFIGS).map(([name, value]) => ({ name, configOperation: 0, value }))
    const resources = [{ resourceType: 2, resourceName: '__consumer_offsets', configs }]
    await this.#machine.request(incrementalAlterConfigs, 1, { resources, validateOnly: false })
  }

  async #act(): Promise<void> {
    const chance = this.#random.integer(0, 100)
    const client = this.#clients[this.#random.integer(0, CLIENTS)]
    if (client === undefined) return
    if (chance < 6) this.#arm()
    else if (chance < 9) await this.#stop()
    else if (chance < 12) this.#go(client.leave())
    else if (chance < 14 && !client.isBusy) client.forget()
    else if (chance < 45) this.#commitSome(client)
    else this.#go(this.#behave(client))
    if (this.#random.integer(0, 3) === 0) await this.#machine.advance(this.#random.integer(1, SESSION_MS / 2))
    else await this.#machine.quiet()
  }

  async #behave(client: GroupClient): Promise<void> {
    if ((await client.behave()) !== 'synced') return
    this.counts.synced++
    this.#assigned.send(client.generation).acknowledge(this.#machine.clock.now())
  }

  /** Several on their way at once, of several groups. */
  #commitSome(client: GroupClient): void {
    for (let count = this.#random.integer(1, 5); count > 0; count--) {
      const groupId = COMMITTERS[this.#random.integer(0, COMMITTERS.length + 1)]
      if (groupId !== undefined) this.#go(this.#commit(groupId, 0, offset => this.#commitAlone(groupId, offset)))
      else if (!client.isBusy && client.generation >= 0) this.#go(this.#commitAsMember(client))
    }
  }

  async #commitAlone(groupId: string, offset: number): Promise<number | undefined> {
    const partitions = [{ partitionIndex: 0, committedOffset: BigInt(offset), committedMetadata: '' }]
    const answer = await this.#machine.request(offsetCommit, 9, { groupId, topics: [{ name: TOPIC, partitions }] })
    return answer?.topics[0]?.partitions[0]?.errorCode
  }

  async #commitAsMember(client: GroupClient): Promise<void> {
    const { generation } = client
    const newest = this.#assigned.acknowledged
    const code = await this.#commit(GROUP, client.index, offset => client.commit(offset))
    if (code === 0 && generation < newest) {
      this.#problem(`a commit of generation ${generation} was taken, and ${newest} has owners`)
    }
  }

  async #commit(
    groupId: string,
    partition: number,
    send: (offset: number) => Promise<number | undefined>,
  ): Promise<number | undefined> {
    const offset = this.#nextOffset++
    const sent = this.#offsetOf(groupId, partition).send(offset)
    const code = await send(offset)
    if (code === 0) {
      this.counts.acknowledged++
      sent.acknowledge(this.#machine.clock.now())
    } else if (code !== undefined) sent.refuse()
    return code
  }

  #offsetOf(groupId: string, partition: number): PromisedValue {
    const key = `${groupId} ${partition}`
    const known = this.#offsets.get(key) ?? new PromisedValue()
    this.#offsets.set(key, known)
    return known
  }

  // Stops and crashes

  #arm(): void {
    if (this.#armed !== undefined) return
    this.#armed = this.#random.integer(0, 3) === 0 ? 'end of process' : 'loss of power'
    this.#machine.disk.crashAfter(this.#random.integer(1, 25))
  }

  async #stop(): Promise<void> {
    await this.#machine.stop()
    if (this.#machine.disk.hasCrashed) return
    this.counts.stops++
    this.#armed = undefined
    await this.#machine.quiet()
    for (const offset of this.#offsets.values()) offset.saved()
    this.#assigned.saved()
    const isPowerLost = this.#random.integer(0, 2) === 0
    this.#machine.survive(isPowerLost ? 'loss of power' : 'end of process', 'in order')
    await this.#start(isPowerLost ? 'stop and loss of power' : 'stop', this.#machine.clock.now())
  }

  async #recover(): Promise<void> {
    const how = this.#armed
    if (how === undefined) return
    this.#armed = undefined
    this.counts.crashes++
    await this.#machine.disk.crashed
    const { diedMs } = this.#machine
    const entries = this.#random.integer(0, 3) === 0 ? 'independent' : 'in order'
    this.#machine.survive(how, entries)
    if (this.#random.integer(0, 4) === 0) {
      // The next start crashes as well, while it recovers or loads.
      this.#machine.disk.crashAfter(this.#random.integer(1, 40))
      await this.#machine.start()
      await this.#machine.quiet()
      if (!this.#machine.disk.hasCrashed) this.#machine.disk.crash()
      this.#machine.survive(how, entries)
    }
    await this.#start(how, diedMs)
  }

  async #start(after: Ending, diedMs: number): Promise<void> {
    const error = await this.#machine.start()
    if (error !== undefined) {
      this.#problem(`the broker does not start: ${String(error)}`)
      return
    }
    const promise = this.#promise(after, diedMs)
    for (const groupId of [GROUP, ...COMMITTERS]) await this.#check(groupId, promise)
  }

  #promise(after: Ending, diedMs: number): (sent: Acknowledged) => boolean {
    const { flush } = this.#machine
    if (after === 'stop' || after === 'end of process' || flush === 'always') return () => true
    if (flush === 'os') return ({ isOnDisk }) => isOnDisk
    return ({ acknowledgedMs, isOnDisk }) => isOnDisk || acknowledgedMs < diedMs - flush.everyMs - STEP_MS
  }

  /** The broker says what the log says, and the log has what was promised. */
  async #check(groupId: string, isPromised: (sent: Acknowledged) => boolean): Promise<void> {
    const told = await this.#offsetsTold(groupId)
    const written = await writtenOf(this.#machine, groupId)
    if (told === undefined || written === undefined) {
      this.#problem(`${groupId}: the broker does not answer after a start`)
      return
    }
    this.counts.compactedAway += written.compactedAway
    const nowMs = this.#machine.clock.now()
    const partitions = groupId === GROUP ? CLIENTS : 1
    for (let partition = 0; partition < partitions; partition++) {
      const found = told.get(partition) ?? -1
      const logged = written.offsets.get(partition) ?? -1
      if (found !== logged) this.#problem(`${groupId}-${partition}: offset ${found} is told, and ${logged} in the log`)
      const offset = this.#offsetOf(groupId, partition)
      const lost = offset.lost(found, isPromised)
      if (lost !== undefined) this.#problem(`${groupId}-${partition}: ${lost} was acknowledged, and ${found} is there`)
      if (!offset.has(found)) this.#problem(`${groupId}-${partition}: ${found} is there, and was refused or never sent`)
      if (offset.acknowledged > found) this.counts.lost++
      offset.found(found, nowMs)
    }
    if (groupId === GROUP) await this.#checkMembers(written, isPromised)
  }

  async #checkMembers({ group }: Written, isPromised: (sent: Acknowledged) => boolean): Promise<void> {
    const generation = group?.generation ?? -1
    const lost = this.#assigned.lost(generation, isPromised)
    if (lost !== undefined) this.#problem(`generation ${lost} had owners, and ${generation} is there`)
    this.#assigned.found(generation, this.#machine.clock.now())
    const answer = await this.#machine.request(describeGroups, 5, { groups: [GROUP] })
    const told = answer?.groups[0]
    const members = told?.members.map(({ memberId, groupInstanceId, memberAssignment }) => ({
      memberId,
      groupInstanceId,
      assignment: Buffer.from(memberAssignment).toString(),
    }))
    const expected = group?.members ?? []
    if (JSON.stringify(members) !== JSON.stringify(expected)) {
      this.#problem(`members ${JSON.stringify(members)} are told, and ${JSON.stringify(expected)} in the log`)
    }
    if (group === undefined || expected.length === 0) return
    this.counts.startsWithMembers++
    if (told?.groupState !== 'Stable') this.#problem(`a group with members is ${told?.groupState} after a start`)
    await this.#checkGeneration(group)
    for (const { memberId, generation: own, state, assignment } of this.#clients) {
      const logged = group.members.find(each => each.memberId === memberId)
      if (state !== 'stable' || own !== generation || logged === undefined) continue
      if (logged.assignment !== assignment) this.#problem(`${memberId} has ${assignment}, not ${logged.assignment}`)
    }
  }

  async #checkGeneration({ generation, members }: WrittenGroup): Promise<void> {
    for (const { memberId, groupInstanceId } of members) {
      for (const [each, expected] of [
        [generation, 0],
        [generation + 1, ILLEGAL_GENERATION],
      ] as const) {
        const asked = { groupId: GROUP, memberId, groupInstanceId, generationId: each }
        const code = (await this.#machine.request(heartbeat, 4, asked))?.errorCode
        if (code !== expected) this.#problem(`${memberId} in generation ${each} hears ${code}, not ${expected}`)
      }
    }
  }

  /** As soon as the groups are loaded. Undefined when the machine stopped, or they never are. */
  async #offsetsTold(groupId: string): Promise<Map<number, number> | undefined> {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const answer = await this.#machine.request(offsetFetch, 8, { groups: [{ groupId, topics: null }] })
      const group = answer?.groups[0]
      if (group === undefined) return undefined
      if (group.errorCode === LOADING) continue
      if (group.errorCode !== 0) {
        this.#problem(`${groupId}: OffsetFetch says ${group.errorCode}`)
        return undefined
      }
      const partitions = group.topics.flatMap(topic => topic.partitions)
      return new Map(partitions.map(({ partitionIndex, committedOffset }) => [partitionIndex, Number(committedOffset)]))
    }
    return undefined
  }

  /** Whatever happened: who wants to be in the group is in it before long, all in one generation. */
  async #comeToRest(): Promise<void> {
    for (let round = 0; round < CALM_ROUNDS; round++) {
      for (const client of this.#clients) this.#go(this.#behave(client))
      await this.#machine.advance(ROUND_MS)
    }
    const generations = new Set(this.#clients.map(({ generation }) => generation))
    const shares = this.#clients.map(({ assignment }) => assignment.split(' ')[0]).sort()
    const isShared = shares.every((share, index) => share === String(index))
    if (generations.size === 1 && isShared && this.#clients.every(({ state }) => state === 'stable')) return
    const shown = this.#clients.map(({ memberId, state, generation, assignment, isBusy }) => {
      return `${memberId} ${state} ${generation} ${assignment} ${isBusy ? 'waits' : ''}`
    })
    this.#problem(`the group does not come to rest: ${shown.join('; ')}`)
  }

  /** Answers come while time passes; whoever waits when the machine stops hears nothing. */
  #go(doing: Promise<unknown>): void {
    doing.catch(error => this.#problem(String(error)))
  }

  #problem(text: string): void {
    this.problems.push(text)
  }
}

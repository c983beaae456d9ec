/**
 * The life of a group from a seed, in which members of the consumer protocol, and with some seeds of the classic one, join,
 * leave, stall, lose answers and commit as zombies, topics come and grow, coordinators crash and logs refuse. Whatever
 * happens, no partition has two owners who are in the group, nothing is committed for a partition that someone else owns,
 * and what the log holds is the group. At the end all members behave, and must come to rest with everything shared out.
 *
 * An owner is who was told that it has a partition and was not told to give it up, or has not done so yet.
 */
import { decodeAssignment, encodeAssignment, encodeSubscription } from '@samsa/protocol'
import { SeededRandom } from '@samsa/runtime'
import type { Step } from '../shard.js'
import { START_MS, TestCoordinator } from '../test-coordinator.js'
import type { JoinAnswer, SyncAnswer } from './classic-member.js'
import type { ConsumerAnswer } from './consumer-contract.js'
import { GroupShard, type GroupShardSettings } from './group-shard.js'
import type { PartitionsOfTopicId } from './holdings.js'
import { TestTopics, testConsumerSettings } from './test-topics.js'

const GROUP = 'g'
const MEMBERS = 5
const ACTIONS = 500
const CALM_ROUNDS = 300
const SESSION_MS = 10_000
const REBALANCE_MS = 15_000
const MOST_PARTITIONS = 12
const FENCED_MEMBER_EPOCH = 110
const UNKNOWN_MEMBER_ID = 25
const MEMBER_ID_REQUIRED = 79
const REBALANCE_IN_PROGRESS = 27

export class ConsumerSimulation {
  readonly #random: SeededRandom
  readonly #topics = new TestTopics()
  readonly #members: SimulatedMember[]
  readonly #coordinator: TestCoordinator<GroupShard>
  #isCalm = false
  #ids = 0
  /** Partitions that went from one member to another. */
  moves = 0
  /** Times that the group changed its protocol. */
  migrations = 0
  #protocol: string | undefined
  readonly #lastOwner = new Map<string, string>()

  constructor(seed: string) {
    this.#random = new SeededRandom(seed)
    const classic = {
      initialRebalanceDelayMs: 0,
      maxSize: 100,
      newMemberId: (prefix: string) => `${prefix}-${++this.#ids}`,
    }
    const assignmentMs = this.#chance(50) ? 0 : 1000
    const consumer = testConsumerSettings(this.#topics, classic, {
      times: () => ({ sessionMs: SESSION_MS, heartbeatMs: 5000, assignmentMs }),
    })
    const settings: GroupShardSettings = {
      ...classic,
      consumer,
      offsetsRetentionMs: 60_000,
      retentionCheckMs: 20_000,
    }
    this.#coordinator = new TestCoordinator({
      newShard: () => new GroupShard(settings),
      refusal: () => (!this.#isCalm && this.#chance(2) ? 15 : undefined),
      onRecords: () => this.#noteProtocol(),
    })
    this.#topics.set('t', 6)
    const isMixed = this.#chance(50)
    this.#members = Array.from({ length: MEMBERS }, (_, index) => {
      const isClassic = isMixed && index >= 3
      return new SimulatedMember(`m${index}`, { isClassic, isStatic: this.#chance(25), hasPattern: this.#chance(25) })
    })
  }

  run(): void {
    for (let action = 0; action < ACTIONS; action++) {
      this.#coordinator.pass(this.#random.integer(0, 1500))
      this.#act()
      this.#mustHaveOneOwner()
    }
    this.#isCalm = true
    for (let round = 0; round < CALM_ROUNDS; round++) {
      this.#coordinator.pass(500)
      for (const member of this.#members) this.#behave(member)
      this.#mustHaveOneOwner()
    }
    this.#mustRest()
    this.#mustBeWritten()
  }

  #act(): void {
    if (this.#chance(2)) {
      this.#crash()
      return
    }
    if (this.#chance(2)) {
      this.#changeTopics()
      return
    }
    const member = this.#members[this.#random.integer(0, MEMBERS)]
    if (member === undefined) return
    const chance = this.#random.integer(0, 100)
    if (chance < 4) this.#leave(member)
    else if (chance < 7) member.startAnew()
    else if (chance < 10) this.#coordinator.pass(SESSION_MS)
    else if (chance < 30) this.#commit(member)
    else this.#behave(member)
  }

  #behave(member: SimulatedMember): void {
    if (member.isWaiting) return
    if (member.isClassic) this.#behaveClassic(member)
    else this.#beat(member, member.epoch)
  }

  // Members of the consumer protocol

  #beat(member: SimulatedMember, epoch: number): void {
    const isJoining = epoch === 0
    if (isJoining) member.owned.clear()
    const isFull = isJoining || member.mustSayAll
    const request = {
      memberId: member.memberId,
      memberEpoch: epoch,
      instanceId: member.instanceId,
      clientId: member.name,
      clientHost: '/127.0.0.1',
      rackId: null,
      rebalanceTimeoutMs: isFull ? REBALANCE_MS : -1,
      topics: isFull ? (member.hasPattern ? [] : ['t']) : null,
      pattern: isFull ? (member.hasPattern ? '[tu]' : '') : null,
      assignor: null,
      owned: isJoining ? [] : isFull || member.hasChanged || this.#chance(30) ? member.told() : null,
    }
    const isLost = !this.#isCalm && this.#chance(10)
    const reply = (answer: ConsumerAnswer): void => {
      if (isLost) member.mustSayAll = true
      else member.answered(answer)
    }
    this.#coordinator.carryOut(this.#shard.consumerHeartbeat(GROUP, request, reply, this.#coordinator.at))
    // It gives up at once, or takes its time; the next heartbeat tells which.
    if (this.#isCalm || this.#chance(70)) member.giveUp()
  }

  #leave(member: SimulatedMember): void {
    if (member.isWaiting || member.epoch <= 0) return
    if (member.isClassic) {
      const reference = { memberId: member.memberId, groupInstanceId: member.instanceId }
      this.#coordinator.carryOut(this.#shard.leave(GROUP, [reference], this.#coordinator.at).step)
      member.startAnew()
      return
    }
    const isForAWhile = member.instanceId !== null && this.#chance(50)
    member.owned.clear()
    this.#beat(member, isForAWhile ? -2 : -1)
    member.startAnew()
  }

  // Members of the classic protocol, who give up everything before they join

  #behaveClassic(member: SimulatedMember): void {
    if (member.state === 'out') this.#join(member)
    else if (member.state === 'joined') this.#sync(member)
    else {
      const { reference } = member
      let code: number
      try {
        const { result, step } = this.#shard.heartbeat(GROUP, reference, this.#coordinator.at)
        this.#coordinator.carryOut(step)
        code = result
      } catch {
        code = UNKNOWN_MEMBER_ID
      }
      if (code !== 0) member.lost(code)
    }
  }

  #join(member: SimulatedMember): void {
    member.owned.clear()
    member.isWaiting = true
    const subscription = { topics: ['t'], userData: null, ownedPartitions: [], generationId: -1, rackId: null }
    const reply = (answer: JoinAnswer): void => {
      member.isWaiting = false
      if (answer.errorCode === 0) member.joined(answer)
      else if (answer.errorCode === MEMBER_ID_REQUIRED) member.memberId = answer.memberId
      else member.lost(answer.errorCode)
    }
    const request = {
      memberId: member.memberId,
      groupInstanceId: member.instanceId,
      clientId: member.name,
      clientHost: '/127.0.0.1',
      sessionTimeoutMs: SESSION_MS,
      rebalanceTimeoutMs: REBALANCE_MS,
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: encodeSubscription(subscription) }],
      needsMemberId: true,
      knowsSkipAssignment: true,
    }
    this.#coordinator.carryOut(this.#shard.join(GROUP, request, reply, this.#coordinator.at))
  }

  #sync(member: SimulatedMember): void {
    member.isWaiting = true
    const reply = ({ errorCode, assignment }: SyncAnswer): void => {
      member.isWaiting = false
      if (errorCode !== 0) {
        member.lost(errorCode)
        return
      }
      member.state = 'stable'
      const named = assignment.length === 0 ? [] : decodeAssignment(assignment).partitions
      member.owned = new Set(
        named.flatMap(({ topic, partitions }) =>
          partitions.map(each => `${this.#topics.byName(topic)?.id ?? topic} ${each}`),
        ),
      )
    }
    const { followers, reference } = member
    const count = this.#topics.byName('t')?.partitionCount ?? 0
    const assignments = followers.map((memberId, index) => {
      const all = Array.from({ length: count }, (_, each) => each)
      const partitions = [{ topic: 't', partitions: all.filter(each => each % followers.length === index) }]
      return { memberId, assignment: encodeAssignment({ partitions, userData: null }) }
    })
    const request = { ...reference, protocolType: 'consumer', protocolName: 'range', assignments }
    this.#coordinator.carryOut(this.#shard.sync(GROUP, request, reply, this.#coordinator.at))
  }

  // What else happens

  /** Zombies too: with what they believe to be true. */
  #commit(member: SimulatedMember): void {
    const [owned] = member.owned
    if (owned === undefined || member.isWaiting) return
    const [topicId = '', number = ''] = owned.split(' ')
    const topic = this.#topics.byId(topicId)?.name
    if (topic === undefined) return
    const committed = {
      offset: BigInt(this.#coordinator.nowMs),
      leaderEpoch: 0,
      metadata: '',
      committedAtMs: START_MS + this.#coordinator.nowMs,
      expiresAtMs: undefined,
      topicId,
    }
    let step: Step
    try {
      const offsets = [{ topic, partition: Number(number), committed }]
      step = this.#shard.commit(GROUP, member.reference, offsets, { at: this.#coordinator.at, isNewClient: true })
    } catch {
      return
    }
    const other = this.#members.find(each => each !== member && this.#isIn(each) && each.owned.has(owned))
    if (other !== undefined) {
      throw new Error(
        `${member.name} commits for ${topic}-${number} in epoch ${member.epoch}, and ${other.name} owns it`,
      )
    }
    this.#coordinator.carryOut(step)
  }

  #changeTopics(): void {
    const count = this.#topics.byName('t')?.partitionCount ?? 0
    if (this.#chance(50)) this.#topics.set('u', 2)
    else if (count < MOST_PARTITIONS) this.#topics.set('t', count + 1)
    this.#shard.topicsChanged(new Set(['t', 'u']))
  }

  /** The coordinator is gone, and another one has nothing but the log. */
  #crash(): void {
    this.#mustBeWritten()
    this.#coordinator.crash(16)
  }

  #noteProtocol(): void {
    const before = this.#protocol
    this.#protocol = this.#shard.get(GROUP)?.machine.type
    if (before !== undefined && this.#protocol !== undefined && before !== this.#protocol) this.migrations++
  }

  // What must be so

  #isIn({ memberId, name }: SimulatedMember): boolean {
    const group = this.#shard.get(GROUP)
    const known = group?.consumer?.state.members.get(memberId)
    if (known !== undefined) return known.clientId === name && known.epoch >= 0
    return group?.classic?.members.some(each => each.memberId === memberId) ?? false
  }

  #mustHaveOneOwner(): void {
    const owners = new Map<string, string>()
    for (const member of this.#members) {
      if (!this.#isIn(member)) continue
      for (const partition of member.owned) {
        const other = owners.get(partition)
        if (other !== undefined) {
          throw new Error(`${partition} has two owners at ${this.#coordinator.nowMs}ms: ${other} and ${member.name}`)
        }
        owners.set(partition, member.name)
        const last = this.#lastOwner.get(partition)
        if (last !== undefined && last !== member.name) this.moves++
        this.#lastOwner.set(partition, member.name)
      }
    }
    const state = this.#shard.get(GROUP)?.consumer?.state
    if (state === undefined) return
    for (const { epoch } of state.members.values()) {
      if (epoch > state.targetEpoch || state.targetEpoch > state.epoch) {
        throw new Error(`epochs ${epoch}, ${state.targetEpoch}, ${state.epoch} of member, target and group`)
      }
    }
  }

  #mustRest(): void {
    const group = this.#shard.get(GROUP)
    const readers = this.#members.filter(({ hasPattern }) => hasPattern)
    const names = readers.length > 0 && this.#topics.byName('u') !== undefined ? ['t', 'u'] : ['t']
    const wanted = names.flatMap(name => {
      const { id = '', partitionCount = 0 } = this.#topics.byName(name) ?? {}
      return Array.from({ length: partitionCount }, (_, partition) => `${id} ${partition}`)
    })
    const owned = this.#members.flatMap(member => [...member.owned])
    const isWhole = owned.length === wanted.length && wanted.every(each => owned.includes(each))
    const isStill = group?.stateName === 'Stable' && this.#members.every(member => this.#isIn(member))
    if (isWhole && isStill) return
    const shown = this.#members.map(({ name, epoch, state, owned: has }) => `${name} ${epoch} ${state} ${[...has]}`)
    throw new Error(`the group does not come to rest: ${group?.stateName} ${shown.join(' | ')}`)
  }

  /** What a coordinator would load is what this one has. */
  #mustBeWritten(): void {
    const [live, loaded] = [this.#shard, this.#coordinator.replayed()].map(shard => {
      const state = shard.get(GROUP)?.consumer?.state
      if (state === undefined) return 'no consumer group'
      const members = [...state.members.values()].sort((a, b) => (a.memberId < b.memberId ? -1 : 1))
      return JSON.stringify([state.epoch, state.targetEpoch, members, [...state.targets].sort()], withMaps)
    })
    if (live !== loaded) throw new Error(`the group is ${live}, and would be loaded as ${loaded}`)
  }

  #chance(percent: number): boolean {
    return this.#random.integer(0, 100) < percent
  }

  get #shard(): GroupShard {
    return this.#coordinator.shard
  }
}

class SimulatedMember {
  readonly name: string
  readonly isClassic: boolean
  readonly instanceId: string | null
  readonly hasPattern: boolean
  memberId: string
  /** Or generation; 0 to join. */
  epoch = 0
  /** What it has: what it was told, and what it has not given up yet. */
  owned = new Set<string>()
  #assigned: ReadonlySet<string> = new Set()
  mustSayAll = true
  hasChanged = false
  isWaiting = false
  state: 'out' | 'joined' | 'stable' = 'out'
  followers: readonly string[] = []
  #lives = 0

  constructor(name: string, kind: { isClassic: boolean; isStatic: boolean; hasPattern: boolean }) {
    this.name = name
    this.isClassic = kind.isClassic
    this.instanceId = kind.isStatic ? name : null
    this.hasPattern = kind.hasPattern && !kind.isClassic
    this.memberId = kind.isClassic ? '' : `${name}.0`
  }

  get reference() {
    return { memberId: this.memberId, groupInstanceId: this.instanceId, generationId: this.epoch }
  }

  /** As a process does that knows nothing of the one before. */
  startAnew(): void {
    if (this.isWaiting) return
    this.#lives++
    this.memberId = this.isClassic ? '' : `${this.name}.${this.#lives}`
    this.#drop()
  }

  answered({ errorCode, memberEpoch, assignment }: ConsumerAnswer): void {
    this.mustSayAll = errorCode !== 0
    if (errorCode === FENCED_MEMBER_EPOCH || errorCode === UNKNOWN_MEMBER_ID) this.#drop()
    // Another has its name, or the group is not for it now: as with an error that ends a consumer.
    else if (errorCode !== 0) {
      if (errorCode === FENCED_INSTANCE_ID) this.startAnew()
      if (errorCode === GROUP_ID_NOT_FOUND) this.#drop()
    } else {
      this.epoch = memberEpoch
      this.hasChanged = false
      if (assignment !== null) this.#take(assignment)
    }
  }

  /** What it was told to give up. */
  giveUp(): void {
    if (this.isClassic) return
    for (const partition of this.owned) {
      if (this.#assigned.has(partition)) continue
      this.owned.delete(partition)
      this.hasChanged = true
    }
  }

  /** All that it has, as heartbeats say it. */
  told(): PartitionsOfTopicId[] {
    const topics = new Map<string, number[]>()
    for (const partition of this.owned) {
      const [topicId = '', number = ''] = partition.split(' ')
      topics.set(topicId, [...(topics.get(topicId) ?? []), Number(number)])
    }
    return Array.from(topics, ([topicId, partitions]) => ({ topicId, partitions }))
  }

  joined({ memberId, generationId, members }: JoinAnswer): void {
    this.memberId = memberId
    this.epoch = generationId
    this.followers = members.map(each => each.memberId)
    this.state = 'joined'
  }

  lost(code: number): void {
    this.state = 'out'
    this.owned.clear()
    if (code === REBALANCE_IN_PROGRESS || code === 15 || code === 16 || code === 22) return
    this.startAnew()
  }

  #take(assignment: readonly PartitionsOfTopicId[]): void {
    this.#assigned = new Set(
      assignment.flatMap(({ topicId, partitions }) => partitions.map(each => `${topicId} ${each}`)),
    )
    for (const partition of this.#assigned) if (!this.owned.has(partition)) this.owned.add(partition)
    this.hasChanged = true
  }

  #drop(): void {
    this.owned.clear()
    this.#assigned = new Set()
    this.epoch = 0
    this.mustSayAll = true
    this.state = 'out'
  }
}

const FENCED_INSTANCE_ID = 82
const GROUP_ID_NOT_FOUND = 69

function withMaps(_key: string, value: unknown): unknown {
  return value instanceof Map || value instanceof Set ? [...value].sort() : value
}

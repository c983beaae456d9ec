/**
 * A group's life from a seed: members join, leave, stall, commit as zombies, coordinators crash and logs refuse, in an order
 * that chance decides and on a clock that it moves. Whatever happens, no partition has two owners in a generation, nothing
 * is committed from a generation that a later one has replaced, everyone who waits is answered, and what the log holds is
 * the group. At the end all members behave, and must come to rest with all partitions shared out.
 */
import { SeededRandom } from '@samsa/runtime'
import type { Step } from '../shard.js'
import { START_MS, TestCoordinator } from '../test-coordinator.js'
import type { JoinAnswer, SyncAnswer } from './classic-member.js'
import type { Group } from './group.js'
import { GroupShard, type GroupShardSettings } from './group-shard.js'
import { TestTopics, testConsumerSettings } from './test-topics.js'

const GROUP = 'g'
const PARTITIONS = 12
const MEMBERS = 5
const ACTIONS = 400
const SESSION_MS = 10_000
const REBALANCE_MS = 15_000
/** Longer than any wait that the machine may impose: a new member's five minutes. */
const LONGEST_WAIT_MS = 6 * 60_000
const CALM_ROUNDS = 200

export class GroupSimulation {
  readonly #random: SeededRandom
  readonly #members: SimulatedMember[]
  readonly #coordinator: TestCoordinator<GroupShard>
  /** Who was told to own what, by generation and partition. */
  readonly #owners = new Map<string, string>()
  #isCalm = false
  #ids = 0
  /** The newest generation of which someone has an assignment. */
  newestAssigned = 0
  rebalances = 0

  constructor(seed: string) {
    this.#random = new SeededRandom(seed)
    const classic = {
      initialRebalanceDelayMs: this.#random.integer(0, 3) * 1000,
      maxSize: 100,
      newMemberId: (prefix: string) => `${prefix}-${++this.#ids}`,
    }
    const settings: GroupShardSettings = {
      ...classic,
      consumer: testConsumerSettings(new TestTopics(), classic),
      offsetsRetentionMs: 60_000,
      retentionCheckMs: 20_000,
    }
    this.#coordinator = new TestCoordinator({
      newShard: () => new GroupShard(settings),
      refusal: () => (!this.#isCalm && this.#random.integer(0, 50) === 0 ? 15 : undefined),
      onRecords: () => {
        if (this.#shard.get(GROUP) === undefined) this.#beginAnew()
      },
    })
    const isStatic = this.#random.integer(0, 2) === 0
    this.#members = Array.from(
      { length: MEMBERS },
      (_, index) => new SimulatedMember(`m${index}`, isStatic && index < 2),
    )
  }

  run(): void {
    for (let action = 0; action < ACTIONS; action++) {
      this.#coordinator.pass(this.#random.integer(0, 2500))
      this.#act()
      this.#mustAnswer()
    }
    this.#isCalm = true
    for (let round = 0; round < CALM_ROUNDS; round++) {
      this.#coordinator.pass(2000)
      for (const member of this.#members) this.#behave(member)
    }
    this.#mustRest()
    this.#mustBeWritten()
  }

  #act(): void {
    const chance = this.#random.integer(0, 100)
    if (chance === 0) this.#crash()
    else {
      const member = this.#members[this.#random.integer(0, MEMBERS)]
      if (member === undefined) return
      if (chance < 8) this.#leave(member)
      // As a process does that starts anew and knows nothing.
      else if (chance < 11 && !member.isWaiting) member.forget()
      else if (chance < 14) this.#coordinator.pass(SESSION_MS)
      else if (chance < 30) this.#commit(member)
      else this.#behave(member)
    }
  }

  #behave(member: SimulatedMember): void {
    if (member.isWaiting) return
    if (member.state === 'out') this.#join(member)
    else if (member.state === 'joined') this.#sync(member)
    else this.#heartbeat(member)
  }

  #join(member: SimulatedMember): void {
    const name = `${member.name} joins`
    this.#waits(member)
    const reply = (answer: JoinAnswer): void => {
      member.waitsSinceMs = undefined
      if (answer.errorCode !== 0) {
        // 79: it was given an id to join with. 25: its id is not known any more.
        member.memberId = answer.errorCode === 79 ? answer.memberId : answer.errorCode === 27 ? member.memberId : ''
        return
      }
      member.joined(answer)
    }
    const request = {
      memberId: member.memberId,
      groupInstanceId: member.instanceId,
      clientId: member.name,
      clientHost: '/127.0.0.1',
      sessionTimeoutMs: SESSION_MS,
      rebalanceTimeoutMs: REBALANCE_MS,
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: Buffer.from(name) }],
      needsMemberId: true,
      knowsSkipAssignment: true,
    }
    this.#coordinator.carryOut(this.#shard.join(GROUP, request, reply, this.#coordinator.at))
  }

  #sync(member: SimulatedMember): void {
    this.#waits(member)
    const { generationId } = member
    const assignments = member.others.map((memberId, index) => ({
      memberId,
      assignment: Uint8Array.from(partitionsOf(index, member.others.length)),
    }))
    const reply = ({ errorCode, assignment }: SyncAnswer): void => {
      member.waitsSinceMs = undefined
      if (errorCode !== 0) {
        member.lost(errorCode)
        return
      }
      member.state = 'stable'
      member.partitions = [...assignment]
      for (const partition of assignment) this.#owns(member.memberId, generationId, partition)
      if (generationId > this.newestAssigned) this.rebalances++
      this.newestAssigned = Math.max(this.newestAssigned, generationId)
    }
    const request = { ...member.reference(), protocolType: 'consumer', protocolName: 'range', assignments }
    this.#coordinator.carryOut(this.#shard.sync(GROUP, request, reply, this.#coordinator.at))
  }

  #heartbeat(member: SimulatedMember): void {
    const { result: code } = this.#shard.heartbeat(GROUP, member.reference(), this.#coordinator.at)
    if (code !== 0) member.lost(code)
  }

  #leave(member: SimulatedMember): void {
    if (member.isWaiting || member.memberId === '') return
    const { step } = this.#shard.leave(GROUP, [member.reference()], this.#coordinator.at)
    this.#coordinator.carryOut(step)
    member.forget()
  }

  /** Zombies too: with what they believe to be true. */
  #commit(member: SimulatedMember): void {
    if (member.isWaiting || member.generationId < 0) return
    const { generationId } = member
    const committed = {
      offset: BigInt(this.#coordinator.nowMs),
      leaderEpoch: 0,
      metadata: '',
      committedAtMs: START_MS + this.#coordinator.nowMs,
      expiresAtMs: undefined,
      topicId: 'AAAAAAAAAAAAAAAAAAAAZQ',
    }
    const offsets = [{ topic: 't', partition: 0, committed }]
    let step: Step
    try {
      step = this.#shard.commit(GROUP, member.reference(), offsets, { at: this.#coordinator.at, isNewClient: true })
    } catch {
      return
    }
    if (generationId < this.newestAssigned) {
      throw new Error(`a commit of generation ${generationId} was taken, and ${this.newestAssigned} has owners`)
    }
    this.#coordinator.carryOut(step)
  }

  /** The coordinator is gone, and another one has nothing but the log. */
  #crash(): void {
    this.#mustBeWritten()
    this.#coordinator.crash(16)
  }

  /** Nobody was in the group and its offsets expired, so it went: one of that name begins with generation 1. */
  #beginAnew(): void {
    this.newestAssigned = 0
    this.#owners.clear()
  }

  #owns(memberId: string, generationId: number, partition: number): void {
    const key = `${generationId} ${partition}`
    const owner = this.#owners.get(key)
    // A static member's partitions go on to its next id.
    const isSame = owner === undefined || owner.split('-')[0] === memberId.split('-')[0]
    if (!isSame)
      throw new Error(`partition ${partition} has two owners in generation ${generationId}: ${owner}, ${memberId}`)
    this.#owners.set(key, memberId)
  }

  #waits(member: SimulatedMember): void {
    member.waitsSinceMs = this.#coordinator.nowMs
  }

  #mustAnswer(): void {
    for (const { name, waitsSinceMs } of this.#members) {
      if (waitsSinceMs !== undefined && this.#coordinator.nowMs - waitsSinceMs > LONGEST_WAIT_MS) {
        throw new Error(`${name} has waited for an answer since ${waitsSinceMs}, and it is ${this.#coordinator.nowMs}`)
      }
    }
  }

  #mustRest(): void {
    const generations = new Set(this.#members.map(({ generationId }) => generationId))
    const owned = this.#members.flatMap(({ partitions }) => partitions).sort((one, other) => one - other)
    const isWhole = owned.length === PARTITIONS && owned.every((partition, index) => partition === index)
    if (generations.size === 1 && isWhole && this.#members.every(({ state }) => state === 'stable')) return
    const shown = this.#members.map(({ name, state, generationId, partitions }) => ({
      name,
      state,
      generationId,
      partitions,
    }))
    throw new Error(`the group does not come to rest: ${JSON.stringify(shown)}`)
  }

  /** What a coordinator would load is what this one has: members, generation and offsets. */
  #mustBeWritten(): void {
    const live = this.#shard.get(GROUP)
    const loaded = this.#coordinator.replayed().get(GROUP)
    const offsets = (group: Group | undefined): string => JSON.stringify([...(group?.offsets.all() ?? [])], withBigInts)
    if (offsets(live) !== offsets(loaded)) {
      throw new Error(`offsets ${offsets(live)} would be loaded as ${offsets(loaded)}`)
    }
    if (live?.classic?.state !== 'Stable') return
    const members = (group: Group | undefined): string =>
      JSON.stringify(group?.classic?.members.map(({ memberId, assignment }) => [memberId, [...assignment]]))
    if (members(live) !== members(loaded) || live.classic.generation !== loaded?.classic?.generation) {
      throw new Error(`members ${members(live)} would be loaded as ${members(loaded)}`)
    }
  }

  get #shard(): GroupShard {
    return this.#coordinator.shard
  }
}

class SimulatedMember {
  readonly name: string
  readonly instanceId: string | null
  state: 'out' | 'joined' | 'stable' = 'out'
  memberId = ''
  generationId = -1
  others: readonly string[] = []
  partitions: number[] = []
  waitsSinceMs: number | undefined

  constructor(name: string, isStatic: boolean) {
    this.name = name
    this.instanceId = isStatic ? name : null
  }

  get isWaiting(): boolean {
    return this.waitsSinceMs !== undefined
  }

  joined({ memberId, generationId, members }: JoinAnswer): void {
    this.memberId = memberId
    this.generationId = generationId
    this.others = members.map(each => each.memberId)
    this.partitions = []
    this.state = 'joined'
  }

  /** 27 means to join again as who one is; everything else that the id counts for nothing. */
  lost(code: number): void {
    this.state = 'out'
    this.partitions = []
    if (code === 27) return
    if (code !== 15 && code !== 16 && code !== 22) this.memberId = ''
  }

  forget(): void {
    this.state = 'out'
    this.memberId = ''
    this.partitions = []
  }

  reference() {
    return { memberId: this.memberId, groupInstanceId: this.instanceId, generationId: this.generationId }
  }
}

function partitionsOf(index: number, count: number): number[] {
  return Array.from({ length: PARTITIONS }, (_, partition) => partition).filter(each => each % count === index)
}

function withBigInts(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}

/**
 * Runs scenarios of a group that members of the consumer protocol are in, and of the way between the protocols: text of
 * commands, each with the trace that is expected below it.
 *
 *     topic t 3                     a topic and its partitions (`topic t gone` deletes it)
 *     join A topics=t               A's first heartbeat (also: pattern= assignor= static= rebalance= as=)
 *     beat A owned=t:0,1            a heartbeat that says what A owns; `all`: what it was told, `none`; left out: nothing said
 *     ----
 *     A: epoch 2 [t:0,1]
 *
 *     commit A t:0 transaction=x    as part of a transaction, which `end commit` or `end abort` ends
 *
 * A client is a letter. It remembers the epoch that it was told, and sends that unless the line says otherwise. Commands
 * of the classic protocol begin with `classic`.
 */
import { decodeAssignment, encodeSubscription } from '@samsa/protocol'
import type { CoordinatorRecord } from '../shard.js'
import { START_MS, TestCoordinator } from '../test-coordinator.js'
import { codeName, lineOf, milliseconds, splitOnce } from '../test-words.js'
import type { JoinAnswer, SyncAnswer } from './classic-member.js'
import type { ConsumerAnswer, ConsumerHeartbeat, ConsumerTimes } from './consumer-contract.js'
import { consumerRecordOf } from './consumer-records.js'
import { groupRecordOf } from './group-records.js'
import { GroupShard, type GroupShardSettings } from './group-shard.js'
import type { PartitionsOfTopicId } from './holdings.js'
import { TestTopics, testConsumerSettings, testTimes } from './test-topics.js'

interface Client {
  memberId: string
  epoch: number
  instanceId: string | null
  partitions: readonly PartitionsOfTopicId[]
}

type Options = ReadonlyMap<string, string>

const GROUP = 'g'
const NOT_COORDINATOR = 16
const LOG_FAILS = 15
const PRODUCER = { producerId: 7, producerEpoch: 0 }
const NOBODY = { memberId: '', groupInstanceId: null, generationId: -1 }
const NAMES_OF_STATES = ['stable', 'unrevoked', 'unreleased']

export class ConsumerScript {
  readonly #topics = new TestTopics()
  readonly #clients = new Map<string, Client>()
  #times: ConsumerTimes = testTimes
  #settings: GroupShardSettings
  #coordinator: TestCoordinator<GroupShard>
  #ids = 0
  #refuses = false
  #trace: string[] = []
  /** Lines of the trace that say when they came. */
  #timed = 0

  constructor() {
    this.#settings = this.#settingsWith({})
    this.#coordinator = this.#newCoordinator()
  }

  /** What came of one line. */
  run(line: string): string {
    this.#trace = []
    const { command, words, options } = lineOf(line)
    if (command === 'classic') this.#classic(words, options)
    else this.#command(command, words, options)
    return this.#trace.join('\n')
  }

  #newCoordinator(): TestCoordinator<GroupShard> {
    return new TestCoordinator({
      newShard: () => new GroupShard(this.#settings),
      refusal: () => (this.#refuses ? LOG_FAILS : undefined),
      onRecords: (records, isWritten) => {
        const shown = records.map(record => this.#named(record)).join(', ')
        this.#trace.push(`${isWritten ? 'written' : 'not written'}: ${shown}`)
      },
      onWake: () => this.#sayWhen(),
    })
  }

  #command(command: string, words: readonly string[], options: Options): void {
    const [name = '', second = ''] = words
    switch (command) {
      case 'topic':
        this.#topic(name, second)
        return
      case 'group':
        this.#settings = this.#settingsWith(Object.fromEntries(options))
        this.#coordinator = this.#newCoordinator()
        return
      case 'join':
        this.#beat(name, options, 0)
        return
      case 'beat':
      case 'full':
        this.#beat(name, options, undefined, command === 'full')
        return
      case 'leave':
        this.#beat(name, options, words.includes('while') ? -2 : -1)
        return
      case 'commit':
        this.#commit(name, second, options)
        return
      case 'end':
        this.#endTransaction(name === 'commit')
        return
      case 'fetch':
        this.#fetch(name, options)
        return
      case 'delete':
        this.#orRefusal(name, () => this.#coordinator.carryOut(this.#shard.delete(GROUP)))
        return
      case 'wait':
        this.#pass(milliseconds(name))
        return
      case 'log':
        this.#refuses = name === 'refuses'
        return
      case 'restart':
        this.#coordinator.crash(NOT_COORDINATOR)
        return
      case 'state':
        this.#trace.push(this.#state())
        return
      default:
        throw new Error(`no such command: ${command}`)
    }
  }

  #topic(name: string, count: string): void {
    if (count === 'gone') this.#topics.delete(name)
    else this.#topics.set(name, Number(count))
    this.#shard.topicsChanged(new Set([name]))
  }

  #settingsWith(options: Readonly<Record<string, string>>): GroupShardSettings {
    const classic = {
      initialRebalanceDelayMs: 0,
      maxSize: Number(options['classicMax'] ?? 1000),
      newMemberId: (prefix: string) => `${prefix}-${++this.#ids}`,
    }
    const policy = options['policy'] ?? 'bidirectional'
    const assignmentMs = milliseconds(options['assignment'] ?? '0ms')
    this.#times = { ...testTimes, sessionMs: milliseconds(options['session'] ?? '45s'), assignmentMs }
    const consumer = testConsumerSettings(this.#topics, classic, {
      times: () => this.#times,
      maxSize: Number(options['max'] ?? 1000),
      canUpgrade: policy === 'upgrade' || policy === 'bidirectional',
      canDowngrade: policy === 'downgrade' || policy === 'bidirectional',
    })
    return { ...classic, consumer, offsetsRetentionMs: 600_000_000, retentionCheckMs: 600_000_000 }
  }

  // Members of the consumer protocol

  #beat(name: string, options: Options, epoch?: number, isFull = epoch === 0): void {
    const client = this.#client(name, options)
    const topics = options.get('topics')
    const request: ConsumerHeartbeat = {
      memberId: options.get('as') ?? client.memberId,
      memberEpoch: Number(options.get('epoch') ?? epoch ?? client.epoch),
      instanceId: client.instanceId,
      clientId: name,
      clientHost: '/127.0.0.1',
      rackId: options.get('rack') ?? null,
      rebalanceTimeoutMs: isFull || options.has('rebalance') ? milliseconds(options.get('rebalance') ?? '60s') : -1,
      topics:
        topics === undefined ? (isFull && !options.has('pattern') ? [] : null) : topics.split(',').filter(Boolean),
      pattern: options.get('pattern') ?? null,
      assignor: options.get('assignor') ?? null,
      owned: this.#owned(client, options.get('owned') ?? (epoch === 0 ? 'none' : isFull ? 'all' : undefined)),
    }
    const reply = (answer: ConsumerAnswer): void => this.#beaten(name, answer)
    this.#coordinator.carryOut(this.#shard.consumerHeartbeat(GROUP, request, reply, this.#coordinator.at))
  }

  #beaten(name: string, answer: ConsumerAnswer): void {
    const { errorCode, memberId, memberEpoch, heartbeatIntervalMs, assignment } = answer
    if (errorCode !== 0) {
      this.#trace.push(`${name}: ${codeName(errorCode)}`)
      return
    }
    const client = this.#client(name, new Map())
    client.memberId = memberId ?? ''
    client.epoch = memberEpoch
    if (memberEpoch < 0) {
      this.#trace.push(`${name}: left`)
      return
    }
    if (assignment !== null) client.partitions = assignment
    const told = assignment === null ? '' : ` [${this.#shown(assignment)}]`
    this.#trace.push(`${name}: epoch ${memberEpoch}${told}, again in ${heartbeatIntervalMs}ms`)
  }

  #owned(client: Client, text: string | undefined): readonly PartitionsOfTopicId[] | null {
    if (text === undefined) return null
    if (text === 'none') return []
    if (text === 'all') return client.partitions
    return text.split(';').map(part => {
      const [topic, numbers] = splitOnce(part, ':')
      return { topicId: this.#topics.byName(topic)?.id ?? topic, partitions: numbers.split(',').map(Number) }
    })
  }

  #commit(name: string, partition: string, options: Options): void {
    const client = this.#client(name, options)
    const [topic, number] = splitOnce(partition, ':')
    const committed = {
      offset: 1n,
      leaderEpoch: 0,
      metadata: '',
      committedAtMs: START_MS + this.#coordinator.nowMs,
      expiresAtMs: undefined,
      topicId: this.#topics.byName(topic)?.id ?? topic,
    }
    const generationId = Number(options.get('epoch') ?? client.epoch)
    const member = {
      memberId: options.get('as') ?? client.memberId,
      groupInstanceId: client.instanceId,
      generationId,
    }
    const circumstances = { at: this.#coordinator.at, isNewClient: options.get('version') !== '8' }
    this.#orRefusal(name, () => {
      const offsets = [{ topic, partition: Number(number), committed }]
      const isPart = options.has('transaction')
      const { records = [] } = isPart
        ? this.#shard.commitTransactional(GROUP, name === 'nobody' ? NOBODY : member, offsets, PRODUCER)
        : this.#shard.commit(GROUP, member, offsets, circumstances)
      this.#coordinator.write(records, isPart ? PRODUCER.producerId : undefined)
      this.#trace.push(`${name}: committed${isPart ? ' if the transaction is' : ''}`)
    })
  }

  #endTransaction(isCommit: boolean): void {
    const marker = { ...PRODUCER, isCommit, coordinatorEpoch: 0, transactionVersion: 2 }
    this.#coordinator.carryOut(
      this.#shard.endTransaction(marker, code => {
        this.#trace.push(`transaction: ${code === 0 ? (isCommit ? 'committed' : 'aborted') : codeName(code)}`)
      }),
    )
  }

  #fetch(name: string, options: Options): void {
    const client = this.#client(name, options)
    const reader =
      name === 'nobody'
        ? { memberId: null, memberEpoch: -1 }
        : {
            memberId: options.get('as') ?? client.memberId,
            memberEpoch: Number(options.get('epoch') ?? client.epoch),
          }
    this.#orRefusal(name, () => {
      const count = [...(this.#shard.offsetsOf(GROUP, reader)?.all() ?? [])].length
      this.#trace.push(`${name}: ${count} offsets`)
    })
  }

  // Members of the classic protocol

  #classic([command = '', name = '']: readonly string[], options: Options): void {
    const client = this.#client(name, options)
    const reference = {
      memberId: options.get('as') ?? client.memberId,
      groupInstanceId: client.instanceId,
      generationId: Number(options.get('epoch') ?? client.epoch),
    }
    if (command === 'join') this.#classicJoin(name, client, options)
    else if (command === 'sync') this.#classicSync(name, client, options)
    else if (command === 'beat') {
      this.#orRefusal(name, () => {
        const { result, step } = this.#shard.heartbeat(GROUP, reference, this.#coordinator.at)
        this.#trace.push(`${name}: ${result === 0 ? 'ok' : codeName(result)}`)
        this.#coordinator.carryOut(step)
      })
    } else if (command === 'leave') {
      const { result, step } = this.#shard.leave(GROUP, [reference], this.#coordinator.at)
      this.#trace.push(...result.map(code => `${name}: ${code === 0 ? 'left' : codeName(code)}`))
      this.#coordinator.carryOut(step)
    } else throw new Error(`no such command: classic ${command}`)
  }

  #classicJoin(name: string, client: Client, options: Options): void {
    const owned = this.#owned(client, options.get('owned') ?? 'none') ?? []
    const metadata = encodeSubscription({
      topics: (options.get('topics') ?? 't').split(','),
      userData: null,
      ownedPartitions: owned.map(({ topicId, partitions }) => ({
        topic: this.#topics.byId(topicId)?.name ?? '',
        partitions,
      })),
      generationId: client.epoch,
      rackId: null,
    })
    const request = {
      memberId: options.get('as') ?? client.memberId,
      groupInstanceId: client.instanceId,
      clientId: name,
      clientHost: '/127.0.0.1',
      sessionTimeoutMs: milliseconds(options.get('session') ?? '10s'),
      rebalanceTimeoutMs: milliseconds(options.get('rebalance') ?? '60s'),
      protocolType: options.get('type') ?? 'consumer',
      protocols: (options.get('protocols') ?? 'range').split(',').map(protocol => ({ name: protocol, metadata })),
      needsMemberId: options.get('version') !== '3',
      knowsSkipAssignment: true,
    }
    const reply = (answer: JoinAnswer): void => {
      const { errorCode, memberId, generationId, protocolName, leader } = answer
      const isRequired = codeName(errorCode) === 'MEMBER_ID_REQUIRED'
      if (errorCode === 0 || isRequired) client.memberId = memberId
      if (errorCode === 0) client.epoch = generationId
      const who = leader === '' ? 'nobody leads' : leader === memberId ? 'leads' : `follows ${leader}`
      const told = isRequired ? `member id ${memberId} required` : codeName(errorCode)
      this.#trace.push(`${name}: ${errorCode === 0 ? `joined in ${generationId} ${protocolName}, ${who}` : told}`)
    }
    this.#coordinator.carryOut(this.#shard.join(GROUP, request, reply, this.#coordinator.at))
  }

  #classicSync(name: string, client: Client, options: Options): void {
    const reply = ({ errorCode, assignment }: SyncAnswer): void => {
      if (errorCode !== 0) {
        this.#trace.push(`${name}: ${codeName(errorCode)}`)
        return
      }
      client.partitions =
        assignment.length === 0
          ? []
          : decodeAssignment(assignment).partitions.map(({ topic, partitions }) => ({
              topicId: this.#topics.byName(topic)?.id ?? topic,
              partitions,
            }))
      this.#trace.push(`${name}: assigned [${this.#shown(client.partitions)}]`)
    }
    const request = {
      memberId: options.get('as') ?? client.memberId,
      groupInstanceId: client.instanceId,
      generationId: Number(options.get('epoch') ?? client.epoch),
      protocolType: 'consumer',
      protocolName: options.get('protocol') ?? 'range',
      assignments: [],
    }
    this.#coordinator.carryOut(this.#shard.sync(GROUP, request, reply, this.#coordinator.at))
  }

  // Time, the log, and what is there

  #pass(durationMs: number): void {
    this.#timed = this.#trace.length
    this.#coordinator.pass(durationMs)
  }

  /** What comes of a moment says which one it was. */
  #sayWhen(): void {
    const { nowMs } = this.#coordinator
    for (; this.#timed < this.#trace.length; this.#timed++) {
      this.#trace[this.#timed] = `at ${nowMs}ms ${this.#trace[this.#timed]}`
    }
  }

  /** A record in a few words; one that takes away has a minus. */
  #named(record: CoordinatorRecord): string {
    const classic = groupRecordOf(record)
    if (classic !== undefined) return `${sign(record.value)}${classic.kind}`
    const said = consumerRecordOf(record)
    if (said === undefined) return 'something else'
    const which = 'memberId' in said ? ` ${this.#nameOf(said.memberId)}` : ''
    const epoch =
      (said.kind === 'epoch' || said.kind === 'target epoch') && said.said !== null ? ` ${said.said.epoch}` : ''
    return `${sign(record.value)}${said.kind}${which}${epoch}`
  }

  #nameOf(memberId: string): string {
    for (const [name, client] of this.#clients) if (client.memberId === memberId) return name
    return memberId
  }

  #state(): string {
    const group = this.#shard.get(GROUP)
    if (group?.consumer === undefined) {
      const { state, generation, members = [] } = group?.classic ?? {}
      return group === undefined
        ? 'no group'
        : `classic ${state} generation ${generation} [${members.map(({ memberId }) => this.#nameOf(memberId)).join(' ')}]`
    }
    const { state } = group.consumer
    const members = Array.from(state.members.values(), member => {
      const assigned = Array.from(member.assigned, ([topicId, held]) => ({ topicId, partitions: [...held.keys()] }))
      const revoking = Array.from(member.revoking, ([topicId, held]) => ({ topicId, partitions: [...held.keys()] }))
      const rest = revoking.length === 0 ? '' : ` giving up ${this.#shown(revoking)}`
      const kind = member.classic === null ? '' : ' classic'
      return `${this.#nameOf(member.memberId)}${kind} ${member.epoch} ${NAMES_OF_STATES[member.state]} ${this.#shown(assigned)}${rest}`
    })
    return `${state.state} epoch ${state.epoch} target ${state.targetEpoch} [${members.join(' | ')}]`
  }

  #shown(partitions: readonly PartitionsOfTopicId[]): string {
    const parts = partitions.map(
      ({ topicId, partitions: numbers }) => `${this.#topics.byId(topicId)?.name ?? 'gone'}:${numbers.join()}`,
    )
    return parts.length === 0 ? 'nothing' : parts.sort().join(' ')
  }

  #orRefusal(name: string, act: () => void): void {
    try {
      act()
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error
      this.#trace.push(`${name}: ${error.code}`)
    }
  }

  #client(name: string, options: Options): Client {
    const client = this.#clients.get(name) ?? { memberId: name, epoch: -1, instanceId: null, partitions: [] }
    this.#clients.set(name, client)
    const instanceId = options.get('static')
    if (instanceId !== undefined) client.instanceId = instanceId
    if (options.get('as') === '') client.memberId = ''
    return client
  }

  get #shard(): GroupShard {
    return this.#coordinator.shard
  }
}

function sign(value: Uint8Array | null): string {
  return value === null ? '-' : ''
}

/**
 * Runs scenarios of a classic group: text of commands, each with the trace that is expected below it. A scenario is what
 * a reviewer reads; this makes the machine say what it did, in words.
 *
 *     join A                       A's JoinGroup (also: as=ID static=I protocols=range:x,sticky session=10s rebalance=60s old)
 *     ----
 *     A: member id A-1 required
 *
 * A client is a letter. It remembers the id and generation that it was told, and sends those unless the line says otherwise.
 */
import type { Answer, Moment } from '../shard.js'
import { START_MS } from '../test-coordinator.js'
import { codeName, lineOf, milliseconds, splitOnce } from '../test-words.js'
import type { ClassicGroupSettings, GroupStep } from './classic-contract.js'
import { ClassicGroup } from './classic-group.js'
import type { JoinAnswer, SyncAnswer } from './classic-member.js'

interface Client {
  memberId: string
  generationId: number
  instanceId: string | null
}

const MOST_WAKES = 1000

export class GroupScript {
  readonly #clients = new Map<string, Client>()
  readonly #ids = new Map<string, number>()
  #settings: ClassicGroupSettings
  #group: ClassicGroup
  #nowMs = 0
  #wakeAtMs = Number.POSITIVE_INFINITY
  #refusesWith: number | undefined
  #trace: string[] = []

  constructor() {
    this.#settings = {
      initialRebalanceDelayMs: 0,
      maxSize: 1000,
      newMemberId: prefix => {
        const count = (this.#ids.get(prefix) ?? 0) + 1
        this.#ids.set(prefix, count)
        return `${prefix}-${count}`
      },
    }
    this.#group = this.#newGroup()
  }

  /** What came of one line. */
  run(line: string): string {
    this.#trace = []
    const { command, words, options } = lineOf(line)
    this.#command(command, words, options)
    return this.#trace.join('\n')
  }

  #command(command: string, words: readonly string[], options: ReadonlyMap<string, string>): void {
    switch (command) {
      case 'group':
        this.#configure(options)
        return
      case 'join':
        for (const name of (words[0] ?? '').split(',')) this.#join(name, words, options)
        return
      case 'sync':
        for (const name of (words[0] ?? '').split(',')) this.#sync(name, options)
        return
      case 'heartbeat':
        for (const name of (words[0] ?? '').split(',')) this.#heartbeat(name, options)
        return
      case 'commit':
        this.#commit(words[0] ?? '', options)
        return
      case 'leave':
        this.#leave(words[0] ?? '', options)
        return
      case 'wait':
        this.#advance(milliseconds(words[0] ?? ''))
        return
      case 'log':
        this.#refusesWith = words[0] === 'refuses' ? 15 : undefined
        return
      case 'restart':
        this.#restart()
        return
      case 'state':
        this.#trace.push(this.#state())
        return
      default:
        throw new Error(`no such command: ${command}`)
    }
  }

  #configure(options: ReadonlyMap<string, string>): void {
    const delay = options.get('delay')
    const maxSize = options.get('max')
    this.#settings = {
      ...this.#settings,
      ...(delay !== undefined && { initialRebalanceDelayMs: milliseconds(delay) }),
      ...(maxSize !== undefined && { maxSize: Number(maxSize) }),
    }
    this.#group = this.#newGroup()
  }

  #join(name: string, words: readonly string[], options: ReadonlyMap<string, string>): void {
    const client = this.#client(name, options)
    const protocols = (options.get('protocols') ?? 'range').split(',').map(text => splitOnce(text, ':'))
    const request = {
      memberId: options.get('as') ?? client.memberId,
      groupInstanceId: client.instanceId,
      clientId: name,
      clientHost: '/127.0.0.1',
      sessionTimeoutMs: milliseconds(options.get('session') ?? '10s'),
      rebalanceTimeoutMs: milliseconds(options.get('rebalance') ?? '60s'),
      protocolType: options.get('type') ?? 'consumer',
      protocols: protocols
        .filter(([protocol]) => protocol !== '')
        .map(([protocol, metadata]) => ({ name: protocol, metadata: Buffer.from(metadata) })),
      needsMemberId: !words.includes('old'),
      knowsSkipAssignment: !words.includes('old'),
    }
    this.#take(this.#group.join(request, answer => this.#joined(name, answer), this.#at()))
  }

  #joined(name: string, answer: JoinAnswer): void {
    const client = this.#client(name, new Map())
    if (answer.errorCode !== 0) {
      const code = codeName(answer.errorCode)
      const isRequired = code === 'MEMBER_ID_REQUIRED'
      if (isRequired || (code === 'UNKNOWN_MEMBER_ID' && answer.memberId === '')) client.memberId = answer.memberId
      this.#trace.push(`${name}: ${isRequired ? `member id ${answer.memberId} required` : code}`)
      return
    }
    client.memberId = answer.memberId
    client.generationId = answer.generationId
    const role = answer.leader === answer.memberId ? 'leads' : `follows ${answer.leader}`
    const members = answer.members.map(({ memberId, metadata }) => withText(memberId, metadata))
    const list = members.length > 0 ? ` members [${members.join(' ')}]` : ''
    const skip = answer.skipAssignment ? ' skips assignment' : ''
    this.#trace.push(
      `${name}: joined as ${answer.memberId} generation ${answer.generationId} ${answer.protocolName} ${role}${list}${skip}`,
    )
  }

  #sync(name: string, options: ReadonlyMap<string, string>): void {
    const client = this.#client(name, options)
    const given =
      options
        .get('assign')
        ?.split(',')
        .map(text => splitOnce(text, ':')) ?? []
    const request = {
      memberId: options.get('as') ?? client.memberId,
      groupInstanceId: client.instanceId,
      generationId: Number(options.get('generation') ?? client.generationId),
      protocolType: options.get('type') ?? null,
      protocolName: options.get('protocol') ?? null,
      assignments: given.map(([memberId, assignment]) => ({
        memberId: this.#clients.get(memberId)?.memberId ?? memberId,
        assignment: Buffer.from(assignment),
      })),
    }
    this.#take(this.#group.sync(request, answer => this.#synced(name, answer), this.#at()))
  }

  #synced(name: string, { errorCode, assignment }: SyncAnswer): void {
    this.#trace.push(`${name}: ${errorCode === 0 ? `assigned ${textOf(assignment)}` : codeName(errorCode)}`)
  }

  #heartbeat(name: string, options: ReadonlyMap<string, string>): void {
    const code = this.#group.heartbeat(this.#reference(name, options), this.#at())
    this.#trace.push(`${name}: ${code === 0 ? 'ok' : codeName(code)}`)
  }

  #commit(name: string, options: ReadonlyMap<string, string>): void {
    const member =
      name === 'nobody' ? { memberId: '', groupInstanceId: null, generationId: -1 } : this.#reference(name, options)
    this.#trace.push(`${name}: ${this.#group.commitFault(member, this.#at()) ?? 'committed'}`)
  }

  #leave(names: string, options: ReadonlyMap<string, string>): void {
    const leaving = names.split(',').map(name => {
      const client = this.#client(name, options)
      const isByInstance = options.get('by') === 'instance'
      return {
        memberId: isByInstance ? '' : (options.get('as') ?? client.memberId),
        groupInstanceId: client.instanceId,
      }
    })
    const { codes, step } = this.#group.leave(leaving, this.#at())
    this.#trace.push(
      ...codes.map((code, index) => `${names.split(',')[index]}: ${code === 0 ? 'left' : codeName(code)}`),
    )
    this.#take(step)
  }

  /** Time passes; whatever is due on the way is done at its moment. */
  #advance(durationMs: number): void {
    const untilMs = this.#nowMs + durationMs
    for (let wakes = 0; this.#wakeAtMs <= untilMs; wakes++) {
      if (wakes === MOST_WAKES) throw new Error('the group wakes itself without end')
      this.#nowMs = Math.max(this.#nowMs, this.#wakeAtMs)
      this.#wakeAtMs = Number.POSITIVE_INFINITY
      const before = this.#trace.length
      this.#take(this.#group.wake(this.#at()))
      for (let at = before; at < this.#trace.length; at++) this.#trace[at] = `at ${this.#nowMs}ms ${this.#trace[at]}`
    }
    this.#nowMs = untilMs
  }

  /** The group as it was last written. */
  #restart(): void {
    this.#give(this.#group.dissolve(16))
    if (this.#written === undefined) throw new Error('nothing was written')
    this.#wakeAtMs = Number.POSITIVE_INFINITY
    this.#group = ClassicGroup.restore('g', this.#settings, this.#written)
    this.#take(this.#group.begin(this.#at()))
  }

  #written: Parameters<typeof ClassicGroup.restore>[2] | undefined

  #take(step: GroupStep): void {
    if (step.wakeAtMs !== undefined) this.#wakeAtMs = Math.min(this.#wakeAtMs, step.wakeAtMs)
    if (step.snapshot !== undefined) {
      const { generation, protocol, leader, members } = step.snapshot
      const shown = members.map(({ member, assignment }) => withText(member.memberId, assignment)).join(' ')
      const text = `generation ${generation} ${protocol} leader ${leader} [${shown}]`
      if (this.#refusesWith !== undefined) {
        this.#trace.push(`not written: ${text}`)
        if (step.refused !== undefined) this.#take(step.refused(this.#refusesWith))
        this.#give(step.answers ?? [])
        return
      }
      this.#trace.push(`written: ${text}`)
      this.#written = step.snapshot
    }
    this.#give(step.answers ?? [])
    if (step.written !== undefined) this.#take(step.written())
  }

  #give(answers: readonly Answer[]): void {
    for (const answer of answers) answer.give()
  }

  #reference(name: string, options: ReadonlyMap<string, string>) {
    const client = this.#client(name, options)
    const generationId = Number(options.get('generation') ?? client.generationId)
    return { memberId: options.get('as') ?? client.memberId, groupInstanceId: client.instanceId, generationId }
  }

  #client(name: string, options: ReadonlyMap<string, string>): Client {
    const client = this.#clients.get(name) ?? { memberId: '', generationId: -1, instanceId: null }
    this.#clients.set(name, client)
    const instanceId = options.get('static')
    if (instanceId !== undefined) client.instanceId = instanceId
    return client
  }

  #state(): string {
    const { state, generation, leader, members } = this.#group
    return `${state} generation ${generation} leader ${leader} [${members.map(({ memberId }) => memberId).join(' ')}]`
  }

  #newGroup(): ClassicGroup {
    return new ClassicGroup('g', this.#settings, START_MS)
  }

  #at(): Moment {
    return { nowMs: START_MS + this.#nowMs, monotonicMs: this.#nowMs }
  }
}

function withText(memberId: string, bytes: Uint8Array): string {
  return bytes.length === 0 ? memberId : `${memberId}=${textOf(bytes)}`
}

function textOf(bytes: Uint8Array): string {
  return bytes.length === 0 ? 'nothing' : Buffer.from(bytes).toString()
}

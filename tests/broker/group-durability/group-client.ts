/**
 * A member of the group as a client is one: it joins, brings or gets an assignment, sends heartbeats, commits, and goes on
 * with what it knows when the broker was gone. One request at a time; a JoinGroup may wait for long.
 */
import { heartbeat, joinGroup, leaveGroup, offsetCommit, syncGroup } from '@samsa/protocol'
import type { Machine } from '../durability/machine.js'

export const GROUP = 'g'
export const TOPIC = 't'
export const SESSION_MS = 3000
const REBALANCE_MS = 4000
const SUBSCRIPTION = Buffer.from('000000000001000174ffffffff', 'hex')
const [ILLEGAL_GENERATION, UNKNOWN_MEMBER_ID, REBALANCE_IN_PROGRESS, MEMBER_ID_REQUIRED, FENCED_INSTANCE_ID] = [
  22, 25, 27, 79, 82,
]

export class GroupClient {
  readonly index: number
  readonly instanceId: string | null
  state: 'out' | 'joined' | 'stable' = 'out'
  memberId = ''
  generation = -1
  assignment = ''
  isBusy = false
  readonly #machine: Machine
  #others: readonly string[] = []

  constructor(machine: Machine, index: number, instanceId: string | null) {
    this.#machine = machine
    this.index = index
    this.instanceId = instanceId
  }

  /** The next thing that a client does which wants to be in the group. Resolves to what it was acknowledged. */
  async behave(): Promise<'synced' | undefined> {
    if (this.isBusy) return undefined
    this.isBusy = true
    try {
      if (this.state === 'out') await this.#join()
      else if (this.state === 'joined') return await this.#sync()
      else this.#heard((await this.#request(heartbeat, 4, this.#reference()))?.errorCode)
    } finally {
      this.isBusy = false
    }
    return undefined
  }

  /** The error's code; undefined without an answer. */
  async commit(offset: number): Promise<number | undefined> {
    const { memberId, groupInstanceId, generationId } = this.#reference()
    const partitions = [{ partitionIndex: this.index, committedOffset: BigInt(offset), committedMetadata: '' }]
    const answer = await this.#request(offsetCommit, 9, {
      groupId: GROUP,
      memberId,
      groupInstanceId,
      generationIdOrMemberEpoch: generationId,
      topics: [{ name: TOPIC, partitions }],
    })
    return answer?.topics[0]?.partitions[0]?.errorCode
  }

  async leave(): Promise<void> {
    if (this.isBusy || this.memberId === '') return
    this.isBusy = true
    const members = [{ memberId: this.memberId, groupInstanceId: this.instanceId }]
    await this.#request(leaveGroup, 5, { groupId: GROUP, members })
    this.isBusy = false
    this.forget()
  }

  /** As a process that starts anew. */
  forget(): void {
    this.state = 'out'
    this.memberId = ''
    this.assignment = ''
  }

  async #join(): Promise<void> {
    const answer = await this.#request(joinGroup, 9, {
      groupId: GROUP,
      sessionTimeoutMs: SESSION_MS,
      rebalanceTimeoutMs: REBALANCE_MS,
      memberId: this.memberId,
      groupInstanceId: this.instanceId,
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: SUBSCRIPTION }],
    })
    if (answer === undefined) return
    if (answer.errorCode === MEMBER_ID_REQUIRED) this.memberId = answer.memberId
    else if (answer.errorCode !== 0) this.#heard(answer.errorCode)
    else {
      this.memberId = answer.memberId
      this.generation = answer.generationId
      this.#others = answer.members.map(({ memberId }) => memberId)
      this.assignment = ''
      this.state = 'joined'
    }
  }

  async #sync(): Promise<'synced' | undefined> {
    const assignments = this.#others.map((memberId, index) => ({
      memberId,
      assignment: Buffer.from(`${index} of ${this.#others.length} in ${this.generation}`),
    }))
    const answer = await this.#request(syncGroup, 5, {
      ...this.#reference(),
      protocolType: 'consumer',
      protocolName: 'range',
      assignments,
    })
    this.#heard(answer?.errorCode)
    if (answer?.errorCode !== 0) return undefined
    this.assignment = Buffer.from(answer.assignment).toString()
    this.state = 'stable'
    return 'synced'
  }

  /** Without an answer it knows no more than before; who coordinates is found out by asking again. */
  #heard(code: number | undefined): void {
    if (code === UNKNOWN_MEMBER_ID || code === FENCED_INSTANCE_ID) this.forget()
    else if (code === ILLEGAL_GENERATION || code === REBALANCE_IN_PROGRESS) this.state = 'out'
  }

  #request: Machine['request'] = (api, version, request) => {
    return this.#machine.request(api, version, request, this.index + 1)
  }

  #reference() {
    const { memberId, instanceId: groupInstanceId, generation: generationId } = this
    return { groupId: GROUP, memberId, groupInstanceId, generationId }
  }
}

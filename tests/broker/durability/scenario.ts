/**
 * One scenario: carries out the operations of a workload on a machine, keeps the reference model, and compares the two
 * after every start. What is wrong, in words, is the result; nothing is asserted here.
 */
import {
  type Api,
  BatchBuilder,
  createPartitions,
  createTopics,
  type Decoded,
  deleteRecords,
  deleteTopics,
  errorByCode,
  incrementalAlterConfigs,
  initProducerId,
  produce,
  ZERO_UUID,
} from '@samsa/protocol'
import { SeededRandom } from '@samsa/runtime'
import { ID_END, storedIn, topicsOf } from './broker-view.js'
import { type FlushMode, Machine, STEP_MS } from './machine.js'
import { MAX_PARTITIONS, type Operation, type Produce, TOPICS } from './operations.js'
import type { Content, PartitionModel, SentBatch } from './partition-model.js'
import { isDeleted, TopicModel, type TopicState } from './topic-model.js'

const TIMEOUT_MS = 1000
const PRODUCE_VERSION = 12
const TOPIC_RESOURCE = 2
const [SET, DELETE] = [0, 1]
const [STORAGE_ERROR, UNKNOWN_TOPIC, OUT_OF_ORDER, POLICY_VIOLATION] = [56, 3, 45, 44]
/** So many batches of a producer are known to a log. */
const KNOWN_BATCHES = 5

const LAST_RECORDS = ['a', 'b'].map(key => ({ key, isTombstone: false }))

/** Whether a batch of the partition in the directory must be there. */
type Promised = (batch: SentBatch, path: string) => boolean

type Crash = Extract<Operation, { kind: 'crash' }>

/** An idempotent producer of one partition. */
interface Producer {
  readonly id: number
  nextSequence: number
  /** Acknowledged since the last start, and the last one before. */
  recent: SentBatch[]
  /** Sent and without an answer, in order. */
  unanswered: SentBatch[]
}

interface Target {
  readonly topic: TopicModel
  readonly state: TopicState
  readonly index: number
  readonly partition: PartitionModel
}

/** Nothing was done yet. */
export function noCounts() {
  return {
    acknowledged: 0,
    crashes: 0,
    stops: 0,
    lost: 0,
    resent: 0,
    failedStarts: 0,
    failed: 0,
    compactedAway: 0,
  }
}

export class Scenario {
  readonly problems: string[] = []
  /** How much was done, so that a proof can see that it proved something. */
  readonly counts = noCounts()
  readonly machine: Machine
  readonly #topics = Array.from({ length: TOPICS }, (_, index) => new TopicModel(`t${index}`))
  readonly #producers = new Map<PartitionModel, Producer>()
  #armed: Crash | undefined
  /** Parts of paths where the disk may have failed since the start; '/' for all. */
  readonly #faulty = new Set<string>()
  /** Those where a write may have left a part since the start, and from when on: what is in doubt is not flushed any more. */
  readonly #doubtfulSinceMs = new Map<string, number>()
  #wasHarmed = false
  #nextRecord = 0

  constructor(seed: string, flush: FlushMode) {
    this.machine = new Machine(new SeededRandom(seed), flush)
  }

  /** `isPowerLost`: also in the end. */
  async run(operations: readonly Operation[], isPowerLost = true): Promise<void> {
    await this.#start('stop')
    for (const operation of operations) {
      if (this.problems.length > 0) return
      await this.#carryOut(operation)
      if (this.machine.disk.hasCrashed) await this.#recover()
    }
    if (this.#armed !== undefined) await this.#crashNow()
    if (this.problems.length === 0) await this.#carryOut({ kind: 'heal' })
    if (this.problems.length === 0) await this.#carryOut({ kind: 'restart', isPowerLost })
    if (this.problems.length === 0) await this.#worksOn()
  }

  async #carryOut(operation: Operation): Promise<void> {
    switch (operation.kind) {
      case 'produce':
        return this.#produceAll([operation])
      case 'burst':
        return this.#produceAll(operation.batches)
      case 'resend':
        return this.#resend(operation.topic, operation.partition)
      case 'create':
        return this.#create(operation)
      case 'delete':
        return this.#delete(operation.topic)
      case 'grow':
        return this.#grow(operation.topic)
      case 'configure':
        return this.#configure(operation)
      case 'delete records':
        return this.#deleteRecords(operation)
      case 'advance':
        return this.#advance(operation.ms)
      case 'read':
        return this.#checkAll(batch => batch.acknowledgedMs !== undefined)
      case 'restart':
        return this.#restart(operation.isPowerLost)
      case 'crash':
        return this.#arm(operation)
      case 'fault':
      case 'fill':
      case 'heal':
        return this.#harm(operation)
    }
  }

  #harm(operation: Extract<Operation, { kind: 'fault' | 'fill' | 'heal' }>): void {
    if (operation.kind === 'heal') this.machine.heal()
    else this.#wasHarmed = true
    if (operation.kind === 'fill') this.machine.fill(operation.bytes)
    if (operation.kind === 'fault') {
      const { path = '/', leavesPart } = operation.fault
      this.machine.disk.inject(operation.fault)
      if (leavesPart === true && !this.#doubtfulSinceMs.has(path))
        this.#doubtfulSinceMs.set(path, this.machine.clock.now())
    }
    if (operation.kind !== 'heal') this.#faulty.add(operation.kind === 'fill' ? '/' : (operation.fault.path ?? '/'))
  }

  /** Whether the disk may have failed under a partition, or, without one, under the metadata. */
  #mayFail(topic?: TopicModel, index?: number): boolean {
    const path = topic === undefined ? '/__cluster_metadata-0/' : pathOf(topic, index)
    return this.#faulty.has('/') || this.#faulty.has(path)
  }

  async #arm(crash: Crash): Promise<void> {
    if (this.#armed !== undefined) await this.#crashNow()
    this.#armed = crash
    if (crash.after === 0) this.machine.disk.crash()
    else this.machine.disk.crashAfter(crash.after)
  }

  async #crashNow(): Promise<void> {
    this.machine.disk.crash()
    await this.#recover()
  }

  async #restart(isPowerLost: boolean): Promise<void> {
    await this.machine.stop()
    if (this.machine.disk.hasCrashed) return
    this.counts.stops++
    this.#armed = undefined
    this.machine.survive(isPowerLost ? 'loss of power' : 'end of process', 'in order')
    // A stop on a disk that failed is a crash with better manners.
    const wasClean = this.#faulty.size === 0
    await this.#start(wasClean || !isPowerLost ? 'stop' : 'loss of power')
    if (!wasClean) return
    for (const { partition } of this.#targets()) {
      for (const batch of partition.batches) if (batch.at !== undefined) batch.isOnDisk = true
    }
  }

  /** Starts on what the crash left, however often that crashes as well. */
  async #recover(): Promise<void> {
    const crash = this.#armed
    this.#armed = undefined
    if (crash === undefined) return
    this.counts.crashes++
    await this.machine.disk.crashed
    const { diedMs } = this.machine
    this.machine.survive(crash.how, crash.entries)
    for (const after of crash.inRecovery) {
      this.machine.disk.crashAfter(after)
      const error = await this.machine.start()
      if (!this.machine.disk.hasCrashed) {
        if (error !== undefined) this.#problem(`the broker does not start: ${String(error)}`)
        this.machine.disk.crash()
      } else this.counts.failedStarts++
      this.machine.survive(crash.how, crash.entries)
    }
    await this.#start(crash.how, diedMs)
  }

  async #start(after: Crash['how'] | 'stop', diedMs: number = this.machine.clock.now()): Promise<void> {
    const error = await this.machine.start()
    if (error !== undefined) {
      this.#problem(`the broker does not start: ${String(error)}`)
      return
    }
    this.#faulty.clear()
    this.#learnFromRecords(after)
    await this.#checkAll(this.#promise(after, diedMs), after)
    this.#doubtfulSinceMs.clear()
    if (this.problems.length === 0) await this.#resendUnanswered()
  }

  /** A topic that took records which the promise covers is there, even if its creation had no answer. */
  #learnFromRecords(after: Crash['how'] | 'stop'): void {
    if (after === 'loss of power' && this.machine.flush !== 'always') return
    for (const topic of this.#topics) {
      const { latest } = topic
      if (topic.isCertain || latest === undefined || latest.incarnation === topic.state?.incarnation) continue
      const batches = topic.partitions(latest).flatMap(partition => partition.batches)
      if (batches.some(batch => batch.acknowledgedMs !== undefined)) topic.acknowledged()
    }
  }

  /** Which batches must be there. */
  #promise(after: Crash['how'] | 'stop', diedMs: number): Promised {
    if (after !== 'loss of power') {
      return ({ acknowledgedMs, seenMs, isOnDisk }) => isOnDisk || acknowledgedMs !== undefined || seenMs !== undefined
    }
    const { flush } = this.machine
    if (flush === 'os') return batch => batch.isOnDisk
    if (flush === 'always') return batch => batch.isOnDisk || batch.acknowledgedMs !== undefined
    return (batch, path) => {
      const sinceMs = batch.seenMs ?? batch.acknowledgedMs
      const endedMs = Math.min(diedMs, this.#doubtfulSinceMs.get(path) ?? diedMs)
      // The flush that was due takes its time, in which the power may go.
      return batch.isOnDisk || (sinceMs !== undefined && sinceMs < endedMs - flush.everyMs - STEP_MS)
    }
  }

  async #checkAll(mustBeThere: Promised, startAfter?: Crash['how'] | 'stop'): Promise<void> {
    // A failure with acks=0 has ended the connection; the second time it is another one.
    const observed = (await topicsOf(this.machine)) ?? (await topicsOf(this.machine))
    if (observed === undefined) {
      if (!this.machine.disk.hasCrashed) this.#problem('the broker does not answer')
      return
    }
    for (const topic of this.#topics)
      for (const problem of topic.resolve(observed.get(topic.name))) this.#problem(problem)
    if (this.problems.length > 0) return
    for (const { topic, index, partition } of this.#targets()) {
      const stored = await storedIn(this.machine, topic.name, index)
      if (this.machine.disk.hasCrashed) return
      if (typeof stored === 'string') {
        if (!this.#mayFail(topic, index)) this.#problem(stored)
        continue
      }
      const isDue = (batch: SentBatch): boolean => mustBeThere(batch, pathOf(topic, index))
      for (const problem of partition.check(stored, isDue, this.machine.clock.now())) this.#problem(problem)
      if (startAfter !== undefined) this.#settle(partition, stored)
    }
  }

  #settle(partition: PartitionModel, stored: Parameters<PartitionModel['settle']>[0]): void {
    const nowMs = this.machine.clock.now()
    const lost = partition.settle(stored, nowMs)
    this.counts.compactedAway += partition.compactedAway
    for (const batch of partition.batches) if (batch.at !== undefined) batch.seenMs = nowMs
    const acknowledged = lost.filter(batch => batch.acknowledgedMs !== undefined)
    this.counts.lost += acknowledged.length
    const producer = this.#producers.get(partition)
    if (producer === undefined) return
    producer.recent = producer.recent.slice(-1)
    // Its next sequence number would not fit any more: it gives up, and another one begins.
    if (acknowledged.some(batch => batch.producerId === producer.id)) this.#producers.delete(partition)
  }

  /** What had no answer, in the order in which it was sent at first. */
  async #resendUnanswered(): Promise<void> {
    for (const target of [...this.#targets()]) {
      const producer = this.#producers.get(target.partition)
      for (const batch of producer?.unanswered.splice(0) ?? []) {
        if (batch.at === undefined) batch.wasResent = true
        if (!target.partition.batches.includes(batch)) target.partition.batches.push(batch)
        this.counts.resent++
        await this.#send(target, batch, -1)
        if (this.machine.disk.hasCrashed || this.problems.length > 0) return
      }
    }
  }

  /** After everything, each partition takes a batch and gives all of it out. */
  async #worksOn(): Promise<void> {
    for (const { topic, index } of [...this.#targets()]) {
      const number = this.#topics.indexOf(topic)
      await this.#produceAll([
        {
          kind: 'produce',
          topic: number,
          partition: index,
          records: LAST_RECORDS,
          bytes: 10,
          acks: -1,
          isIdempotent: true,
        },
      ])
    }
    await this.#checkAll(batch => batch.acknowledgedMs !== undefined)
  }

  async #produceAll(requests: readonly Produce[]): Promise<void> {
    const sending: Promise<void>[] = []
    for (const request of requests) {
      const target = this.#target(request.topic, request.partition)
      if (target === undefined) continue
      const producer = request.isIdempotent ? await this.#producerOf(target.partition) : undefined
      if (request.isIdempotent && producer === undefined) continue
      if (this.machine.disk.hasCrashed) break
      const batch = this.#batchFor(target.partition, request, producer)
      sending.push(this.#send(target, batch, request.isIdempotent ? -1 : request.acks))
    }
    await Promise.all(sending)
  }

  #batchFor(partition: PartitionModel, { records, bytes }: Produce, producer: Producer | undefined): SentBatch {
    const builder = new BatchBuilder()
    const timestamp = this.machine.clock.now()
    const ids: string[] = []
    const contents = records.map(({ key, isTombstone }): Content => {
      const id = `${partition.name}#${this.#nextRecord++}`
      ids.push(id)
      const value = isTombstone ? null : `${id}${ID_END}${'.'.repeat(bytes)}`
      builder.append(timestamp, key, value, isTombstone ? [{ key: 'id', value: id }] : [])
      return { key, value }
    })
    const identity =
      producer === undefined
        ? {}
        : { producer: { producerId: producer.id, producerEpoch: 0, baseSequence: producer.nextSequence } }
    if (producer !== undefined) producer.nextSequence += records.length
    const batch: SentBatch = {
      ids,
      contents,
      timestamp,
      records: builder.close(identity),
      producerId: producer?.id,
      at: undefined,
      acknowledgedMs: undefined,
      seenMs: undefined,
      isOnDisk: false,
      wasResent: false,
    }
    partition.batches.push(batch)
    return batch
  }

  async #send({ topic, state, index, partition }: Target, batch: SentBatch, acks: number): Promise<void> {
    const producer = batch.producerId === undefined ? undefined : this.#producers.get(partition)
    producer?.unanswered.push(batch)
    const partitionData = [{ index, records: Buffer.from(batch.records) }]
    const request = { acks, timeoutMs: TIMEOUT_MS, topicData: [{ name: topic.name, partitionData }] }
    if (acks === 0) {
      this.machine.send(produce, PRODUCE_VERSION, request)
      return
    }
    const answer = await this.machine.request(produce, PRODUCE_VERSION, request)
    const found = answer?.responses[0]?.partitionResponses[0]
    if (this.machine.disk.hasCrashed) return
    // A failure with acks=0 ends the connection, and with it what is under way behind it.
    const wasCut = found === undefined && this.#faulty.size > 0
    // What was on its way behind a batch that failed does not follow it.
    const isFailure = found?.errorCode === STORAGE_ERROR || found?.errorCode === OUT_OF_ORDER
    const hasFailed = isFailure && this.#mayFail(topic, index)
    // The topic's creation may have failed, which a hasty writer does not know.
    const isUnknown = found?.errorCode === UNKNOWN_TOPIC && !topic.isCertain && this.#mayFail()
    // As in Kafka, a snapshot knows the newest batch of a producer only: one before it is refused, and not doubled.
    // And the first batch of a producer may have been refused by the disk, and its second taken.
    const isForgotten = found?.errorCode === OUT_OF_ORDER && (batch.at !== undefined || this.#wasHarmed)
    if (wasCut || hasFailed || isUnknown || isForgotten) {
      // Nobody knows whether it is in the log; its producer gives up.
      this.counts.failed++
      this.#producers.delete(partition)
      return
    }
    if (found?.errorCode !== 0) {
      const why = found === undefined ? 'no answer' : `${errorByCode(found.errorCode).name} ${found.errorMessage ?? ''}`
      this.#problem(`${batch.ids[0]} is refused: ${why}`)
      return
    }
    this.counts.acknowledged++
    const nowMs = this.machine.clock.now()
    for (const problem of partition.acknowledged(batch, Number(found.baseOffset), nowMs)) this.#problem(problem)
    // A promise of the topic's own: not acknowledged before it is on disk, whatever the broker's mode.
    if (topic.isCertain && state.configs.get('flush.messages') === '1') batch.isOnDisk = true
    if (producer === undefined) return
    producer.unanswered = producer.unanswered.filter(each => each !== batch)
    producer.recent = [...producer.recent.filter(each => each !== batch), batch].slice(-KNOWN_BATCHES)
  }

  async #producerOf(partition: PartitionModel): Promise<Producer | undefined> {
    const known = this.#producers.get(partition)
    if (known !== undefined) return known
    const request = { transactionalId: null, transactionTimeoutMs: TIMEOUT_MS }
    const answer = await this.#ask(initProducerId, 4, request)
    if (answer === undefined || (answer.errorCode !== 0 && this.#mayFail())) return undefined
    const id = Number(answer.producerId)
    if (answer.errorCode !== 0) this.#problem(`no producer id: ${errorByCode(answer.errorCode).name}`)
    const isTaken = [...this.#topics].some(topic =>
      topic.state === undefined
        ? false
        : topic.partitions(topic.state).some(each => each.batches.some(batch => batch.producerId === id)),
    )
    if (isTaken) this.#problem(`producer id ${id} was given out twice`)
    const producer: Producer = { id, nextSequence: 0, recent: [], unanswered: [] }
    this.#producers.set(partition, producer)
    return producer
  }

  /** Batches that were acknowledged come again, as after an answer that was lost on its way. */
  async #resend(topic: number, partition: number): Promise<void> {
    const target = this.#target(topic, partition)
    if (target === undefined) return
    const { latestStart } = target.partition
    const recent = this.#producers.get(target.partition)?.recent ?? []
    const batches = recent.filter(({ at }) => at !== undefined && at >= latestStart)
    await Promise.all(batches.map(batch => this.#send(target, batch, -1)))
  }

  async #create(operation: Extract<Operation, { kind: 'create' }>): Promise<void> {
    const topic = this.#topics[operation.topic]
    if (topic === undefined || topic.state !== undefined) return
    const { partitions } = operation
    const configs = new Map(Object.entries(operation.configs))
    const state = { incarnation: topic.nextIncarnation(), partitions, configs }
    // What was sent without an answer has arrived, so that nothing overtakes the creation.
    await this.machine.quiet()
    topic.asked(state)
    const listed = [...configs].map(([name, value]) => ({ name, value }))
    const asked = {
      name: topic.name,
      numPartitions: partitions,
      replicationFactor: 1,
      assignments: [],
      configs: listed,
    }
    const creating = this.machine.request(
      createTopics,
      7,
      {
        topics: [asked],
        timeoutMs: TIMEOUT_MS,
        validateOnly: false,
      },
      1,
    )
    if (operation.isHasty) {
      const [partition] = topic.partitions(state)
      if (partition !== undefined) {
        const size: Produce = {
          kind: 'produce',
          topic: 0,
          partition: 0,
          records: LAST_RECORDS.slice(1),
          bytes: 10,
          acks: -1,
          isIdempotent: false,
        }
        await this.#send({ topic, state, index: 0, partition }, this.#batchFor(partition, size, undefined), -1)
      }
    }
    const created = (await creating)?.topics[0]
    if (created?.errorCode === 0) topic.acknowledged(created.topicId)
    else if (this.#mayFail()) return
    else if (created !== undefined)
      this.#problem(`${topic.name} cannot be created: ${errorByCode(created.errorCode).name}`)
  }

  async #delete(number: number): Promise<void> {
    const topic = this.#topics[number]
    if (topic?.state === undefined) return
    topic.asked(undefined)
    const answer = await this.#ask(deleteTopics, 6, {
      topics: [{ name: topic.name, topicId: ZERO_UUID }],
      timeoutMs: TIMEOUT_MS,
    })
    this.#changed(topic, 'deleted', answer?.responses[0]?.errorCode)
  }

  async #grow(number: number): Promise<void> {
    const topic = this.#topics[number]
    if (topic?.state === undefined || topic.state.partitions >= MAX_PARTITIONS) return
    const partitions = topic.state.partitions + 1
    topic.asked({ ...topic.state, partitions })
    const answer = await this.#ask(createPartitions, 3, {
      topics: [{ name: topic.name, count: partitions, assignments: null }],
      timeoutMs: TIMEOUT_MS,
      validateOnly: false,
    })
    this.#changed(topic, 'grown', answer?.results[0]?.errorCode)
  }

  async #configure({ topic: number, name, value }: Extract<Operation, { kind: 'configure' }>): Promise<void> {
    const topic = this.#topics[number]
    if (topic?.state === undefined) return
    const configs = new Map(topic.state.configs)
    if (value === null) configs.delete(name)
    else configs.set(name, value)
    topic.asked({ ...topic.state, configs })
    const change = { name, configOperation: value === null ? DELETE : SET, value }
    const answer = await this.#ask(incrementalAlterConfigs, 1, {
      resources: [{ resourceType: TOPIC_RESOURCE, resourceName: topic.name, configs: [change] }],
      validateOnly: false,
    })
    this.#changed(topic, 'configured', answer?.responses[0]?.errorCode)
  }

  /** On a connection of its own, which no failed produce ends, and after what was sent on the other one. */
  async #ask<Request extends object, Response extends object>(
    api: Api<Request, Response>,
    version: number,
    request: Request,
  ): Promise<Decoded<Response> | undefined> {
    await this.machine.quiet()
    return this.machine.request(api, version, request, 1)
  }

  #changed(topic: TopicModel, what: string, errorCode: number | undefined): void {
    if (errorCode === 0) topic.acknowledged()
    else if (this.#mayFail()) return
    else if (errorCode !== undefined) this.#problem(`${topic.name} cannot be ${what}: ${errorByCode(errorCode).name}`)
    else if (!this.machine.disk.hasCrashed) this.#problem(`that ${topic.name} be ${what} has no answer`)
  }

  async #deleteRecords({
    topic,
    partition: number,
    share,
  }: Extract<Operation, { kind: 'delete records' }>): Promise<void> {
    const target = this.#target(topic, number)
    if (target === undefined) return
    const { partition, index, state } = target
    const offset = Math.floor(partition.acknowledgedStart + share * (partition.knownEnd - partition.acknowledgedStart))
    const isAllowed = isDeleted(state)
    if (isAllowed) partition.latestStart = Math.max(partition.latestStart, offset)
    const answer = await this.#ask(deleteRecords, 2, {
      topics: [{ name: target.topic.name, partitions: [{ partitionIndex: index, offset: BigInt(offset) }] }],
      timeoutMs: TIMEOUT_MS,
    })
    const errorCode = answer?.topics[0]?.partitions[0]?.errorCode
    if (!isAllowed && errorCode === POLICY_VIOLATION) return
    if (isAllowed && errorCode === 0) partition.acknowledgedStart = Math.max(partition.acknowledgedStart, offset)
    else if (errorCode !== undefined && !this.#mayFail(target.topic, index))
      this.#problem(`${partition.name}: DeleteRecords says ${errorByCode(errorCode).name}`)
  }

  async #advance(ms: number): Promise<void> {
    const untilMs = this.machine.clock.now() + ms
    // Before time passes, since a crash may end it at any moment.
    for (const { topic, partition, state } of this.#targets()) {
      const retentionMs = state.configs.get('retention.ms')
      if (![state, topic.latest ?? state].some(isDeleted)) continue
      if (retentionMs !== undefined) partition.expire(untilMs - Number(retentionMs))
    }
    await this.machine.advance(ms)
  }

  /** Every partition of every topic that is there. */
  *#targets(): Generator<Target> {
    for (const topic of this.#topics) {
      const { state } = topic
      if (state === undefined) continue
      for (const [index, partition] of topic.partitions(state).entries()) yield { topic, state, index, partition }
    }
  }

  #target(number: number, partitionNumber: number): Target | undefined {
    const topic = this.#topics[number]
    const state = topic?.isCertain === true ? topic.state : undefined
    if (topic === undefined || state === undefined) return undefined
    const index = partitionNumber % state.partitions
    const partition = topic.partitions(state)[index]
    return partition === undefined ? undefined : { topic, state, index, partition }
  }

  #problem(problem: string): void {
    this.problems.push(problem)
  }
}

function pathOf(topic: TopicModel, index: number | undefined): string {
  return `/${topic.name}-${index}/`
}

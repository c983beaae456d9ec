/**
 * Consumer: what users have of all this. Checks a call, keeps callers apart, and hands out what the fetcher has brought;
 * no networking in here.
 *
 * Fetching goes on by itself once records are wanted. A poll takes what is there, in the turn of the event loop in which
 * it is called when there is something, and otherwise waits for progress.
 */
import { Client, clientOptionsOf, listTopics, type PartitionInfo, type TopicListing } from '@samsa/client/internal'
import { KafkaError, TimeoutError, type TopicPartitionOffset, type WaitOptions } from '@samsa/runtime'
import { parseOptions } from '@samsa/runtime/internal'
import { AccessGuard } from './access-guard.js'
import type { ConsumerCluster } from './cluster.js'
import type { CommitCallback } from './commits.js'
import { ConsumerMetrics, type ConsumerMetricsSnapshot } from './consumer-metrics.js'
import { type ConsumerConfig, type ConsumerOptions, consumerOptions } from './consumer-options.js'
import type { ConsumerRecord } from './consumer-record.js'
import { ConsumerRecords } from './consumer-records.js'
import { FetchBuffer } from './fetch-buffer.js'
import { lagOf, type PartitionLag } from './fetch-reports.js'
import { Fetcher } from './fetcher.js'
import { ConsumerGroup, type GroupMetadata } from './group.js'
import { GroupMetrics } from './group-metrics.js'
import { type ConsumerHealth, Health } from './health.js'
import { Interruption } from './interruption.js'
import { Leaders } from './leaders.js'
import { LoopHolder } from './loop-holder.js'
import type { CommittedOffset, OffsetToCommit } from './offset-commit-request.js'
import { EARLIEST, LATEST, type OffsetAndTimestamp, OffsetLookups } from './offset-lookups.js'
import { Positions } from './positions.js'
import { Progress } from './progress.js'
import type { RebalanceListener } from './rebalance-listener.js'
import { RecordLoops } from './record-loops.js'
import { RecordPoll } from './record-poll.js'
import { RecordSource } from './record-source.js'
import type { RecordHandler } from './run/handler.js'
import { HandlerRuns } from './run/handler-runs.js'
import type { RunOptions } from './run/run-options.js'
import { modesExclude, type ServerPattern, subscriptionOf } from './subscription.js'
import { type PartitionState, type ResetTarget, SubscriptionState } from './subscription-state.js'
import { checkedOffset, checkedPlace, checkedPlaces, invalid, nameOf, type TopicPartition } from './topic-partition.js'

/** For commits and leaving. */
const CLOSE_TIMEOUT_MS = 30_000

/** What siblings that build on a consumer may know of it. */
export interface ConsumerInsight {
  readonly config: ConsumerConfig
  readonly cluster: ConsumerCluster
}

let insightOf: (consumer: object) => ConsumerInsight | undefined

/** Undefined for what is no consumer of this copy of the package. */
export const consumerInsight = (consumer: object): ConsumerInsight | undefined => insightOf(consumer)

export class Consumer<Key = Uint8Array, Value = Uint8Array>
  implements AsyncDisposable, AsyncIterable<ConsumerRecord<Key, Value>>
{
  static {
    insightOf = consumer => (#config in consumer ? { config: consumer.#config, cluster: consumer.#cluster } : undefined)
  }

  readonly #config: ConsumerConfig
  readonly #cluster: ConsumerCluster
  readonly #guard = new AccessGuard()
  readonly #interruption = new Interruption()
  readonly #progress: Progress
  readonly #subscription = new SubscriptionState()
  readonly #metrics = new ConsumerMetrics()
  readonly #buffer: FetchBuffer
  readonly #leaders: Leaders
  readonly #lookups: OffsetLookups
  readonly #fetcher: Fetcher
  readonly #source: RecordSource<Key, Value>
  readonly #runs: HandlerRuns
  readonly #health: Health
  readonly #loops: RecordLoops<Key, Value>
  readonly #records: RecordPoll
  readonly #groupMetrics = new GroupMetrics()
  readonly #group: ConsumerGroup | undefined
  readonly #hand = new LoopHolder()
  #closing: Promise<void> | undefined

  /** Checks the options. Nothing is connected before the first call that needs it. */
  constructor(options: ConsumerOptions<Key, Value>, parts: { readonly cluster?: ConsumerCluster } = {}) {
    const config = parseOptions(consumerOptions, options)
    const { allowAutoCreateTopics: allowAutoTopicCreation } = config
    const cluster = parts.cluster ?? new Client(clientOptionsOf(config), { allowAutoTopicCreation })
    this.#config = config
    this.#cluster = cluster
    this.#progress = new Progress(cluster.clock)
    const onChange = (): void => {
      this.#progress.made()
      this.#fetcher.wake()
    }
    const shared = { config, cluster, subscription: this.#subscription }
    this.#leaders = new Leaders(cluster, onChange)
    this.#buffer = new FetchBuffer({
      limitBytes: config.fetchBufferBytes,
      turnRecords: config.maxPollRecords,
      onRoom: () => this.#fetcher.wake(),
    })
    this.#source = new RecordSource({ config, logger: cluster.logger, buffer: this.#buffer, metrics: this.#metrics })
    this.#lookups = new OffsetLookups(config, cluster)
    const [buffer, leaders, lookups] = [this.#buffer, this.#leaders, this.#lookups]
    this.#group = this.#makeGroup(cluster, onChange)
    const committed = this.#group?.committed
    const positions = new Positions({ ...shared, buffer, leaders, lookups, committed, onChange })
    this.#fetcher = new Fetcher({
      ...shared,
      buffer,
      leaders,
      positions,
      metrics: this.#metrics,
      onProgress: this.#progress.made,
    })
    this.#runs = new HandlerRuns({
      ...shared,
      buffer,
      fetcher: this.#fetcher,
      progress: this.#progress,
      metrics: this.#metrics,
      guard: this.#guard,
      interruption: this.#interruption,
      group: this.#group,
      next: () => this.#source.next(),
      poll: (look, wait) => this.#records.poll(look, wait),
    })
    this.#loops = new RecordLoops({
      interruption: this.#interruption,
      hand: this.#hand,
      check: () => {
        this.#guard.check('for await')
        this.#checkRecords('for await')
      },
      isQuiet: () => this.#group?.isQuiet !== false,
      isTurnDue: () => this.#records.isTurnDue,
      takeRecord: () => this.#takeRecord(),
      awaitRecord: () => this.#run('for await', () => this.#records.poll(() => this.#takeRecord(), {})),
    })
    this.#health = new Health({
      clock: cluster.clock,
      isolationLevel: config.isolationLevel,
      maxPollIntervalMs: config.maxPollIntervalMs,
      partitions: () => this.#subscription.partitions,
      handling: state => this.#runs.handling(state),
      group: () => this.#group?.standing,
      hasLeader: ({ topic, partition }) => (cluster.metadata.topic(topic)?.partitions[partition]?.leader ?? -1) >= 0,
    })
    this.#records = new RecordPoll({
      clock: cluster.clock,
      subscription: this.#subscription,
      interruption: this.#interruption,
      progress: this.#progress,
      fetcher: this.#fetcher,
      buffer: this.#buffer,
      positions,
      health: this.#health,
      hand: this.#hand,
      group: this.#group,
      hasInHand: state => this.#runs.hasInHand(state),
    })
  }

  /** Reads these partitions, in place of those before; a partition that stays keeps its position. */
  assign(partitions: Iterable<TopicPartition>): void {
    this.#check('assign()')
    const places = checkedPlaces(partitions)
    if (this.#group?.isSubscribed === true) throw modesExclude('assign()', 'subscribe()')
    this.#group?.commitBeforeChange()
    this.#assign(places)
    if (places.length > 0) this.#group?.assigned()
  }

  /**
   * Reads, as one of the group, topics by name, or all that match a pattern, those too that are made later. Takes the
   * place of what was subscribed to before. Partitions come and go within polls, which wait for the listener.
   */
  subscribe(to: Iterable<string> | RegExp | ServerPattern, listener: RebalanceListener = {}): void {
    this.#check('subscribe()')
    const group = this.#inGroup('subscribe()')
    const subscription = subscriptionOf(to, this.#config.groupProtocol)
    const isByHand = !group.isSubscribed && this.#subscription.partitions.length > 0
    if (isByHand) throw modesExclude('subscribe()', 'assign()')
    group.subscribe(subscription, listener)
  }

  /** The topics that it is subscribed to; of a pattern, those that are known. */
  subscription(): string[] {
    this.#check('subscription()')
    return this.#group?.subscription() ?? []
  }

  /** Commits what is done with where that is automatic, gives up all partitions, and leaves the group. */
  unsubscribe(options: { readonly timeoutMs?: number } = {}): Promise<void> {
    const { timeoutMs = this.#config.defaultApiTimeoutMs } = options
    return this.#run('unsubscribe()', async () => {
      if (this.#group === undefined) this.#assign([])
      else await this.#group.leave('the consumer unsubscribed', { timeoutMs, isFinal: false })
    })
  }

  assignment(): TopicPartition[] {
    this.#check('assignment()')
    return this.#subscription.partitions.map(({ place }) => place)
  }

  /**
   * The next records: at most `maxPollRecords`, as soon as there is one, or none when the time is over. Without a time it
   * waits until there are some. What a broker refuses is thrown here, when all records before it are handed out.
   *
   * Partitions go once what is done with of them is committed. A poll whose time is over before that gives nothing, and the
   * next one goes on waiting; listeners have all the time that they take.
   */
  poll(options: number | WaitOptions = {}): Promise<ConsumerRecords<Key, Value>> {
    const { timeoutMs = Number.POSITIVE_INFINITY, signal } =
      typeof options === 'number' ? { timeoutMs: options } : options
    return this.#run('poll()', async () => {
      this.#checkRecords('poll()')
      this.#metrics.polls++
      const records = await this.#records.poll(() => this.#source.batch(), { timeoutMs, signal })
      return records ?? new ConsumerRecords<Key, Value>([])
    })
  }

  /** Reading goes on at `offset`. No broker is asked whether it is there. */
  seek(partition: TopicPartition, offset: bigint): void {
    this.#check('seek()')
    const at = checkedOffset(offset)
    this.#move(partition, state => state.seek(at))
  }

  /** Reading goes on at the first record there is. Without partitions, of all that are assigned. */
  seekToBeginning(partitions?: Iterable<TopicPartition>): void {
    this.#check('seekToBeginning()')
    this.#seekTo(partitions, 'earliest')
  }

  /** Reading goes on at what is written from now on. Without partitions, of all that are assigned. */
  seekToEnd(partitions?: Iterable<TopicPartition>): void {
    this.#check('seekToEnd()')
    this.#seekTo(partitions, 'latest')
  }

  /** The offset of the next record that will be handed out; looked up when it is not known yet. */
  position(partition: TopicPartition, options: WaitOptions = {}): Promise<bigint> {
    const { timeoutMs = this.#config.defaultApiTimeoutMs, signal } = options
    return this.#run('position()', async () => {
      const state = this.#subscription.assigned(checkedPlace(partition))
      const known = (): bigint | undefined => (state.hasPosition ? BigInt(state.position) : undefined)
      const position = await this.#records.take(known, { timeoutMs, signal, of: state })
      if (position !== undefined) return position
      throw new TimeoutError(`The position of ${nameOf(state)} was not found within ${timeoutMs} ms.`, state.place)
    })
  }

  /** Nothing is fetched or handed out of these until they are resumed; what is there already is kept. */
  pause(partitions: Iterable<TopicPartition>): void {
    this.#check('pause()')
    for (const state of this.#assigned(partitions)) {
      state.isPaused = true
      this.#buffer.detach(state)
    }
  }

  resume(partitions: Iterable<TopicPartition>): void {
    this.#check('resume()')
    for (const state of this.#assigned(partitions)) state.isPaused = false
    this.#fetcher.wake()
    this.#progress.made()
  }

  paused(): TopicPartition[] {
    this.#check('paused()')
    return this.#subscription.partitions.filter(({ isPaused }) => isPaused).map(({ place }) => place)
  }

  /** The first offset of each that there is. In the order of the partitions. */
  beginningOffsets(
    partitions: Iterable<TopicPartition>,
    options: WaitOptions = {},
  ): Promise<readonly TopicPartitionOffset[]> {
    return this.#run('beginningOffsets()', () => this.#endsOf(partitions, EARLIEST, options))
  }

  /** The offset of each that the next record will have; with `readCommitted` that up to which it could be read. */
  endOffsets(
    partitions: Iterable<TopicPartition>,
    options: WaitOptions = {},
  ): Promise<readonly TopicPartitionOffset[]> {
    return this.#run('endOffsets()', () => this.#endsOf(partitions, LATEST, options))
  }

  /** The first record of each that is from that time or later; null where there is none. In the order of the questions. */
  offsetsForTimes(
    times: Iterable<TopicPartition & { readonly timestamp: number }>,
    options: WaitOptions = {},
  ): Promise<readonly (OffsetAndTimestamp | null)[]> {
    return this.#run('offsetsForTimes()', async () => {
      const questions = [...times].map(({ timestamp, ...place }) => {
        if (Number.isSafeInteger(timestamp) && timestamp >= 0) return { ...checkedPlace(place), timestamp }
        throw invalid(`a timestamp must be whole milliseconds since 1970, got ${timestamp}`)
      })
      return await this.#interruptible(options, wait => this.#lookups.forTimes(questions, wait))
    })
  }

  /** What is known of a topic's partitions: looked up when it is not known yet. */
  partitionsFor(topic: string, options: WaitOptions = {}): Promise<readonly PartitionInfo[]> {
    return this.#run('partitionsFor()', async () => {
      const info = await this.#interruptible(options, wait => this.#cluster.metadata.topicOf(topic, wait))
      return info.partitions
    })
  }

  /** Every topic that the consumer may see, but those that brokers keep for themselves. */
  listTopics(options: WaitOptions = {}): Promise<readonly TopicListing[]> {
    return this.#run('listTopics()', () => this.#interruptible(options, wait => listTopics(this.#cluster, wait)))
  }

  /** How many offsets lie between the position and the end that the last fetch told of; no broker is asked. */
  lag(): PartitionLag[]
  lag(partition: TopicPartition): number | undefined
  lag(partition?: TopicPartition): PartitionLag[] | number | undefined {
    this.#check('lag()')
    const { isolationLevel } = this.#config
    if (partition !== undefined) return lagOf(this.#subscription.assigned(checkedPlace(partition)), isolationLevel)?.lag
    return this.#subscription.partitions.map(state => lagOf(state, isolationLevel)).filter(lag => lag !== undefined)
  }

  /**
   * Commits these offsets, or the positions of all partitions, and waits until it is done: tries again as long as that
   * may help and `timeoutMs` (default: `defaultApiTimeoutMs`) allows.
   */
  commitSync(offsets?: Iterable<OffsetToCommit> | null, options: WaitOptions = {}): Promise<void> {
    const { timeoutMs = this.#config.defaultApiTimeoutMs, signal } = options
    return this.#run('commitSync()', async () => {
      const group = this.#inGroup('commitSync()')
      await this.#interruption.during(signal, inner => group.commitSync(offsets, { timeoutMs, signal: inner }))
    })
  }

  /**
   * Commits without waiting, and without another try. The callback is called in a later poll, commit or close, in the order
   * of the commits, and may use the consumer; without one, a failure is logged.
   */
  commitAsync(offsets?: Iterable<OffsetToCommit> | CommitCallback | null, callback?: CommitCallback): void {
    this.#check('commitAsync()')
    const group = this.#inGroup('commitAsync()')
    if (typeof offsets === 'function') group.commitAsync(null, offsets)
    else group.commitAsync(offsets, callback)
  }

  /** What the group has committed for each; null where it has nothing. In the order of the partitions. */
  committed(
    partitions: Iterable<TopicPartition>,
    options: WaitOptions = {},
  ): Promise<readonly (CommittedOffset | null)[]> {
    return this.#run('committed()', async () => {
      const { committed } = this.#inGroup('committed()')
      const places = checkedPlaces(partitions)
      const found = await this.#interruptible(options, wait => committed.all(places, wait))
      return places.map(place => found.get(nameOf(place)) ?? null)
    })
  }

  /** Who this consumer is in its group, for `sendOffsetsToTransaction` of a producer. */
  groupMetadata(): GroupMetadata {
    this.#check('groupMetadata()')
    return this.#inGroup('groupMetadata()').metadata()
  }

  /** Has the group share out its partitions anew, beginning with the next poll. */
  enforceRebalance(reason = 'the application asked for it'): void {
    this.#check('enforceRebalance()')
    this.#inGroup('enforceRebalance()').enforceRebalance(reason)
  }

  /** Ends the call that waits, or the next one that would, with a WakeupError. From anywhere. */
  wakeup(): void {
    this.#interruption.wakeup()
  }

  metrics(): ConsumerMetricsSnapshot {
    const { partitions } = this.#subscription
    return {
      ...this.#metrics,
      ...this.#groupMetrics,
      bufferedBytes: this.#buffer.bytes,
      bufferLimitBytes: this.#buffer.limitBytes,
      bufferedPartitions: this.#buffer.partitionCount,
      assignedPartitions: partitions.length,
      pausedPartitions: partitions.filter(({ isPaused }) => isPaused).length,
    }
  }

  /** What each partition is doing, and which of them stand still. From anywhere, handlers too. */
  health(): ConsumerHealth {
    return this.#health.report()
  }

  /**
   * Hands each record to `handler`, until `signal` is aborted or the consumer is closed, and commits what handlers have
   * finished. Rejects when a handler has failed for good, or the consumer cannot go on. See the README for what is promised.
   */
  run(handler: RecordHandler<Key, Value>, options: RunOptions = {}): Promise<void> {
    return this.#run('run()', async () => {
      this.#checkRecords('run()')
      return this.#runs.run(handler, options)
    })
  }

  /** Ends the call that waits, what is fetched, and all connections. From anywhere; twice is harmless. */
  close(options: { readonly timeoutMs?: number } = {}): Promise<void> {
    // What is closed waits for the listener that calls this.
    if (this.#closing !== undefined && this.#guard.isLent) return Promise.resolve()
    this.#closing ??= this.#close(options)
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /**
   * Records one by one, until the consumer is closed. The position moves with each; what is left when the loop ends is
   * there for the next loop or poll.
   */
  [Symbol.asyncIterator](): AsyncIterator<ConsumerRecord<Key, Value>, undefined> {
    return this.#loops.iterator()
  }

  /** As many records at a time as a poll has, until the consumer is closed: cheaper than one by one. */
  batches(options: { readonly signal?: AbortSignal } = {}): AsyncIterable<ConsumerRecords<Key, Value>> {
    return this.#loops.batches(() => this.poll(options))
  }

  #takeRecord(): ConsumerRecord<Key, Value> | undefined {
    const record = this.#source.next()
    if (record === undefined) return undefined
    this.#group?.hear()
    this.#fetcher.wake()
    return record
  }

  #move(place: TopicPartition, how: (state: PartitionState) => void): void {
    const state = this.#subscription.assigned(checkedPlace(place))
    how(state)
    this.#buffer.drop(state)
    this.#fetcher.wake()
  }

  #seekTo(partitions: Iterable<TopicPartition> | undefined, target: ResetTarget): void {
    const states = partitions === undefined ? this.#subscription.partitions : this.#assigned(partitions)
    for (const { place } of states) this.#move(place, state => state.requestReset(target))
  }

  /** All of them, before anything is done to one. */
  #assigned(partitions: Iterable<TopicPartition>): PartitionState[] {
    return checkedPlaces(partitions).map(place => this.#subscription.assigned(place))
  }

  async #endsOf(
    partitions: Iterable<TopicPartition>,
    timestamp: number,
    options: WaitOptions,
  ): Promise<readonly TopicPartitionOffset[]> {
    const places = checkedPlaces(partitions)
    return await this.#interruptible(options, wait => this.#lookups.ends(places, timestamp, wait))
  }

  #interruptible<T>(options: WaitOptions, work: (wait: WaitOptions) => Promise<T>): Promise<T> {
    const { timeoutMs = this.#config.defaultApiTimeoutMs, signal } = options
    return this.#interruption.during(signal, inner => work({ timeoutMs, signal: inner }))
  }

  /** While it is being closed, the consumer is there for its listeners alone. */
  #check(name: string): void {
    const { closed } = this.#interruption
    if (closed !== undefined && !this.#guard.isLent) throw closed
    this.#guard.check(name)
  }

  /** Records are for one at a time. */
  #checkRecords(name: string): void {
    if (!this.#runs.isUnderWay) return
    const message = `${name} was called while run() is under way: its handlers get all records.`
    throw new KafkaError(message, { code: 'ILLEGAL_STATE' })
  }

  async #run<T>(name: string, work: () => Promise<T>): Promise<T> {
    this.#check(name)
    return await this.#guard.run(name, work)
  }

  #inGroup(name: string): ConsumerGroup {
    if (this.#group !== undefined) return this.#group
    throw new KafkaError(`${name} needs a groupId: it is an option of the consumer.`, { code: 'INVALID_GROUP_ID' })
  }

  #makeGroup(cluster: ConsumerCluster, onChange: () => void): ConsumerGroup | undefined {
    const { groupId } = this.#config
    if (groupId === undefined) return undefined
    return new ConsumerGroup({
      holder: this.#hand,
      config: { ...this.#config, groupId },
      cluster,
      guard: this.#guard,
      metrics: this.#groupMetrics,
      subscription: this.#subscription,
      assign: places => this.#assign(places),
      onCommitted: offsets => this.#source.committed(offsets),
      onChange,
    })
  }

  #assign(places: readonly TopicPartition[]): void {
    const { gone } = this.#subscription.assign(places)
    for (const state of gone) this.#buffer.drop(state)
    this.#leaders.keepOnly(new Set(this.#subscription.partitions.map(({ topic }) => topic)))
    this.#fetcher.wake()
  }

  async #close({ timeoutMs }: { readonly timeoutMs?: number }): Promise<void> {
    // A listener's call: the run is in a poll that waits for it.
    if (this.#guard.isLent && this.#group?.isBusy === true) this.#runs.end()
    else await this.#runs.stop({ timeoutMs })
    const message = 'The consumer is closed: make a new one to read more.'
    this.#interruption.close(new KafkaError(message, { code: 'CONSUMER_CLOSED' }))
    this.#fetcher.close()
    const { requestTimeoutMs, fetchMaxWaitMs } = this.#config
    const isForgotten = this.#fetcher.endSessions(
      Math.min(timeoutMs ?? CLOSE_TIMEOUT_MS, requestTimeoutMs + fetchMaxWaitMs),
    )
    const group = this.#group
    if (group !== undefined) {
      // A listener that closes the consumer belongs to the call that waits for it.
      if (!this.#guard.isLent) await this.#guard.idle()
      const limits = { timeoutMs: timeoutMs ?? CLOSE_TIMEOUT_MS, isFinal: true }
      await this.#interruption.farewell(() =>
        this.#guard.run('close()', () => group.leave('the consumer is closed', limits)),
      )
    }
    await isForgotten
    this.#buffer.clear()
    this.#source.close()
    await this.#cluster.close(timeoutMs === undefined ? {} : { timeoutMs })
  }
}

/**
 * Fetcher: keeps the buffer filled. One request at a time to each broker that leads partitions with room for more; the
 * next one goes when the answer is there, whether the application has polled or not, until the buffer has enough. Owns the
 * fetch sessions, the plan for the next run, and the timer for what must wait.
 *
 * A broker may keep a request for as long as it has no records, and a partition that comes to be wanted meanwhile (a seek, a
 * resume, an assignment) is not in it. That one is asked for beside it, outside of the session, over a connection of its own.
 *
 * Nothing in here awaits: a run looks at the state, sends what may go, and ends. Answers change the state and bring about
 * the next run.
 */
import type { BrokerLink } from '@samsa/client'
import { type Decoded, errorByCode, type FetchResponse, type FetchResponsePartition, fetch } from '@samsa/protocol'
import { KafkaError } from '@samsa/runtime'
import { Backoff, observedEvents, observedOperations, type Timer } from '@samsa/runtime/internal'
import type { ConsumerCluster } from './cluster.js'
import type { ConsumerMetrics } from './consumer-metrics.js'
import type { ConsumerConfig } from './consumer-options.js'
import type { FetchBuffer } from './fetch-buffer.js'
import { fetchOutcome } from './fetch-outcome.js'
import { fatalFailure, partitionError, publishLag } from './fetch-reports.js'
import { allHaveIds, answersOf, FETCH_WITH_IDS, FETCH_WITH_SESSIONS, fetchRequest } from './fetch-request.js'
import { FetchSession, type FetchTarget, outsideOfSessions } from './fetch-session.js'
import { FetchedRecords } from './fetched-records.js'
import type { Leader, Leaders } from './leaders.js'
import type { Positions } from './positions.js'
import type { PartitionState, SubscriptionState } from './subscription-state.js'
import { nameOf } from './topic-partition.js'

export interface FetcherParts {
  readonly config: ConsumerConfig
  readonly cluster: ConsumerCluster
  readonly subscription: SubscriptionState
  readonly buffer: FetchBuffer
  readonly leaders: Leaders
  readonly positions: Positions
  readonly metrics: ConsumerMetrics
  /** There may be something for a poll that waits: records, an error, a position. */
  readonly onProgress: () => void
}

interface Target extends FetchTarget {
  readonly state: PartitionState
  readonly generation: number
}

/** What is to be fetched from one broker. */
interface NodeWork {
  readonly targets: Target[]
  /** Of partitions that it leads and that will want something before long: when the next of them may. */
  lateAt: number
  /** What is fetched of its partitions and not handed out. */
  bufferedBytes: number
  readonly paused: PartitionState[]
  /** It leads one whose position is being looked up. */
  isNext: boolean
}

/** A request under way. */
interface Flight {
  /** What it asks for, with the generations under which its answer counts. */
  readonly serves: ReadonlyMap<PartitionState, number>
  /** What its answer may bring. */
  readonly bytes: number
  /** By the clock's `monotonic`: when it was sent, and up to when the broker may wait for records. */
  readonly sentAt: number
  readonly waitsUntil: number
}

/** One broker: the session with it, and the requests under way. */
class NodeFetch {
  readonly session = new FetchSession()
  /** The one of the session. */
  flight: Flight | undefined
  /** The one beside it. */
  beside: Flight | undefined
  /** Answers in a row without any record, while partitions were left out. */
  emptyAnswers = 0
}

const READ_COMMITTED = 1
/** An answer with this much keeps whoever polls busy for a while; the records of less are handed out in less time than a write takes. */
const LARGE_ANSWER_BYTES = 32 * 1024
const USES_OF_FAREWELL = ['other', 'fetch beside', 'group', 'fetch'] as const
/** A broker that waits for records holds up what comes up meanwhile: so it waits this long, and longer each time in vain. */
const SHORT_WAIT_MS = 5
/** A request without an answer for so long, though it may wait longer, waits for records: others are asked for beside it. */
const SURELY_WAITING_MS = 10
/** After a follower has failed us, leaders are not told where we are for so long: they would send us there again. */
const FOLLOWERS_REST_MS = 10_000

export class Fetcher {
  readonly #parts: FetcherParts
  readonly #backoff: Backoff
  readonly #nodes = new Map<number, NodeFetch>()
  #unsubscribe: (() => void) | undefined
  #failure: KafkaError | undefined
  #isPlanned = false
  #isClosed = false
  #timer: Timer | undefined
  #turn = 0
  /** By the clock's `monotonic`: from when on leaders may send us to followers. */
  #followersFrom = Number.NEGATIVE_INFINITY

  constructor(parts: FetcherParts) {
    this.#parts = parts
    const { retryBackoffMs, retryBackoffMaxMs } = parts.config
    this.#backoff = new Backoff({
      initialMs: retryBackoffMs,
      maxMs: retryBackoffMaxMs,
      random: parts.cluster.random,
    })
  }

  /** The application wants records. Before, nothing is connected; from then on fetching goes on by itself. */
  start(): void {
    if (this.#unsubscribe !== undefined || this.#isClosed) return
    this.#unsubscribe = this.#parts.cluster.onChange(this.wake)
    this.wake()
  }

  /** Looks for work soon: what is done in this turn of the event loop is seen together. */
  readonly wake = (): void => {
    if (this.#isPlanned || this.#isClosed || this.#unsubscribe === undefined) return
    this.#isPlanned = true
    setImmediate(this.#run)
  }

  /** What keeps everything from going on. Told once; it is tried again. */
  takeFailure(): KafkaError | undefined {
    const failure = this.#failure ?? this.#parts.leaders.takeFailure()
    this.#failure = undefined
    if (failure !== undefined) this.wake()
    return failure
  }

  close(): void {
    this.#isClosed = true
    this.#unsubscribe?.()
    this.#timer?.cancel()
  }

  /**
   * Brokers need not remember our fetches any more: their place for that is limited, and others may want it. Never fails;
   * who does not answer in time forgets by itself, later.
   */
  async endSessions(timeoutMs: number): Promise<void> {
    await Promise.all([...this.#nodes].map(([nodeId, { session }]) => this.#endSession(nodeId, session, timeoutMs)))
  }

  async #endSession(nodeId: number, session: FetchSession, timeoutMs: number): Promise<void> {
    const { cluster } = this.#parts
    const farewell = session.farewell()
    if (farewell === undefined) return
    try {
      // A session is not bound to its connection. Behind a request that waits at the broker this would wait too, and the
      // broker forgets a session by itself in time.
      const links = USES_OF_FAREWELL.map(use => cluster.link(nodeId, use))
      const link = links.find(({ isReady, inFlight }) => isReady && inFlight === 0)
      if (link === undefined) return
      const version = link.version(fetch)
      const limits = { maxWaitMs: 0, minBytes: 0, maxBytes: 1, isolationLevel: 0, rackId: '' }
      await link.request(fetch, version, fetchRequest(farewell, version, limits), { timeoutMs })
    } catch (error) {
      cluster.logger.debug({ err: error, nodeId }, 'a fetch session could not be closed')
    }
  }

  readonly #run = (): void => {
    this.#isPlanned = false
    if (this.#isClosed) return
    const now = this.#parts.cluster.clock.monotonic()
    let nextAt = this.#parts.positions.run(now)
    const work = this.#workByNode(now)
    // A share for each broker: so none waits for room because of what another one has, or will have, sent.
    const shareBytes = Math.floor(this.#parts.config.fetchBufferBytes / Math.max(1, work.size))
    for (const [nodeId, ofNode] of work) {
      if (ofNode.lateAt > now) nextAt = Math.min(nextAt, ofNode.lateAt)
      if (ofNode.targets.length > 0) {
        nextAt = Math.min(nextAt, this.#fetchFrom(nodeId, ofNode, { shareBytes, now }))
      }
      // Connecting takes as long as looking up.
      if (ofNode.isNext) this.#parts.cluster.link(nodeId, 'fetch').wake()
    }
    this.#wakeAt(nextAt, now)
  }

  #workByNode(now: number): ReadonlyMap<number, NodeWork> {
    const { subscription, leaders } = this.#parts
    const byNode = new Map<number, NodeWork>()
    for (const state of subscription.partitions) {
      const leader = leaders.of(state)
      if (leader === undefined) continue
      const nodeId = this.#preferredOf(state, now) ?? leader.nodeId
      const work = byNode.get(nodeId) ?? { targets: [], lateAt: Infinity, bufferedBytes: 0, paused: [], isNext: false }
      byNode.set(nodeId, work)
      this.#addTo(work, state, leader, now)
    }
    return byNode
  }

  #addTo(work: NodeWork, state: PartitionState, leader: Leader, now: number): void {
    const { buffer, config } = this.#parts
    const maxBytes = config.maxPartitionFetchBytes
    const bufferedBytes = buffer.bytesOf(state)
    work.bufferedBytes += bufferedBytes
    // Others have no room otherwise; what is held goes last, since it will be wanted again sooner.
    if (state.isPaused) work.paused.unshift(state)
    else if (state.isHeld) work.paused.push(state)
    if (state.isPaused) return
    if (!state.hasPosition) work.isNext = true
    if (buffer.hasFailure(state)) return
    else if (state.needsLookup) {
      // The lookup is under way; what it brings will be wanted at once.
      work.lateAt = Math.min(work.lateAt, now)
    } else if (state.isFetchable) {
      if (state.retryAt > now || bufferedBytes >= maxBytes) {
        work.lateAt = Math.min(work.lateAt, Math.max(state.retryAt, now))
        return
      }
      const { topic, partition, fetchOffset, generation } = state
      const { topicId, epoch: leaderEpoch } = leader
      work.targets.push({ state, generation, topic, topicId, partition, fetchOffset, leaderEpoch, maxBytes })
    }
  }

  #preferredOf(state: PartitionState, now: number): number | undefined {
    const { preferred } = state
    if (preferred === undefined) return undefined
    const isThere = this.#parts.cluster.metadata.nodes.some(({ id }) => id === preferred.nodeId)
    if (isThere && preferred.until > now) return preferred.nodeId
    state.preferred = undefined
    if (!isThere) this.#restFollowers()
    return undefined
  }

  #fetchFrom(
    nodeId: number,
    work: NodeWork,
    { shareBytes, now }: { readonly shareBytes: number; readonly now: number },
  ): number {
    const node = this.#nodes.get(nodeId) ?? new NodeFetch()
    this.#nodes.set(nodeId, node)
    const { flight, beside } = node
    const targets = work.targets.filter(target => !isServed(target, flight) && !isServed(target, beside))
    if (targets.length === 0) return Number.POSITIVE_INFINITY
    if (flight !== undefined) {
      if (beside !== undefined || flight.waitsUntil - flight.sentAt <= SURELY_WAITING_MS)
        return Number.POSITIVE_INFINITY
      if (now < flight.sentAt + SURELY_WAITING_MS) return flight.sentAt + SURELY_WAITING_MS
    }
    const link = this.#parts.cluster.link(nodeId, flight === undefined ? 'fetch' : 'fetch beside')
    if (!link.isReady) {
      this.#failure = fatalFailure(link) ?? this.#failure
      if (this.#failure !== undefined) this.#parts.onProgress()
      // A follower that cannot be had is no reason to wait: the leader has everything.
      if (link.failure !== undefined) this.#leavePreferred(nodeId, targets)
      link.wake()
      return Number.POSITIVE_INFINITY
    }
    const { fetchMaxWaitMs, maxPartitionFetchBytes } = this.#parts.config
    const coming = (flight?.bytes ?? 0) + (beside?.bytes ?? 0)
    if (coming > 0 && shareBytes - coming < maxPartitionFetchBytes) return Number.POSITIVE_INFINITY
    // What comes to be wanted while this one waits has room for a partition beside it.
    const besideBytes = flight === undefined && shareBytes >= 4 * maxPartitionFetchBytes ? maxPartitionFetchBytes : 0
    const bytes = this.#room({ ...work, targets }, shareBytes - coming - besideBytes)
    if (bytes === 0) return Number.POSITIVE_INFINITY
    // What is asked for beside it will be wanted again at once.
    const lateInMs = beside === undefined ? work.lateAt - now : 0
    const maxWaitMs =
      flight === undefined
        ? waitOf(fetchMaxWaitMs, node, lateInMs)
        : besideWaitOf(fetchMaxWaitMs, flight.waitsUntil - now)
    try {
      this.#send(link, node, targets, { bytes, maxWaitMs, isLate: lateInMs < Infinity, isBeside: flight !== undefined })
    } catch (error) {
      this.#failure = asKafkaError(error)
      this.#parts.onProgress()
    }
    return Number.POSITIVE_INFINITY
  }

  /** Bytes that the answer may have; 0 when it has to wait for room. */
  #room(work: NodeWork, shareBytes: number): number {
    const { buffer, config } = this.#parts
    const { maxPartitionFetchBytes, fetchMaxBytes } = config
    const wanted = Math.max(1, Math.min(fetchMaxBytes, work.targets.length * maxPartitionFetchBytes, shareBytes))
    const least = Math.min(wanted, maxPartitionFetchBytes)
    for (const state of work.paused) {
      if (shareBytes - work.bufferedBytes >= least) break
      work.bufferedBytes -= buffer.bytesOf(state)
      buffer.evict(state)
    }
    const room = shareBytes - work.bufferedBytes
    if (work.bufferedBytes > 0 && room < least) return 0
    return work.bufferedBytes === 0 ? wanted : Math.min(wanted, room)
  }

  #send(
    link: BrokerLink,
    node: NodeFetch,
    targets: readonly Target[],
    how: {
      readonly bytes: number
      readonly maxWaitMs: number
      readonly isLate: boolean
      readonly isBeside: boolean
    },
  ): void {
    const { config, cluster, metrics } = this.#parts
    const { bytes, maxWaitMs, isLate, isBeside } = how
    const version = link.version(fetch, allHaveIds(targets) ? undefined : FETCH_WITH_IDS - 1)
    // A full request is answered in its order, as far as there is room: another one is first each time.
    const start = this.#turn++ % targets.length
    const inTurn = [...targets.slice(start), ...targets.slice(0, start)]
    if (version < FETCH_WITH_SESSIONS) node.session.forget()
    const asked = isBeside ? outsideOfSessions(inTurn) : node.session.next(inTurn, version >= FETCH_WITH_IDS)
    const request = fetchRequest(asked, version, {
      maxWaitMs,
      minBytes: config.fetchMinBytes,
      maxBytes: bytes,
      isolationLevel: config.isolationLevel === 'readCommitted' ? READ_COMMITTED : 0,
      rackId: cluster.clock.monotonic() < this.#followersFrom ? '' : config.clientRack,
    })
    const kind = isBeside ? 'beside' : 'flight'
    const sentAt = cluster.clock.monotonic()
    const serves = new Map(targets.map(({ state, generation }) => [state, generation]))
    node[kind] = { serves, bytes, sentAt, waitsUntil: sentAt + maxWaitMs }
    metrics.fetchesSent++
    const payload = {
      clientId: cluster.clientId,
      groupId: config.groupId,
      broker: link.broker,
      partitions: targets.length,
      bytes: 0,
    }
    observedOperations.fetch
      .run(
        () => payload,
        async () => {
          const response = await link.request(fetch, version, request, {
            timeoutMs: config.requestTimeoutMs + config.fetchMaxWaitMs,
          })
          for (const { partitions } of response.responses) {
            for (const { records } of partitions) payload.bytes += records?.length ?? 0
          }
          return response
        },
      )
      .then(response => {
        node[kind] = undefined
        if (!this.#isClosed) this.#answered(link, node, inTurn, response, { version, isLate, isBeside })
      })
      .catch((error: unknown) => {
        node[kind] = undefined
        if (!isBeside) node.session.restart()
        if (!this.#isClosed) this.#lost(link, targets, asKafkaError(error))
      })
      .finally(() => {
        // The broker has work before the application is busy; otherwise the application does not wait for a write.
        if (payload.bytes >= LARGE_ANSWER_BYTES) this.#run()
        else this.wake()
        this.#parts.onProgress()
      })
  }

  #answered(
    link: BrokerLink,
    node: NodeFetch,
    targets: readonly Target[],
    response: Decoded<FetchResponse>,
    how: { readonly version: number; readonly isLate: boolean; readonly isBeside: boolean },
  ): void {
    const { metrics, cluster } = this.#parts
    const { version, isLate, isBeside } = how
    if (response.errorCode !== 0) {
      if (isBeside) this.#delay(targets)
      else this.#refused(link, node, targets, response.errorCode)
      return
    }
    if (!isBeside) node.session.answered(version < FETCH_WITH_SESSIONS ? 0 : response.sessionId)
    let bytes = 0
    for (const [target, answer] of answersOf(response, targets, version)) {
      bytes += answer.records?.length ?? 0
      if (target === undefined) {
        cluster.logger.warn({ broker: link.broker }, 'a fetch was answered for what was not asked for')
        if (!isBeside) node.session.restart()
      } else if (target.state.isCurrent(target.generation)) this.#landed(link, target, answer, response)
      else metrics.staleAnswers++
    }
    metrics.bytesFetched += bytes
    if (!isBeside) node.emptyAnswers = bytes === 0 && isLate ? node.emptyAnswers + 1 : 0
  }

  /** What the answer says of one partition. */
  #landed(
    link: BrokerLink,
    { state }: Target,
    answer: Decoded<FetchResponsePartition>,
    response: Decoded<FetchResponse>,
  ): void {
    const { positions, buffer, cluster } = this.#parts
    const outcome = fetchOutcome(answer.errorCode)
    if (outcome === 'records') {
      this.#take(state, answer)
      return
    }
    const error = partitionError(state, link, answer.errorCode)
    const { preferred } = state
    state.preferred = undefined
    if (outcome === 'out-of-range') {
      // A follower may be behind: the leader has the last word.
      if (preferred !== undefined) {
        this.#restFollowers()
        return
      }
      if (positions.mayReset) buffer.add({ state, generation: state.generation, isReset: true, error })
      else this.#outOfRange(state)
      return
    }
    this.#parts.metrics.fetchesFailed++
    cluster.logger.warn({ err: error, ...state.place }, 'a partition could not be fetched')
    state.failed(cluster.clock.monotonic() + this.#backoff.delayMs(state.failures + 1))
    if (outcome === 'failed') buffer.add({ state, generation: state.generation, isReset: false, error })
    if (outcome !== 'refresh') return
    this.#noteLeader(state, answer, response)
    // The pause is for the broker that failed.
    if (this.#parts.leaders.of(state)?.nodeId !== link.nodeId) state.retryAt = 0
    cluster.metadata.refresh(`${error.code} for ${nameOf(state)}`)
  }

  #take(state: PartitionState, answer: Decoded<FetchResponsePartition>): void {
    const { config, buffer, cluster } = this.#parts
    state.succeeded()
    state.bounds = {
      highWatermark: Number(answer.highWatermark),
      lastStableOffset: Number(answer.lastStableOffset),
      logStartOffset: Number(answer.logStartOffset),
    }
    if (answer.preferredReadReplica >= 0) {
      const until = cluster.clock.monotonic() + config.metadataMaxAgeMs
      state.preferred = { nodeId: answer.preferredReadReplica, until }
    }
    const { records } = answer
    if (records !== null && records.length > 0) {
      const fetched = new FetchedRecords(state, records, answer.abortedTransactions ?? [], {
        checkCrcs: config.checkCrcs,
        keySerde: config.key,
        valueSerde: config.value,
      })
      if (!fetched.isEmpty) buffer.add(fetched)
      state.fetched(fetched.nextOffset, fetched.lastEpoch)
      if (state.isPaused) buffer.detach(state)
    }
    const { clientId } = cluster
    publishLag(observedEvents.lag, { clientId, groupId: config.groupId }, state, config.isolationLevel)
  }

  /** What the partition holds is looked up for the error; until then it is not fetched. */
  #outOfRange(state: PartitionState): void {
    const { positions, buffer } = this.#parts
    const { generation } = state
    state.retryAt = Number.POSITIVE_INFINITY
    void positions.outOfRangeError(state).then(error => {
      if (!state.isCurrent(generation)) return
      state.succeeded()
      buffer.add({ state, generation, isReset: false, error })
      this.#parts.onProgress()
    })
  }

  #noteLeader(
    { topic, partition }: PartitionState,
    { currentLeader: { leaderId, leaderEpoch } }: Decoded<FetchResponsePartition>,
    { nodeEndpoints }: Decoded<FetchResponse>,
  ): void {
    if (leaderId < 0) return
    const endpoint = nodeEndpoints.find(({ nodeId }) => nodeId === leaderId)
    this.#parts.cluster.metadata.applyLeader(topic, partition, { leaderId, leaderEpoch, endpoint })
  }

  /** An error about the session. Nothing else is in the answer. */
  #refused(link: BrokerLink, node: NodeFetch, targets: readonly Target[], errorCode: number): void {
    const { cluster, metrics } = this.#parts
    const { name } = errorByCode(errorCode)
    metrics.fetchesFailed++
    cluster.logger.info({ broker: link.broker, code: name }, 'a fetch session begins anew')
    if (name === 'FETCH_SESSION_ID_NOT_FOUND') node.session.forget()
    else node.session.restart()
    if (name === 'FETCH_SESSION_TOPIC_ID_ERROR') cluster.metadata.refresh(name)
    // These are over with the next request; whatever else it is may last.
    if (name === 'FETCH_SESSION_ID_NOT_FOUND' || name === 'INVALID_FETCH_SESSION_EPOCH') return
    this.#delay(targets)
  }

  /** The connection ended before the answer came, or the answer made no sense. */
  #lost(link: BrokerLink, targets: readonly Target[], error: KafkaError): void {
    const { cluster, metrics } = this.#parts
    metrics.fetchesFailed++
    this.#leavePreferred(link.nodeId, targets)
    this.#delay(targets)
    cluster.logger.warn({ err: error, broker: link.broker }, 'a fetch was lost')
    cluster.metadata.refresh('Fetch failed')
    if (error.fatal || !error.retriable) this.#failure = error
  }

  #delay(targets: readonly Target[]): void {
    const now = this.#parts.cluster.clock.monotonic()
    for (const { state, generation } of targets) {
      if (state.isCurrent(generation)) state.failed(now + this.#backoff.delayMs(state.failures + 1))
    }
  }

  #leavePreferred(nodeId: number, targets: readonly Target[]): void {
    for (const { state } of targets) {
      if (state.preferred?.nodeId !== nodeId) continue
      state.preferred = undefined
      this.#restFollowers()
      this.wake()
    }
  }

  #restFollowers(): void {
    this.#followersFrom = this.#parts.cluster.clock.monotonic() + FOLLOWERS_REST_MS
  }

  #wakeAt(at: number, now: number): void {
    this.#timer?.cancel()
    this.#timer = undefined
    if (at === Number.POSITIVE_INFINITY) return
    this.#timer = this.#parts.cluster.clock.timer(Math.max(0, at - now), this.wake, { name: 'fetch', unref: true })
  }
}

function isServed({ state, generation }: Target, flight: Flight | undefined): boolean {
  return flight?.serves.get(state) === generation
}

/** How long the broker may wait for records: shorter while others on it will want something that is not in the request. */
/** As long as the one that waits; with one that should have been answered long ago there is nothing to keep step. */
function besideWaitOf(maxWaitMs: number, leftMs: number): number {
  return leftMs > 0 ? Math.max(SHORT_WAIT_MS, Math.ceil(leftMs)) : maxWaitMs
}

function waitOf(maxWaitMs: number, node: NodeFetch, lateInMs: number): number {
  if (lateInMs === Number.POSITIVE_INFINITY) return maxWaitMs
  const shortMs = SHORT_WAIT_MS * 2 ** Math.min(node.emptyAnswers, 20)
  return Math.min(maxWaitMs, Math.max(shortMs, Math.ceil(lateInMs)))
}

function asKafkaError(error: unknown): KafkaError {
  if (error instanceof KafkaError) return error
  const message = error instanceof Error ? error.message : String(error)
  return new KafkaError(`fetching failed: ${message}`, { code: 'UNKNOWN_SERVER_ERROR', cause: error })
}

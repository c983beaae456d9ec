/**
 * Relay: the lanes of one relay, side by side, and what they share. One that can do nothing more ends them all.
 */
import { clientOptionsOf } from '@samsa/client/internal'
import { Producer } from '@samsa/producer'
import { producerOptions } from '@samsa/producer/internal'
import { ConfigError, KafkaError, silentLogger, systemClock, systemRandom } from '@samsa/runtime'
import { Backoff, parseOptions } from '@samsa/runtime/internal'
import type { OutboxStore, WaitingInLane } from '../store/outbox-store.js'
import { AcknowledgedCourier } from './acknowledged-courier.js'
import type { Courier } from './courier.js'
import { LaneClaims } from './lane-claims.js'
import { LaneRelay } from './lane-relay.js'
import type { BoxConfig, RelayConfig, RelayOptions } from './outbox-options.js'
import { RelayProgress } from './relay-progress.js'
import { TransactionalCourier } from './transactional-courier.js'

export class Relay {
  readonly #store: OutboxStore<never>
  readonly #box: BoxConfig
  readonly #config: RelayConfig
  readonly #surroundings: Pick<RelayOptions, 'clock' | 'random' | 'logger'>

  constructor(store: object, box: BoxConfig, config: RelayConfig, surroundings: RelayOptions) {
    this.#store = store as OutboxStore<never>
    this.#box = box
    this.#config = config
    this.#surroundings = surroundings
    this.#checkProducer()
  }

  /**
   * Sends until `signal` is aborted: then the batches under way are finished, lanes are given back, and the promise resolves.
   * What can pass is tried again for as long as it takes; it rejects when nothing can help.
   */
  async run({
    signal = new AbortController().signal,
  }: {
    readonly signal?: AbortSignal | undefined
  } = {}): Promise<void> {
    await this.#checkLanes(signal)
    if (signal.aborted) return
    const { lanes, mode } = this.#config
    const producer = mode === 'at-least-once' ? new Producer(this.#producerOptions) : undefined
    const progress = this.#progress()
    const failed = new AbortController()
    const ending = AbortSignal.any([signal, failed.signal])
    const outcomes = await Promise.allSettled(
      lanes.map(async number => {
        const lane = { box: this.#box.name, lane: number }
        const courier = (): Courier =>
          producer === undefined
            ? new TransactionalCourier(lane, this.#producerOptions, progress)
            : new AcknowledgedCourier(producer)
        try {
          await this.#laneRelay(lane, courier).run(ending)
        } catch (error) {
          failed.abort(error)
          throw error
        }
      }),
    )
    await producer?.close()
    const failure = outcomes.find(({ status }) => status === 'rejected')
    if (failure?.status === 'rejected') throw failed.signal.reason
  }

  get #producerOptions() {
    const { clock, random, logger } = this.#surroundings
    const given = Object.entries({ clock, random, logger }).filter(([, part]) => part !== undefined)
    return { ...Object.fromEntries(given), ...this.#config.producer }
  }

  /** Wrong options are said here, and not when the first record is to be sent. */
  #checkProducer(): void {
    const isTransactional = this.#config.mode === 'exactly-once'
    const transactional = isTransactional ? { transactionalId: `outbox.${this.#box.name}.0` } : {}
    const { acks } = parseOptions(producerOptions, { ...this.#producerOptions, ...transactional })
    if (acks === 'all') return
    throw new ConfigError(
      `relay: a record is removed from the box when it was acknowledged, and with acks: ${acks} a broker that fails loses it then. Leave acks out of producer, or set 'all'.`,
    )
  }

  #laneRelay(lane: { readonly box: string; readonly lane: number }, courier: () => Courier): LaneRelay {
    const { clock = systemClock, random = systemRandom, logger = silentLogger } = this.#surroundings
    const { leases, leaseMs, retryBackoffMs, retryBackoffMaxMs, batch, pollIntervalMs } = this.#config
    return new LaneRelay({
      store: this.#store,
      lane,
      courier,
      claims: leases === undefined ? undefined : new LaneClaims(leases, leaseMs, clock),
      batch,
      pollIntervalMs,
      retryBackoff: { initialMs: retryBackoffMs, maxMs: retryBackoffMaxMs },
      clock,
      random,
      logger,
    })
  }

  #progress(): RelayProgress {
    const config = parseOptions(producerOptions, this.#producerOptions)
    return new RelayProgress({
      client: clientOptionsOf(config),
      topic: this.#config.progressTopic,
      lanes: this.#box.lanes,
      timeoutMs: config.defaultApiTimeoutMs,
    })
  }

  /** Records in a lane that is no more would wait for ever. A store that is down is waited for, as later on. */
  async #checkLanes(signal: AbortSignal): Promise<void> {
    const { clock = systemClock, random = systemRandom, logger = silentLogger } = this.#surroundings
    const { retryBackoffMs: initialMs, retryBackoffMaxMs: maxMs } = this.#config
    const backoff = new Backoff({ initialMs, maxMs, random })
    const { name, lanes } = this.#box
    let waiting: readonly WaitingInLane[] | undefined
    for (let attempt = 1; waiting === undefined && !signal.aborted; attempt++) {
      waiting = await this.#store.waitingInOutbox(name).catch(async (error: unknown) => {
        if (!KafkaError.is(error) || !error.retriable) throw error
        logger.warn({ err: error, box: name }, 'the outbox could not be looked at yet')
        await clock.sleep(backoff.delayMs(attempt), { signal }).catch(() => {})
        return undefined
      })
    }
    const left = waiting?.find(({ lane }) => lane >= lanes)
    if (left === undefined) return
    throw new ConfigError(
      `relay: ${left.records} records wait in lane ${left.lane} of ${name}, which has ${lanes} lanes now. Send them with as many lanes as before, and lower the number when the box is empty.`,
    )
  }
}

/**
 * KafkaBarrier: waits until what Kafka has answered can be seen everywhere in it. Its controller answers as soon as a
 * change is in the metadata log; the broker's parts hear of it later, one after the other, the view of the metadata first
 * and the logs behind it. A mark that is set after the change and seen in the view may have come together with it; by the
 * time a second one is seen, all is done with the first.
 *
 * All sequences share one pair of marks at a time: who comes while one is under way waits for the next.
 */
import { setTimeout } from 'node:timers/promises'
import { describeConfigs, incrementalAlterConfigs, initProducerId } from '@samsa/protocol'
import { Peer } from './peer.js'

const BROKER_LOGGER = 8
const CLIENT_METRICS = 16
const NODE = '1'
const NAME = 'barrier'
const MOST_LOOKS = 10_000
const LOOK_AGAIN_MS = 3
const SET = 0

export class KafkaBarrier {
  readonly #peer: Peer
  #mark = 1000
  #current: Promise<void> | undefined
  #next: Promise<void> | undefined

  private constructor(peer: Peer) {
    this.#peer = peer
  }

  static async connect(address: string): Promise<KafkaBarrier> {
    const barrier = new KafkaBarrier(await Peer.connect(address))
    await barrier.#untilItHandsOutProducerIds()
    await barrier.#silence()
    return barrier
  }

  passed(): Promise<void> {
    if (this.#current === undefined) {
      this.#current = this.#pass()
      return this.#current
    }
    this.#next ??= this.#current.then(() => {
      this.#next = undefined
      this.#current = this.#pass()
      return this.#current
    })
    return this.#next
  }

  close(): void {
    this.#peer.close()
  }

  async #pass(): Promise<void> {
    await this.#markOnce()
    await this.#markOnce()
    if (this.#next === undefined) this.#current = undefined
  }

  /** Writing its log is a good part of what Kafka does when a topic comes and goes. */
  async #silence(): Promise<void> {
    const configs = [{ name: 'root', configOperation: SET, value: 'FATAL' }]
    const resources = [{ resourceType: BROKER_LOGGER, resourceName: NODE, configs }]
    await this.#peer.ask(incrementalAlterConfigs, 1, { resources, validateOnly: false })
  }

  /** The last thing that a Kafka is ready for when it starts. */
  async #untilItHandsOutProducerIds(): Promise<void> {
    const COORDINATOR_LOAD_IN_PROGRESS = 14
    for (let looks = 0; looks < MOST_LOOKS; looks++) {
      const { errorCode } = await this.#peer.ask(initProducerId, 5, {
        transactionalId: null,
        transactionTimeoutMs: 1000,
      })
      if (errorCode !== COORDINATOR_LOAD_IN_PROGRESS) return
      await setTimeout(LOOK_AGAIN_MS)
    }
    throw new Error('Kafka hands out no producer ids')
  }

  async #markOnce(): Promise<void> {
    const value = String(++this.#mark)
    const configs = [{ name: 'interval.ms', configOperation: SET, value }]
    const { responses } = await this.#peer.ask(incrementalAlterConfigs, 1, {
      resources: [{ resourceType: CLIENT_METRICS, resourceName: NAME, configs }],
      validateOnly: false,
    })
    if (responses[0]?.errorCode !== 0) throw new Error(`Kafka takes no mark: ${responses[0]?.errorMessage}`)
    for (let looks = 0; looks < MOST_LOOKS; looks++) {
      const { results } = await this.#peer.ask(describeConfigs, 4, {
        resources: [{ resourceType: CLIENT_METRICS, resourceName: NAME, configurationKeys: ['interval.ms'] }],
        includeSynonyms: false,
      })
      if (results[0]?.configs[0]?.value === value) return
      await setTimeout(LOOK_AGAIN_MS)
    }
    throw new Error('a change of metadata does not reach the broker')
  }
}

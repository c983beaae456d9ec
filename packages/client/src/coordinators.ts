/**
 * Coordinators: which broker keeps a group or a transactional id. Owns the answers, and the look-ups under way: however
 * many want the same one, it is asked for once.
 */
import { type Decoded, errorOf, type FindCoordinatorRequest, type FindCoordinatorResponse } from '@samsa/protocol'
import { KafkaError } from '@samsa/runtime'

export type Coordinated = { readonly group: string } | { readonly transaction: string }

export interface Coordinator {
  readonly id: number
  readonly host: string
  readonly port: number
}

/** Most coordinators that are kept in mind; the one that was learnt first goes first. */
const MOST_KEPT = 10_000
const GROUP = 0
const TRANSACTION = 1
/** From this version on one request may name several keys. */
const BATCHED_FROM = 4

export interface CoordinatorsOptions {
  /** Asks any broker until one answers, or the time that the client allows is over. */
  readonly ask: (
    request: (version: number) => FindCoordinatorRequest,
    errorCode: (answer: Decoded<FindCoordinatorResponse>) => number,
  ) => Promise<Decoded<FindCoordinatorResponse>>
  readonly learn: (coordinator: Coordinator) => void
}

export class Coordinators {
  readonly #options: CoordinatorsOptions
  readonly #known = new Map<string, number>()
  readonly #searches = new Map<string, Promise<number>>()

  constructor(options: CoordinatorsOptions) {
    this.#options = options
  }

  /** The id of the broker. What it costs to wait no longer, the caller says by leaving. */
  find(of: Coordinated): Promise<number> {
    const name = nameOf(of)
    const known = this.#known.get(name)
    if (known !== undefined) return Promise.resolve(known)
    const search = this.#searches.get(name) ?? this.#search(of, name)
    return search
  }

  /** It is not the coordinator any more, or cannot be reached. Left out where another has been found meanwhile. */
  forget(of: Coordinated, nodeId?: number): void {
    const name = nameOf(of)
    if (nodeId === undefined || this.#known.get(name) === nodeId) this.#known.delete(name)
  }

  #search(of: Coordinated, name: string): Promise<number> {
    const search = this.#ask(of).then(coordinator => {
      this.#options.learn(coordinator)
      this.#known.set(name, coordinator.id)
      const [oldest] = this.#known.keys()
      if (this.#known.size > MOST_KEPT && oldest !== undefined) this.#known.delete(oldest)
      return coordinator.id
    })
    this.#searches.set(name, search)
    const end = (): void => void this.#searches.delete(name)
    search.then(end, end)
    return search
  }

  async #ask(of: Coordinated): Promise<Coordinator> {
    const [key, keyType] = 'group' in of ? [of.group, GROUP] : [of.transaction, TRANSACTION]
    const answer = await this.#options.ask(
      version => requestOf(key, keyType, version),
      response => (response.coordinators[0] ?? response).errorCode,
    )
    const [found] = answer.coordinators
    const { nodeId, host, port } = found ?? answer
    if (nodeId < 0) throw errorOf(15, { api: 'FindCoordinator' })
    return { id: nodeId, host, port }
  }
}

function requestOf(key: string, keyType: number, version: number): FindCoordinatorRequest {
  if (version >= BATCHED_FROM) return { keyType, coordinatorKeys: [key] }
  if (version >= 1) return { key, keyType }
  if (keyType === GROUP) return { key }
  throw new KafkaError('the broker is too old for transactions', {
    code: 'UNSUPPORTED_VERSION',
    api: 'FindCoordinator',
  })
}

function nameOf(of: Coordinated): string {
  return 'group' in of ? `group ${of.group}` : `transaction ${of.transaction}`
}

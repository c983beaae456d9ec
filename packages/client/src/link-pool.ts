/**
 * LinkPool: every link of a client, one for each broker and use, made when it is first asked for. Owns the links; which
 * brokers there are it learns from whoever knows the cluster, and before anything is known it has the bootstrap
 * servers, under the ids -1, -2 and so on.
 */
import { KafkaError, type Logger } from '@samsa/runtime'
import { type LinkSettings, type LinkUse, NodeLink } from './broker-link.js'
import { leastLoaded } from './least-loaded.js'
import type { Address } from './transport.js'

export interface LinkPoolOptions {
  readonly settings: LinkSettings
  readonly bootstrap: readonly Address[]
  readonly logger: Logger
  /** The brokers that are known now, by id; empty before the first answer. */
  readonly nodes: () => ReadonlyMap<number, Address>
  readonly changed: () => void
  readonly failed: (link: NodeLink, error: KafkaError) => void
}

export class LinkPool {
  readonly #options: LinkPoolOptions
  readonly #bootstrap: ReadonlyMap<number, Address>
  readonly #links = new Map<number, Map<LinkUse, NodeLink>>()
  /** Links to brokers that are gone, which still wait for an answer. */
  readonly #retired = new Set<NodeLink>()
  #isClosed = false

  constructor(options: LinkPoolOptions) {
    this.#options = options
    this.#bootstrap = new Map(options.bootstrap.map((address, index) => [-1 - index, address]))
  }

  /** The same object as long as the broker belongs to the cluster. */
  link(nodeId: number, use: LinkUse): NodeLink {
    const ofNode = this.#links.get(nodeId)
    const known = ofNode?.get(use)
    if (known !== undefined && known.state !== 'closed') return known
    if (this.#isClosed) throw closedError()
    const link = new NodeLink(nodeId, use, this.#options.settings, {
      addressOf: id => this.#addresses.get(id) ?? (id < 0 ? this.#bootstrap.get(id) : undefined),
      changed: this.#options.changed,
      failed: this.#options.failed,
    })
    if (ofNode === undefined) this.#links.set(nodeId, new Map([[use, link]]))
    else ofNode.set(use, link)
    return link
  }

  /** The link to whoever has least to do; undefined when no broker can be asked just now. */
  leastLoaded(use: LinkUse): NodeLink | undefined {
    const links = [...this.#addresses.keys()].map(nodeId => this.link(nodeId, use))
    return leastLoaded(links, this.#options.settings.random)
  }

  /** Why brokers cannot be reached: the last failure of any. */
  get lastFailure(): KafkaError | undefined {
    for (const link of this.#all()) if (link.failure !== undefined) return link.failure
    return undefined
  }

  /** The brokers have changed: links to those that are gone end, those to brokers that moved connect anew. */
  follow(): void {
    const addresses = this.#addresses
    for (const link of this.#retired) if (link.state === 'closed') this.#retired.delete(link)
    for (const [nodeId, ofNode] of this.#links) {
      if (!addresses.has(nodeId)) this.#links.delete(nodeId)
      for (const link of ofNode.values()) {
        if (addresses.has(nodeId)) link.moved()
        else this.#retire(link)
      }
    }
  }

  /** Nothing that was known of brokers is to be trusted any more. */
  forgetNodes(): void {
    for (const [nodeId, ofNode] of this.#links) {
      if (nodeId < 0) continue
      this.#links.delete(nodeId)
      for (const link of ofNode.values()) void link.close()
    }
  }

  /** Ends every link. What was sent without an answer has that long to get out. */
  async close(withinMs?: number): Promise<void> {
    this.#isClosed = true
    const ended = Array.from(this.#all(), link => link.close(withinMs))
    this.#links.clear()
    this.#retired.clear()
    await Promise.all(ended)
  }

  #retire(link: NodeLink): void {
    link.retire()
    if (link.state !== 'closed') this.#retired.add(link)
  }

  get #addresses(): ReadonlyMap<number, Address> {
    const nodes = this.#options.nodes()
    return nodes.size > 0 ? nodes : this.#bootstrap
  }

  *#all(): Iterable<NodeLink> {
    for (const ofNode of this.#links.values()) yield* ofNode.values()
    yield* this.#retired
  }
}

export function closedError(): KafkaError {
  return new KafkaError('the client is closed', { code: 'CLIENT_CLOSED', fatal: true })
}

/**
 * BrokerNodes: the nodes that clients see of one broker, each with a listener, connections and handlers of its own, and one
 * engine behind all of them. With one node, which is the rule, it is that node. Owns their servers.
 *
 * What a node leads is the metadata's: a node that stops or starts is told there first, so that nobody is sent to it in vain.
 */
import { KafkaError } from '@samsa/runtime'
import type { FetchSessions } from '../fetch/fetch-sessions.js'
import type { Controller } from '../metadata/controller.js'
import { BrokerServer, type BrokerServerOptions } from '../server/broker-server.js'
import type { ConnectionInfo, Handler } from '../server/context.js'
import type { Endpoint, Listener } from '../server/listener.js'
import type { Router } from '../server/router.js'
import type { Partitions } from './partitions.js'

export interface NodeParts {
  readonly nodeId: number
  readonly listener: Listener
  readonly router: Router
  readonly sessions: FetchSessions
  /** The node's handlers over other partitions than its own: those of a test. */
  readonly handlersOver: (partitions: Partitions) => readonly Handler[]
}

export type NodeServerOptions = Omit<BrokerServerOptions, 'listeners' | 'router'>

export class BrokerNodes {
  readonly #nodes: ReadonlyMap<number, BrokerNode>
  readonly #controller: Controller
  /** Stops and starts follow each other: a node that is asked to do both does one after the other. */
  #lastTurn: Promise<void> = Promise.resolve()
  #isClosed = false

  constructor(parts: readonly NodeParts[], controller: Controller, options: NodeServerOptions) {
    this.#nodes = new Map(parts.map(part => [part.nodeId, new BrokerNode(part, options)]))
    this.#controller = controller
  }

  [Symbol.iterator](): Iterator<BrokerNode> {
    return this.#nodes.values()
  }

  /** Listens on all nodes, or, when one cannot, on none. */
  async listen(): Promise<void> {
    try {
      for (const node of this) await node.listen()
    } catch (error) {
      await this.close({ deadlineMs: 0 })
      throw error
    }
  }

  node(nodeId: number): BrokerNode {
    const node = this.#nodes.get(nodeId)
    if (node !== undefined) return node
    const text = `there is no node ${nodeId}: this broker has ${[...this.#nodes.keys()].join(', ')}`
    throw new KafkaError(text, { code: 'UNKNOWN_NODE' })
  }

  /** Ends a node's connections; its address refuses new ones. Harmless when it is stopped. */
  stop(nodeId: number): Promise<void> {
    return this.#inTurn(async () => {
      const node = this.node(nodeId)
      if (!node.isRunning) return
      this.#controller.setRunning(nodeId, false)
      await node.close({ deadlineMs: 0 })
    })
  }

  /** Listens again at the same address. Harmless when it runs. */
  start(nodeId: number): Promise<void> {
    return this.#inTurn(async () => {
      const node = this.node(nodeId)
      if (node.isRunning) return
      await node.listen()
      this.#controller.setRunning(nodeId, true)
    })
  }

  async close(options: { readonly deadlineMs: number }): Promise<void> {
    this.#isClosed = true
    await this.#lastTurn
    await Promise.all(Array.from(this, node => node.close(options)))
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#lastTurn.then(() => {
      if (this.#isClosed) throw new KafkaError('the broker is closed', { code: 'BROKER_CLOSED' })
      return work()
    })
    this.#lastTurn = turn.catch(() => undefined)
    return turn
  }
}

export class BrokerNode {
  readonly nodeId: number
  readonly parts: NodeParts
  readonly #options: NodeServerOptions
  #server: BrokerServer | undefined
  #endpoint: Endpoint | undefined

  constructor(parts: NodeParts, options: NodeServerOptions) {
    this.nodeId = parts.nodeId
    this.parts = parts
    this.#options = options
  }

  /** A server does not start twice: each start has its own. */
  async listen(): Promise<void> {
    const { listener, router } = this.parts
    const server = new BrokerServer({ ...this.#options, listeners: [listener], router })
    await server.start()
    this.#server = server
    this.#endpoint = server.endpoints.get(listener.name)
  }

  get isRunning(): boolean {
    return this.#server !== undefined
  }

  /** Where clients are told to connect; known once it has listened. */
  get endpoint(): Endpoint {
    if (this.#endpoint === undefined) {
      throw new KafkaError(`node ${this.nodeId} has no listener yet`, { code: 'CANNOT_LISTEN' })
    }
    return this.#endpoint
  }

  /** Cuts off the connections that it is true of. Returns how many. */
  disconnect(isMeant: (connection: ConnectionInfo) => boolean): number {
    return this.#server?.disconnect(isMeant) ?? 0
  }

  async close(options: { readonly deadlineMs: number }): Promise<void> {
    const server = this.#server
    this.#server = undefined
    await server?.stop(options)
  }
}

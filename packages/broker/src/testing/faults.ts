/**
 * Faults: the rules that a test has set up, in order. Of those that mean a request the first one strikes it, and no other.
 * Owner of the rules, and of whoever waits for them. While there are none, requests pass by without a look.
 */
import { apis } from '@samsa/protocol'
import { ConfigError, KafkaError } from '@samsa/runtime'
import { observedEvents } from '@samsa/runtime/internal'
import type { BrokerNode, BrokerNodes } from '../cluster/broker-nodes.js'
import type { Exchange } from '../server/router.js'
import { checkFaultRule, describeEffect, type FaultRule, type HoldRule } from './fault-rule.js'
import { canAnswerError, type Engine, strike } from './fault-strike.js'
import { namesTopic } from './request-topics.js'

/** One rule, from being added to having struck for the last time. */
export interface Fault {
  /** Requests that it has struck. */
  readonly hits: number
  /** It strikes no more; what it holds goes on. Twice is harmless. */
  remove(): void
  /** Resolves when it has struck so many requests, and rejects when it is removed before. Default: 1. */
  wait(hits?: number): Promise<void>
}

export interface HoldingFault extends Fault {
  /** Requests that it holds now. */
  readonly held: number
  /** Lets what it holds go on, and holds the next ones if it still may. */
  release(): void
}

/** Most rules at once. */
const MAX_RULES = 1000

export class Faults {
  readonly #engine: Engine
  readonly #nodes: BrokerNodes
  readonly #rules = new Set<Rule>()

  constructor(engine: Engine, nodes: BrokerNodes) {
    this.#engine = engine
    this.#nodes = nodes
  }

  /** Sets up a fault. It strikes the next requests that it means: one, unless `times` says otherwise. */
  add(rule: HoldRule): HoldingFault
  add(rule: FaultRule): Fault
  add(rule: FaultRule): Fault {
    checkFaultRule(rule)
    this.#check(rule)
    const added = new Rule({ ...rule }, ended => this.#forget(ended))
    this.#rules.add(added)
    this.#watch()
    return added
  }

  /** Removes all of them. */
  clear(): void {
    for (const rule of this.#rules) rule.remove()
  }

  #check({ api: name, error, nodeId }: FaultRule): void {
    if (this.#rules.size >= MAX_RULES) throw new ConfigError(`faults.add: there are ${MAX_RULES} faults already`)
    if (nodeId !== undefined) this.#nodes.node(nodeId)
    const api = apis.find(each => each.name === name)
    if (api === undefined) return
    const [node] = this.#nodes
    const handler = node?.parts.router.handlerOf(api.key)
    if (handler === undefined) throw new ConfigError(`faults.add: this broker does not serve ${api.name}`)
    if (error !== undefined && !canAnswerError(handler)) {
      throw new ConfigError(`faults.add: ${api.name} cannot be answered with an error here; use disconnect`)
    }
  }

  /** Spent, or removed. */
  #forget(rule: Rule): void {
    this.#rules.delete(rule)
    this.#watch()
  }

  #watch(): void {
    for (const node of this.#nodes) {
      const { router } = node.parts
      router.interceptor = this.#rules.size === 0 ? undefined : exchange => this.#intercept(node, exchange)
    }
  }

  #intercept(node: BrokerNode, exchange: Exchange): Promise<unknown> | undefined {
    for (const each of this.#rules) {
      const { rule } = each
      if (!this.#isMeant(rule, node, exchange)) continue
      const { api, header } = exchange.context
      observedEvents.fault.publish(() => ({
        nodeId: node.nodeId,
        api: api.name,
        clientId: header.clientId ?? undefined,
        fault: describeEffect(rule),
      }))
      each.hit()
      return strike({ rule, engine: this.#engine, node, hold: release => each.hold(release) }, exchange)
    }
    return undefined
  }

  #isMeant(rule: FaultRule, node: BrokerNode, { handler, context, request }: Exchange): boolean {
    const { api, nodeId, clientId, topic, partition } = rule
    if (api !== undefined && api !== context.api.name) return false
    if (nodeId !== undefined && nodeId !== node.nodeId) return false
    if (clientId !== undefined && clientId !== context.header.clientId) return false
    if (rule.error !== undefined && !canAnswerError(handler)) return false
    if (topic === undefined) return true
    if (typeof request !== 'object' || request === null) return false
    const filter = { topic, partition }
    const nameOf = (id: string): string | undefined => this.#engine.image.topicById(id)?.name
    return namesTopic(request, filter, nameOf) || namesTopic(inSession(node, request), filter, nameOf)
  }
}

/** What a fetch asks for without naming it, in the form of a request. */
function inSession(node: BrokerNode, request: object): object {
  const sessionId: unknown = Reflect.get(request, 'sessionId')
  if (typeof sessionId !== 'number' || sessionId === 0) return {}
  const topics = Array.from(node.parts.sessions.partitionsOf(sessionId), each => ({
    topic: each.topic,
    topicId: each.topicId,
    partitions: [each],
  }))
  return { topics }
}

class Rule implements HoldingFault {
  readonly rule: FaultRule
  readonly #onEnd: (rule: Rule) => void
  readonly #held = new Set<() => void>()
  readonly #waiting = new Set<Waiting>()
  #hits = 0
  #isRemoved = false

  constructor(rule: FaultRule, onEnd: (rule: Rule) => void) {
    this.rule = rule
    this.#onEnd = onEnd
  }

  get hits(): number {
    return this.#hits
  }

  get held(): number {
    return this.#held.size
  }

  hit(): void {
    this.#hits++
    if (this.#hits >= this.#times) this.#onEnd(this)
    for (const waiting of this.#waiting) {
      if (this.#hits < waiting.hits) continue
      this.#waiting.delete(waiting)
      waiting.resolve()
    }
  }

  hold(release: () => void): () => void {
    this.#held.add(release)
    return () => this.#held.delete(release)
  }

  release(): void {
    for (const release of [...this.#held]) {
      this.#held.delete(release)
      release()
    }
  }

  remove(): void {
    if (this.#isRemoved) return
    this.#isRemoved = true
    this.#onEnd(this)
    for (const { reject } of this.#waiting) reject(this.#removed())
    this.#waiting.clear()
    this.release()
  }

  wait(hits: number = 1): Promise<void> {
    if (hits > this.#times) {
      return Promise.reject(
        new ConfigError(`wait: ${hits} hits never come from a fault that strikes ${this.#times} times`),
      )
    }
    if (this.#hits >= hits) return Promise.resolve()
    if (this.#isRemoved) return Promise.reject(this.#removed())
    return new Promise((resolve, reject) => this.#waiting.add({ hits, resolve, reject }))
  }

  get #times(): number {
    return this.rule.times ?? 1
  }

  #removed(): KafkaError {
    return new KafkaError(`the fault was removed after ${this.#hits} hits`, { code: 'FAULT_REMOVED' })
  }
}

interface Waiting {
  readonly hits: number
  readonly resolve: () => void
  readonly reject: (error: KafkaError) => void
}

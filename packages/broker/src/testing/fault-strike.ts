/**
 * What happens to a request that a fault strikes. Whatever waits here ends with the connection: nothing is left behind when a
 * client goes or the broker closes.
 */
import { type Decoded, errorByName } from '@samsa/protocol'
import { type Clock, KafkaError } from '@samsa/runtime'
import type { BrokerNode } from '../cluster/broker-nodes.js'
import type { LogManager } from '../log/log-manager.js'
import type { MetadataImage } from '../metadata/image.js'
import type { Handler } from '../server/context.js'
import { type Exchange, RefusedRequest } from '../server/router.js'
import { errorAnswers, errorsAfterWork, partitionApis } from './error-answers.js'
import { FailingPartitions } from './failing-partitions.js'
import { describeEffect, type FaultRule } from './fault-rule.js'
import { topicNameIn } from './request-topics.js'

/** What a fault reaches of the broker. */
export interface Engine {
  readonly clock: Clock
  readonly image: MetadataImage
  readonly logs: LogManager
}

export interface Strike {
  readonly rule: FaultRule
  readonly engine: Engine
  readonly node: BrokerNode
  /** Keeps what lets a held request go on; gives back how to forget it. */
  readonly hold: (release: () => void) => () => void
}

/** The answer in place of the handler's. */
export async function strike(what: Strike, exchange: Exchange): Promise<unknown> {
  const { rule, engine } = what
  const { handler, context, request } = exchange
  const { signal } = context
  const handle = async (): Promise<unknown> => handler.handle(context, request)
  if (rule.error !== undefined) return answerError(what, exchange, rule.error)
  if (rule.disconnect !== undefined) {
    if (rule.disconnect === 'after') await handle()
    throw refusal(exchange, rule)
  }
  if (rule.delayMs !== undefined) {
    await untilEnd(signal, resolve => {
      const timer = engine.clock.timer(rule.delayMs ?? 0, resolve, { name: 'fault' })
      return () => timer.cancel()
    })
  } else if (rule.hold === true) {
    await untilEnd(signal, what.hold)
  } else if (rule.drop === true) {
    await handle()
    return untilEnd(signal, () => undefined)
  } else if (rule.duplicate === true) {
    // Appending writes into the bytes of a batch: the second time needs its own.
    const again = structuredClone(request)
    const answer = await handle()
    await handler.handle(context, again)
    return answer
  }
  return handle()
}

/** Whether an API has a form for errors. */
export function canAnswerError({ api, failure }: Handler): boolean {
  return partitionApis.has(api.key) || errorAnswers.has(api.key) || failure !== undefined
}

async function answerError({ rule, engine, node }: Strike, exchange: Exchange, name: string): Promise<unknown> {
  const { handler, context, request } = exchange
  const { key } = handler.api
  const errorMessage = 'A fault that a test has set up.'
  const failure = { errorCode: errorByName(name)?.code ?? -1, errorMessage }
  const nameOf = (id: string): string | undefined => engine.image.topicById(id)?.name
  const isMeantName = (topic: string | undefined, partition?: number): boolean =>
    (rule.topic === undefined || rule.topic === topic) &&
    (rule.partition === undefined || partition === undefined || rule.partition === partition)
  const after = rule.after === true
  const answer = (after ? errorsAfterWork : errorAnswers).get(key) ?? errorAnswers.get(key)
  if (partitionApis.has(key) && !(after && errorsAfterWork.has(key))) {
    const fails = (topic: string | undefined, partition: number): number | undefined =>
      isMeantName(topic, partition) ? failure.errorCode : undefined
    const partitions = new FailingPartitions(engine.image, engine.logs, node.nodeId, fails)
    const failing = node.parts.handlersOver(partitions).find(each => each.api.key === key) ?? handler
    return failing.handle(context, request)
  }
  const handle = async (asked: Decoded<unknown>): Promise<unknown> => handler.handle(context, asked)
  if (answer === undefined) {
    if (after) await handle(request)
    throw new KafkaError(errorMessage, { code: name })
  }
  return answer({
    version: context.version,
    request,
    failure,
    after,
    isMeant: (topic, partition) => isMeantName(topicNameIn(topic, nameOf), partition),
    isOfTopic: rule.topic !== undefined,
    isOfPartition: rule.partition !== undefined,
    handle,
  })
}

/** Resolves when `begin` says so, and rejects when the connection ends first; `begin` gives what is to be cleared then. */
function untilEnd(signal: AbortSignal, begin: (resolve: () => void) => (() => void) | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    let clear: (() => void) | undefined
    const ended = (): void => {
      clear?.()
      reject(new RefusedRequest('a fault held a request back until its connection ended', {}))
    }
    if (signal.aborted) return ended()
    signal.addEventListener('abort', ended, { once: true })
    clear = begin(() => {
      signal.removeEventListener('abort', ended)
      resolve()
    })
  })
}

function refusal({ context }: Exchange, rule: FaultRule): RefusedRequest {
  const { apiKey, apiVersion } = context.header
  return new RefusedRequest(`a fault: ${describeEffect(rule)}`, { apiKey, apiVersion })
}

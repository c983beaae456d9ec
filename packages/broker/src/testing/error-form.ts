/**
 * What an API's answer with an error is made from, and how it is entered into the table of such answers.
 */
import type { Api, Decoded } from '@samsa/protocol'
import type { Refusal } from '../metadata/decision.js'

/** One request that is to be answered with an error, as far as the rule means it. */
export interface FailingCall<Request, Response> {
  readonly version: number
  readonly request: Decoded<Request>
  readonly failure: Refusal
  /** The work is done first. */
  readonly after: boolean
  /** Whether the rule means a topic, as requests and answers name it, and one of its partitions. */
  isMeant(topic: object, partition?: number): boolean
  /** Whether it means a topic alone, or a partition. */
  readonly isOfTopic: boolean
  readonly isOfPartition: boolean
  handle(request: Decoded<Request>): Promise<Response>
}

export type ErrorAnswer = (call: FailingCall<unknown, unknown>) => Promise<unknown>

/** An answer that does itself what of the work is to be done. */
export function form<Request, Response>(
  api: Api<Request, Response>,
  answer: (call: FailingCall<Request, Response>) => Promise<Response>,
): readonly [number, ErrorAnswer] {
  // The router gives a handler the requests of its API, and so do we.
  return [api.key, answer as ErrorAnswer]
}

/** An answer that is an error as a whole: the work is done before it, or not at all. */
export function whole<Request, Response>(
  api: Api<Request, Response>,
  answer: (call: FailingCall<Request, Response>) => Promise<Response>,
): readonly [number, ErrorAnswer] {
  return form(api, async call => {
    if (call.after) await call.handle(call.request)
    return answer(call)
  })
}

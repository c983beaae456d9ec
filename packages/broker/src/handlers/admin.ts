/**
 * What the handlers of administration share: the controller they ask, and the wait until what it decided is on disk.
 */
import { KafkaError } from '@samsa/runtime'
import { codeOf } from '../cluster/partitions.js'
import type { Controller } from '../metadata/controller.js'
import type { Refusal } from '../metadata/decision.js'
import type { BrokerImage, EndpointImage, MetadataImage } from '../metadata/image.js'

export interface AdminDeps {
  readonly controller: Controller
  /** Resolves when what was appended to the metadata log is as durable as the broker promises; undefined: it is. */
  readonly acknowledged: () => Promise<void> | undefined
}

/** The answer, once what it tells of is durable. */
export function whenDurable<Response>(deps: AdminDeps, response: Response): Response | Promise<Response> {
  return deps.acknowledged()?.then(() => response) ?? response
}

/** What every item of a request is answered when the metadata log took nothing, or does not reach the disk. */
export function failureOf(error: unknown): Refusal | undefined {
  return error instanceof KafkaError ? { errorCode: codeOf(error.code), errorMessage: error.message } : undefined
}

/** Brokers as a client of one listener reaches them; those without such a listener cannot be reached. */
export function reachableBrokers(
  image: MetadataImage,
  listenerName: string,
  includeFenced: boolean,
): { readonly broker: BrokerImage; readonly endpoint: EndpointImage }[] {
  const reachable: { broker: BrokerImage; endpoint: EndpointImage }[] = []
  for (const broker of image.brokers()) {
    const endpoint = broker.endpoints.find(each => each.name === listenerName)
    if (endpoint !== undefined && (includeFenced || !broker.isFenced)) reachable.push({ broker, endpoint })
  }
  return reachable
}

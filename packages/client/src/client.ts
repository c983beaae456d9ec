/**
 * Client: everything that producer, consumer and admin need of a cluster, put together: links to brokers, metadata,
 * coordinators, and calls that find their broker and are retried. Owns all of it; one client may serve any number of
 * callers at once. Making one opens nothing.
 */
import { type Api, type Decoded, findCoordinator, metadata as metadataApi } from '@samsa/protocol'
import {
  type Clock,
  type KafkaError,
  type Logger,
  type Random,
  silentLogger,
  systemClock,
  systemRandom,
} from '@samsa/runtime'
import { Backoff, parseOptions } from '@samsa/runtime/internal'
import type { BrokerLink, LinkSettings, LinkUse, NodeLink } from './broker-link.js'
import { type ClientConfig, type ClientOptions, clientTable } from './client-options.js'
import { Coordinators } from './coordinators.js'
import type { Authenticate } from './handshake.js'
import { LinkPool } from './link-pool.js'
import { ClusterMetadata, noBrokerError } from './metadata.js'
import { noResolver, systemResolver } from './name-resolution.js'
import { type CallOptions, type RequestMaker, Router } from './router.js'
import { authenticate } from './sasl-authentication.js'
import { parseAddress, type Transport, tcpTransport, tlsTransport } from './transport.js'

/** What siblings may put in beside the options of users. */
export interface ClientParts {
  /** In place of what `sasl` says. */
  readonly authenticate?: Authenticate | undefined
  /** Whether asking for a topic may create it, where the broker agrees. Default: true, as for Kafka's producer. */
  readonly allowAutoTopicCreation?: boolean | undefined
}

export class Client implements AsyncDisposable {
  readonly clientId: string
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly metadata: ClusterMetadata
  readonly requestTimeoutMs: number
  readonly defaultApiTimeoutMs: number
  /** The pauses between attempts. */
  readonly retryBackoff: { readonly initialMs: number; readonly maxMs: number }
  readonly #config: ClientConfig
  readonly #pool: LinkPool
  readonly #coordinators: Coordinators
  readonly #router: Router
  readonly #changeCallbacks = new Set<() => void>()
  #isChangePlanned = false
  #closing: Promise<void> | undefined

  constructor(options: ClientOptions, parts: ClientParts = {}) {
    const config = parseOptions(clientTable, options)
    this.#config = config
    this.clientId = config.clientId
    this.clock = config.clock ?? systemClock
    this.random = config.random ?? systemRandom
    this.logger = config.logger ?? silentLogger
    this.requestTimeoutMs = config.requestTimeoutMs
    this.defaultApiTimeoutMs = config.defaultApiTimeoutMs
    this.retryBackoff = { initialMs: config.retryBackoffMs, maxMs: config.retryBackoffMaxMs }
    const retryBackoff = this.#backoff(config.retryBackoffMs, config.retryBackoffMaxMs)
    this.metadata = this.#makeMetadata(retryBackoff, parts.allowAutoTopicCreation ?? true)
    this.#pool = new LinkPool({
      settings: this.#linkSettings(parts.authenticate ?? authenticate),
      bootstrap: config.bootstrapServers.map(parseAddress),
      logger: this.logger,
      nodes: () => this.metadata.nodesById,
      changed: () => this.#changed(),
      failed: (link, error) => this.#linkFailed(link, error),
    })
    this.#coordinators = new Coordinators({
      ask: (request, errorCode) => this.call(findCoordinator, request, { errorCode }),
      learn: coordinator => this.metadata.learnNode(coordinator),
    })
    this.#router = new Router({
      clock: this.clock,
      pool: this.#pool,
      metadata: this.metadata,
      coordinators: this.#coordinators,
      retryBackoff,
      defaultTimeoutMs: config.defaultApiTimeoutMs,
    })
  }

  /** The one connection to this broker for this use; the same object as long as the broker belongs to the cluster. */
  link(nodeId: number, use: LinkUse): BrokerLink {
    return this.#pool.link(nodeId, use)
  }

  /**
   * Calls back, soon and once for many, when what can be sent may have changed: a link is ready, broke or may be tried
   * again, a throttle ended, metadata changed. Returns what ends that.
   */
  onChange(callback: () => void): () => void {
    this.#changeCallbacks.add(callback)
    return () => void this.#changeCallbacks.delete(callback)
  }

  /** One request to the broker that it belongs to, tried again until it is answered or the time is over. */
  call<Request extends object, Response extends object>(
    api: Api<Request, Response>,
    request: Request | RequestMaker<Request>,
    options?: CallOptions<Response>,
  ): Promise<Decoded<Response>> {
    return this.#router.call(api, request, options)
  }

  /**
   * Ends every connection and every wait at once: what waits fails with CLIENT_CLOSED. Only what was sent without an
   * answer has `timeoutMs` to get out (default: 1 s). Twice is harmless.
   */
  close(options: { readonly timeoutMs?: number | undefined } = {}): Promise<void> {
    this.#closing ??= this.#close(options.timeoutMs)
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #close(timeoutMs: number | undefined): Promise<void> {
    this.#router.close()
    this.metadata.close()
    return this.#pool.close(timeoutMs)
  }

  #makeMetadata(retryBackoff: Backoff, allowAutoTopicCreation: boolean): ClusterMetadata {
    const config = this.#config
    return new ClusterMetadata({
      clock: this.clock,
      logger: this.logger,
      retryBackoff,
      retryBackoffMaxMs: config.retryBackoffMaxMs,
      maxAgeMs: config.metadataMaxAgeMs,
      maxIdleMs: config.metadataMaxIdleMs,
      defaultTimeoutMs: config.defaultApiTimeoutMs,
      rebootstrapAfterMs: config.metadataRecoveryRebootstrapTriggerMs,
      mayRebootstrap: config.metadataRecoveryStrategy === 'rebootstrap',
      allowAutoTopicCreation,
      ask: async request => {
        const link = this.#pool.leastLoaded('other')
        if (link === undefined) throw noBrokerError(this.#pool.lastFailure)
        await link.ready({ timeoutMs: config.requestTimeoutMs })
        const version = link.version(metadataApi)
        return await link.request(metadataApi, version, request(version))
      },
      onChange: () => {
        this.#pool.follow()
        this.#changed()
      },
      onRebootstrap: () => this.#pool.forgetNodes(),
    })
  }

  #linkSettings(authenticator: Authenticate): LinkSettings {
    const config = this.#config
    const { sasl } = config
    const setupMaxMs = Math.max(config.socketConnectionSetupTimeoutMs, config.socketConnectionSetupTimeoutMaxMs)
    return {
      clientId: config.clientId,
      clock: this.clock,
      random: this.random,
      transport: config.transport ?? transportOf(config),
      resolver: config.resolver ?? (config.transport === undefined ? systemResolver : noResolver),
      isTls: config.securityProtocol.endsWith('SSL'),
      identity: sasl === undefined ? undefined : { sasl, authenticate: authenticator },
      canonicalBootstrapNames: config.clientDnsLookup === 'resolveCanonicalBootstrapServersOnly',
      requestTimeoutMs: config.requestTimeoutMs,
      connectionsMaxIdleMs: config.connectionsMaxIdleMs,
      maxResponseBytes: config.maxResponseBytes,
      reconnectBackoff: this.#backoff(
        config.reconnectBackoffMs,
        Math.max(config.reconnectBackoffMs, config.reconnectBackoffMaxMs),
      ),
      setupTimeout: this.#backoff(config.socketConnectionSetupTimeoutMs, setupMaxMs),
    }
  }

  #backoff(initialMs: number, maxMs: number): Backoff {
    return new Backoff({ initialMs, maxMs, random: this.random })
  }

  #linkFailed(link: NodeLink, error: KafkaError): void {
    this.logger.warn({ err: error, nodeId: link.nodeId, broker: link.broker, use: link.use }, 'a connection failed')
    // What asks a bootstrap server asks another one by itself, and a refusal is no sign of a change.
    if (link.nodeId >= 0 && !error.fatal) this.metadata.refresh('a connection failed')
  }

  #changed(): void {
    if (this.#isChangePlanned || this.#changeCallbacks.size === 0) return
    this.#isChangePlanned = true
    queueMicrotask(() => {
      this.#isChangePlanned = false
      for (const callback of this.#changeCallbacks) this.#tell(callback)
    })
  }

  /** One that fails keeps nothing from the others. */
  #tell(callback: () => void): void {
    try {
      callback()
    } catch (error) {
      this.logger.error({ err: error }, 'a callback for changes failed')
    }
  }
}

function transportOf({ securityProtocol, tls }: ClientConfig): Transport {
  return securityProtocol.endsWith('SSL') ? tlsTransport(tls ?? {}) : tcpTransport
}

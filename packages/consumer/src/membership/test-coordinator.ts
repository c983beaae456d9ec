/**
 * A coordinator for tests of members: keeps every request to it until the test answers, refuses or loses it, as the router
 * would hand that on. Some kinds of request can be answered by themselves. Time stands still until the test moves it.
 */
import type { CallOptions } from '@samsa/client/internal'
import { type Api, type Decoded, errorByName, errorOf } from '@samsa/protocol'
import { type Logger, ManualClock, NetworkError, silentLogger, TimeoutError } from '@samsa/runtime'
import { TestCluster } from '../test-cluster.js'

/** A request that was sent and is not answered. */
export interface SentCall<Request> {
  readonly body: Request
  readonly version: number
  /** Fields that are left out are what the request's reader does not look at. */
  readonly answer: (response: object) => void
  /** With that error, and what an answer of this kind has beside it. */
  readonly refuse: (error: string, response?: object) => void
  readonly lose: () => void
}

interface Waiting extends SentCall<unknown> {
  readonly api: string
}

export interface LogLine {
  readonly level: 'info' | 'warn' | 'error'
  readonly fields: Readonly<Record<string, unknown>>
  readonly message: string
}

const codeOf = (name: string): number => {
  const code = errorByName(name)?.code
  if (code === undefined) throw new Error(`${name} is no error of Kafka's`)
  return code
}

/** Of an event loop that can be blocked: what is due then comes late. */
class BlockableClock extends ManualClock {
  #lateMs = 0

  override monotonic(): number {
    return super.monotonic() + this.#lateMs
  }

  block(durationMs: number): void {
    this.#lateMs += durationMs
  }
}

export class TestCoordinator extends TestCluster {
  override readonly clock = new BlockableClock()
  readonly lines: LogLine[] = []
  override readonly logger: Logger = {
    ...silentLogger,
    info: (fields, message) => void this.lines.push({ level: 'info', fields: { ...fields }, message }),
    warn: (fields, message) => void this.lines.push({ level: 'warn', fields: { ...fields }, message }),
    error: (fields, message) => void this.lines.push({ level: 'error', fields: { ...fields }, message }),
  }
  /** The versions of those that are not spoken in their newest. */
  readonly versions = new Map<string, number>()
  /** What is answered without the test, by the name of the request. */
  readonly answers = new Map<string, (body: never) => object>()
  /** Everything that was sent, by name. */
  readonly history: string[] = []
  #waiting: Waiting[] = []

  get warnings(): string[] {
    return this.lines.filter(({ level }) => level === 'warn').map(({ message }) => message)
  }

  /** The names of what is not answered. */
  get unanswered(): string[] {
    return this.#waiting.map(({ api }) => api)
  }

  /** How often that was sent. */
  count({ name }: { readonly name: string }): number {
    return this.history.filter(each => each === name).length
  }

  /** Takes the oldest request of that kind out; fails where there is none. */
  sent<Request extends object, Response extends object>({ name }: Api<Request, Response>): SentCall<Request> {
    const index = this.#waiting.findIndex(({ api }) => api === name)
    const [found] = index < 0 ? [] : this.#waiting.splice(index, 1)
    if (found === undefined) throw new Error(`no ${name} waits; ${this.unanswered.join() || 'nothing'} does`)
    return found as SentCall<Request>
  }

  override async call<Request extends object, Response extends object>(
    api: Api<Request, Response>,
    request: Request | ((version: number, link: never) => Request),
    options: CallOptions<Response> = {},
  ): Promise<Decoded<Response>> {
    if (typeof options.to === 'number') return await super.call(api, request as Request, options)
    const newest = this.versions.get(api.name) ?? api.versions.latestStable
    const version = Math.min(newest, options.maxVersion ?? newest)
    const link = { feature: () => 0 } as never
    const body = typeof request === 'function' ? request(version, link) : request
    this.history.push(api.name)
    const byItself = this.answers.get(api.name)
    const response =
      byItself === undefined ? this.#keep(api.name, body, version, options) : Promise.resolve(byItself(body as never))
    // What a reader of this response looks at is in the test's hands.
    const answer = (await response) as Decoded<Response>
    const found = options.errorCode?.(answer) ?? 0
    const { code, message } = typeof found === 'number' ? { code: found, message: undefined } : found
    if (code !== 0) throw errorOf(code, { api: api.name, message: message ?? null })
    return answer
  }

  #keep(api: string, body: unknown, version: number, { timeoutMs, signal }: CallOptions<never>): Promise<object> {
    return new Promise((resolve, reject) => {
      const call: Waiting = {
        api,
        body,
        version,
        answer: response => settle(() => resolve({ errorCode: 0, ...response })),
        refuse: (error, response) =>
          settle(() => resolve({ errorMessage: null, ...response, errorCode: codeOf(error) })),
        lose: () => settle(() => reject(new NetworkError('the connection broke'))),
      }
      const settle = (how: () => void): void => {
        timer?.cancel()
        this.#waiting = this.#waiting.filter(each => each !== call)
        how()
      }
      const late = (): void =>
        settle(() => reject(new TimeoutError(`${api} did not succeed within ${timeoutMs} ms`, { api })))
      const timer =
        timeoutMs === undefined || timeoutMs === Number.POSITIVE_INFINITY
          ? undefined
          : this.clock.timer(timeoutMs, late, { name: `answer to ${api}` })
      signal?.addEventListener('abort', () => settle(() => reject(signal.reason)))
      this.#waiting.push(call)
    })
  }
}

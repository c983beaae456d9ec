/**
 * A whole broker for tests of the handlers: in memory, on a clock that stands still, with clients that are nothing but a
 * stream and a codec. Requests of one client go out in the order of the calls and are answered in that order.
 */
import {
  type Api,
  BatchBuilder,
  type BatchClosing,
  batchesIn,
  createTopics,
  type Decoded,
  decodeResponse,
  encodeRequest,
  FrameSplitter,
  type Uuid,
} from '@samsa/protocol'
import { ManualClock, SeededRandom } from '@samsa/runtime'
import type { ByteStream } from '@samsa/runtime/internal'
import { type Broker, createBroker } from '../broker.js'
import { override } from '../log/test-log.js'
import type { BrokerOptions } from '../options.js'
import { MemoryListener } from '../server/listener.js'
import type { FileSystem } from '../storage/file-system.js'
import { MemoryFileSystem } from '../storage/memory.js'

export const NOW_MS: number = Date.UTC(2030, 0, 1)

export class TestClient {
  readonly #stream: ByteStream
  readonly #splitter = new FrameSplitter(64 * 1024 * 1024)
  readonly #waiting: { readonly resolve: (frame: Uint8Array) => void; readonly reject: (error: Error) => void }[] = []
  #isClosed = false

  constructor(stream: ByteStream) {
    this.#stream = stream
    stream.start({
      onData: chunk => {
        for (const frame of this.#splitter.push(chunk)) this.#waiting.shift()?.resolve(frame)
      },
      onDrain: () => {},
      onEnd: () => stream.end(),
      onClose: () => this.#ended(),
    })
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Requests that have no answer yet. */
  get waiting(): number {
    return this.#waiting.length
  }

  async request<Request extends object, Response extends object>(
    api: Api<Request, Response>,
    version: number,
    request: Request,
  ): Promise<Decoded<Response>> {
    this.send(api, version, request)
    const frame = await new Promise<Uint8Array>((resolve, reject) => {
      if (this.#isClosed) reject(new Error('the broker closed the connection'))
      else this.#waiting.push({ resolve, reject })
    })
    return decodeResponse(api, version, frame).body
  }

  /** For a request that has no answer. */
  send<Request extends object>(api: Api<Request>, version: number, request: Request): void {
    this.#stream.write(encodeRequest(api, request, { version, correlationId: 1, clientId: 'test' }))
  }

  close(): void {
    this.#stream.destroy()
    this.#ended()
  }

  #ended(): void {
    this.#isClosed = true
    for (const { reject } of this.#waiting.splice(0)) reject(new Error('the broker closed the connection'))
  }
}

export interface TestBroker {
  readonly broker: Broker
  readonly clock: ManualClock
  readonly fileSystem: FileSystem
  readonly client: TestClient
  connect(): TestClient
  /** Its id. */
  createTopic(name: string, partitions?: number, configs?: Readonly<Record<string, string>>): Promise<Uuid>
}

export async function startBroker(
  options: Omit<BrokerOptions, 'clock' | 'listener'> & { readonly clock?: ManualClock } = {},
): Promise<TestBroker> {
  const clock = options.clock ?? new ManualClock({ startMs: NOW_MS })
  const listener = new MemoryListener()
  const fileSystem = options.fileSystem ?? new MemoryFileSystem()
  const random = new SeededRandom('broker')
  const broker = await createBroker({ random, ...options, clock, listener, fileSystem })
  const connect = (): TestClient => new TestClient(listener.connect())
  const client = connect()
  return {
    broker,
    clock,
    fileSystem,
    client,
    connect,
    createTopic: (name, partitions = 1, configs = {}) => create(client, name, partitions, configs),
  }
}

async function create(
  client: TestClient,
  name: string,
  numPartitions: number,
  configs: Readonly<Record<string, string>>,
): Promise<Uuid> {
  const topic = {
    name,
    numPartitions,
    replicationFactor: 1,
    assignments: [],
    configs: Object.entries(configs).map(([config, value]) => ({ name: config, value })),
  }
  const { topics } = await client.request(createTopics, 7, { topics: [topic], timeoutMs: 1000, validateOnly: false })
  const created = topics[0]
  if (created?.errorCode !== 0) throw new Error(`the topic is not created: ${created?.errorMessage}`)
  return created.topicId
}

/** A batch whose records are a millisecond apart. */
export function batchOf(
  values: readonly string[],
  closing: BatchClosing & { readonly timestamp?: number } = {},
): Buffer {
  const { timestamp = NOW_MS, ...rest } = closing
  const builder = new BatchBuilder()
  values.forEach((value, index) => {
    builder.append(timestamp + index, `key-${index}`, value)
  })
  return builder.close(rest)
}

/** `offset=value` of all records. */
export function valuesIn(records: Uint8Array | null): string[] {
  const values: string[] = []
  for (const batch of batchesIn(records ?? new Uint8Array(0))) {
    batch.checkCrc()
    for (const cursor = batch.records(); cursor.next(); ) values.push(`${cursor.offset}=${cursor.valueText()}`)
  }
  return values
}

/** A file system on which syncs of files whose path has `part` in it take as long as `hold` says. */
export function slowDisk(part: string): {
  readonly fileSystem: FileSystem
  /** Syncs that begin from now on end when the result is called. */
  readonly hold: () => () => void
} {
  const disk = new MemoryFileSystem()
  let held: Promise<void> = Promise.resolve()
  const fileSystem = override<FileSystem>(disk, {
    open(path, options) {
      const handle = disk.open(path, options)
      if (!path.includes(part)) return handle
      return override(handle, { sync: () => held.then(() => handle.sync()) })
    },
  })
  const hold = (): (() => void) => {
    let release = (): void => undefined
    held = new Promise<void>(resolve => {
      release = resolve
    })
    return () => release()
  }
  return { fileSystem, hold }
}

/** All versions of a handler, for `test.each`. */
export function versionsOf(min: number, max: number): number[] {
  return Array.from({ length: max - min + 1 }, (_, index) => min + index)
}

/**
 * The network of one seed: a link for each client, which can be cut, be silent for a while, or be slow. What a link brings
 * keeps its order. Owner of the streams on it, of what is on its way over slow ones, and of the count by which a scenario
 * sees whether anything moves.
 */
import type { Address } from '@samsa/client'
import type { Clock, Timer } from '@samsa/runtime'
import type { ByteStream, ByteStreamSink } from '@samsa/runtime/internal'

type Transport = (address: Address) => Promise<ByteStream>

export class Network {
  /** Chunks, ends and connections that ever passed. */
  moved = 0
  readonly clock: Clock
  readonly #transport: Transport

  constructor(clock: Clock, transport: Transport) {
    this.clock = clock
    this.#transport = transport
  }

  connect(address: Address): Promise<ByteStream> {
    this.moved++
    return this.#transport(address)
  }
}

export class Link {
  readonly network: Network
  /** How long everything takes, each way. */
  delayMs = 0
  #state: 'open' | 'silent' | 'cut' = 'open'
  readonly #streams = new Set<LinkStream>()

  constructor(network: Network) {
    this.network = network
  }

  readonly transport: Transport = async address => {
    if (this.#state === 'cut') throw new Error('the link is cut')
    const stream = new LinkStream(this, await this.network.connect(address), over => this.#streams.delete(over))
    this.#streams.add(stream)
    return stream
  }

  get isSilent(): boolean {
    return this.#state === 'silent'
  }

  /** All connections end, and no new ones come about. */
  cut(): void {
    this.#state = 'cut'
    for (const stream of [...this.#streams]) stream.destroy(new Error('the link is cut'))
  }

  /** Nothing arrives, and nobody is told; what was sent arrives behind it. */
  silence(): void {
    this.#state = 'silent'
  }

  mend(): void {
    this.#state = 'open'
    this.delayMs = 0
    for (const stream of [...this.#streams]) stream.flow()
  }
}

/** One direction of a stream: what happened at one end happens at the other, later and in order. */
class Lane {
  readonly #link: Link
  readonly #waiting: { readonly dueAt: number; readonly arrive: () => void }[] = []
  #timer: Timer | undefined

  constructor(link: Link) {
    this.#link = link
  }

  send(arrive: () => void): void {
    const { delayMs, isSilent, network } = this.#link
    if (delayMs > 0 || isSilent || this.#waiting.length > 0) {
      this.#waiting.push({ dueAt: network.clock.monotonic() + delayMs, arrive })
      this.flow()
    } else this.#arrive(arrive)
  }

  flow(): void {
    this.#timer?.cancel()
    const { clock } = this.#link.network
    while (!this.#link.isSilent) {
      const next = this.#waiting[0]
      if (next === undefined) return
      const waitMs = next.dueAt - clock.monotonic()
      if (waitMs > 0) {
        this.#timer = clock.timer(waitMs, () => this.flow(), { name: 'lane' })
        return
      }
      this.#waiting.shift()
      this.#arrive(next.arrive)
    }
  }

  stop(): void {
    this.#waiting.length = 0
    this.#timer?.cancel()
  }

  #arrive(arrive: () => void): void {
    this.#link.network.moved++
    arrive()
  }
}

class LinkStream implements ByteStream {
  readonly peer: string
  readonly peerHost: string
  readonly local: ByteStream['local']
  readonly #stream: ByteStream
  readonly #out: Lane
  readonly #back: Lane
  readonly #onOver: (stream: LinkStream) => void
  #delayedBytes = 0
  #isDestroyed = false
  #sink: ByteStreamSink | undefined

  constructor(link: Link, stream: ByteStream, onOver: (stream: LinkStream) => void) {
    this.peer = stream.peer
    this.peerHost = stream.peerHost
    this.local = stream.local
    this.#stream = stream
    this.#out = new Lane(link)
    this.#back = new Lane(link)
    this.#onOver = onOver
  }

  get bufferedBytes(): number {
    return this.#delayedBytes + this.#stream.bufferedBytes
  }

  start(sink: ByteStreamSink): void {
    this.#sink = sink
    this.#stream.start({
      onData: chunk => this.#back.send(() => sink.onData(chunk)),
      onDrain: () => {
        if (this.#delayedBytes === 0) sink.onDrain()
      },
      onEnd: () => this.#back.send(() => sink.onEnd()),
      onClose: error => {
        if (this.#isDestroyed) this.#over(error)
        else this.#back.send(() => this.#over(error))
      },
    })
  }

  write(chunks: readonly Uint8Array[]): void {
    const bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
    this.#delayedBytes += bytes
    this.#out.send(() => {
      this.#delayedBytes -= bytes
      this.#stream.write(chunks)
    })
  }

  pause(): void {
    this.#stream.pause()
  }

  resume(): void {
    this.#stream.resume()
  }

  end(): void {
    this.#out.send(() => this.#stream.end())
  }

  destroy(error?: Error): void {
    this.#isDestroyed = true
    this.#out.stop()
    this.#back.stop()
    this.#stream.destroy(error)
  }

  /** What waited for the link goes on. */
  flow(): void {
    this.#out.flow()
    this.#back.flow()
  }

  #over(error: Error | undefined): void {
    this.#out.stop()
    this.#back.stop()
    this.#onOver(this)
    this.#sink?.onClose(error)
  }
}

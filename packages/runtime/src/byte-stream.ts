/**
 * ByteStream: what a connection asks of whatever carries its bytes, be it a socket or the other half of an in-process
 * pair. Bytes come to a sink as they arrive, writes are lists of chunks taken by reference, and both directions say
 * when they have had enough.
 *
 * Contract. The sink is told nothing before `start`, and nothing after `onClose`, which is told once, last, and never
 * inside a call to the stream. Chunks that were received belong to the sink; chunks that were written must not change
 * until `bufferedBytes` has come down to 0, or the stream has closed.
 */
export interface ByteStream {
  /** Who is at the other end, for logs: `127.0.0.1:50112`, `memory:3`. */
  readonly peer: string
  /** The other end's address without the port, by which connections are counted. */
  readonly peerHost: string
  /** This end, as the peer sees it. */
  readonly local: { readonly host: string; readonly port: number }
  /** Begins to deliver. Called once. */
  start(sink: ByteStreamSink): void
  /** Sends all chunks, in order, with as few system calls as possible. After the end or the close it does nothing. */
  write(chunks: readonly Uint8Array[]): void
  /** Bytes that were written and that the peer's side has not taken yet. */
  readonly bufferedBytes: number
  /** Stops delivery, soon: what is on its way may still come. What the peer sends stays with it after a while. */
  pause(): void
  resume(): void
  /** No more writes: what is written goes out, then the peer sees the end. Its bytes still come. */
  end(): void
  /** Closes both directions at once and drops what was not sent. */
  destroy(error?: Error): void
}

export interface ByteStreamSink {
  onData(chunk: Uint8Array): void
  /** Where the next bytes may be put: they are told as the beginning of it. A stream that has them already does not ask. */
  room?(): Buffer
  /** `bufferedBytes` has come down to 0 after a write that left some. */
  onDrain(): void
  /** The peer will send nothing more; it may still read. */
  onEnd(): void
  /** It is over, by an error or in peace. */
  onClose(error: Error | undefined): void
}

import { SeededRandom } from '@samsa/runtime'
import { describe, expect, test } from 'vitest'
import { ProtocolError } from '../protocol-error.js'
import { type FrameBuffers, FrameSplitter } from './frame.js'

const MAX_BYTES = 100 * 1024 * 1024

function frame(body: Uint8Array): Buffer {
  const length = Buffer.alloc(4)
  length.writeInt32BE(body.length)
  return Buffer.concat([length, body])
}

function announced(length: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(length)
  return bytes
}

function texts(frames: readonly Uint8Array[]): string[] {
  return frames.map(bytes => Buffer.from(bytes).toString('latin1'))
}

function problem(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  return undefined
}

describe('FrameSplitter', () => {
  const bodies = ['', 'a', 'four', 'a longer one', '', '', 'last']
  const stream = Buffer.concat(bodies.map(body => frame(Buffer.from(body))))

  test('hands out all frames of one chunk, in order, empty ones too', () => {
    const splitter = new FrameSplitter(MAX_BYTES)
    expect(texts(splitter.push(stream))).toEqual(bodies)
    expect(splitter.pending).toBe(0)
  })

  test('takes one byte at a time', () => {
    const splitter = new FrameSplitter(MAX_BYTES)
    const frames = [...stream].flatMap(byte => splitter.push(Uint8Array.of(byte)))
    expect(texts(frames)).toEqual(bodies)
    expect(splitter.pending).toBe(0)
  })

  test('does not care where the stream is cut, be it twice', () => {
    for (let first = 0; first <= stream.length; first++) {
      for (let second = first; second <= stream.length; second++) {
        const splitter = new FrameSplitter(MAX_BYTES)
        const chunks = [stream.subarray(0, first), stream.subarray(first, second), stream.subarray(second)]
        expect(texts(chunks.flatMap(chunk => splitter.push(chunk)))).toEqual(bodies)
      }
    }
  })

  test('reads a chunk that is part of a larger buffer', () => {
    const around = Buffer.concat([Buffer.from('junk'), stream, Buffer.from('junk')])
    const splitter = new FrameSplitter(MAX_BYTES)
    expect(texts(splitter.push(around.subarray(4, 4 + stream.length)))).toEqual(bodies)
  })

  test('puts frames of all sizes together again, however they arrive', () => {
    const random = new SeededRandom('frames')
    const sizes = [0, 1, 65_535, 65_536, 65_537, 200_000, ...Array.from({ length: 60 }, () => random.integer(0, 3000))]
    const sent = sizes.map(size => Buffer.from(random.bytes(size)))
    const bytes = Buffer.concat(sent.map(frame))
    const splitter = new FrameSplitter(MAX_BYTES)
    const received: Uint8Array[] = []
    for (let at = 0; at < bytes.length; ) {
      const size = random.integer(0, 2) === 0 ? random.integer(1, 10) : random.integer(1, 20_000)
      received.push(...splitter.push(bytes.subarray(at, at + size)))
      at += size
    }
    expect(received.map(body => body.length)).toEqual(sizes)
    // Compared at the end: no frame may be overwritten by those behind it.
    expect(received.every((body, index) => Buffer.compare(body, sent[index] ?? Buffer.alloc(0)) === 0)).toBe(true)
  })

  test('hands out a frame that lies whole in a chunk without copying it', () => {
    const chunk = frame(Buffer.from('whole'))
    const [whole] = new FrameSplitter(MAX_BYTES).push(chunk)
    chunk[4] = 'W'.charCodeAt(0)
    expect(texts(whole === undefined ? [] : [whole])).toEqual(['Whole'])
  })

  test('keeps its own copy of an unfinished frame, since the caller may reuse the chunk', () => {
    const splitter = new FrameSplitter(MAX_BYTES)
    const chunk = frame(Buffer.from('copy'))
    const start = chunk.subarray(0, 6)
    expect(splitter.push(start)).toEqual([])
    start.fill(0)
    expect(texts(splitter.push(Buffer.from('py')))).toEqual(['copy'])
  })

  test('tells how many bytes of an unfinished frame it holds', () => {
    const splitter = new FrameSplitter(MAX_BYTES)
    const whole = frame(Buffer.from('pending'))
    const pending = [...whole].map(byte => {
      splitter.push(Uint8Array.of(byte))
      return splitter.pending
    })
    expect(pending).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0])
  })

  test('takes a frame of the size allowed and refuses one that is a byte larger', () => {
    expect(new FrameSplitter(8).push(frame(Buffer.alloc(8)))).toHaveLength(1)
    for (const cut of [4, 2]) {
      const splitter = new FrameSplitter(8)
      const length = announced(9)
      expect(splitter.push(length.subarray(0, 4 - cut))).toEqual([])
      const error = problem(() => splitter.push(length.subarray(4 - cut)))
      expect(error).toBeInstanceOf(ProtocolError)
      expect(error).toMatchObject({ code: 'INVALID_REQUEST', where: 'length' })
      expect(String(error)).toContain('9 bytes, more than the 8 allowed')
    }
  })

  test.each([-1, -2, -(2 ** 31)])('refuses a length of %i', length => {
    expect(problem(() => new FrameSplitter(MAX_BYTES).push(announced(length)))).toBeInstanceOf(ProtocolError)
    const splitter = new FrameSplitter(MAX_BYTES)
    splitter.push(announced(length).subarray(0, 3))
    expect(problem(() => splitter.push(announced(length).subarray(3)))).toBeInstanceOf(ProtocolError)
  })

  test('costs little when a peer announces 100 MB and sends 10 bytes', () => {
    const before = process.memoryUsage().arrayBuffers
    const splitters = Array.from({ length: 50 }, () => {
      const splitter = new FrameSplitter(MAX_BYTES)
      expect(splitter.push(Buffer.concat([announced(MAX_BYTES), Buffer.alloc(10)]))).toEqual([])
      return splitter
    })
    const each = (process.memoryUsage().arrayBuffers - before) / splitters.length
    expect(splitters.map(splitter => splitter.pending)).toEqual(splitters.map(() => 14))
    expect(each).toBeLessThan(128 * 1024)
  })

  test('takes memory as a large frame arrives: a mebibyte, then at most twice of what has come', () => {
    const buffers = countingBuffers()
    const splitter = new FrameSplitter(MAX_BYTES, buffers)
    splitter.push(announced(MAX_BYTES))
    const chunk = Buffer.alloc(64 * 1024)
    for (let sent = 0; sent < 5 * 1024 * 1024; sent += chunk.length) {
      splitter.push(chunk)
      expect(buffers.out).toBeLessThanOrEqual(Math.max(1024 * 1024, 2 * (sent + chunk.length)))
    }
    expect(splitter.pending).toBe(buffers.out + 4)
  })

  test('moves a frame of some mebibytes once more at most where the peer is trusted to send what it announces', () => {
    const mebibyte = 1024 * 1024
    const buffers = countingBuffers()
    const splitter = new FrameSplitter(100 * mebibyte, buffers, 8)
    const [whole] = [...pieces(frame(Buffer.alloc(6 * mebibyte, 7)), 64 * 1024)].flatMap(piece => splitter.push(piece))
    expect(whole?.length).toBe(6 * mebibyte)
    expect(buffers.taken).toEqual([64 * 1024, mebibyte, 6 * mebibyte])
  })

  test('gives back what a frame has outgrown, and takes one buffer for a frame that fits a mebibyte', () => {
    const buffers = countingBuffers()
    const splitter = new FrameSplitter(MAX_BYTES, buffers)
    const [whole] = [...pieces(frame(Buffer.alloc(300_000, 7)), 64 * 1024)].flatMap(piece => splitter.push(piece))
    expect(whole).toEqual(Buffer.alloc(300_000, 7))
    expect(buffers.taken).toEqual([64 * 1024, 300_000])
    expect(buffers.out).toBe(300_000)
  })

  test('takes what was received in its room, whatever sizes frames and reads have', () => {
    const random = new SeededRandom('room')
    const sizes = [0, 1, 65_531, 65_532, 65_533, 65_536, 65_537, 200_000, 3_000_000, 5]
    for (let count = 0; count < 200; count++) sizes.push(random.integer(0, 3000))
    const sent = sizes.map(size => Buffer.from(random.bytes(size)))
    const bytes = Buffer.concat(sent.map(frame))
    const splitter = new FrameSplitter(MAX_BYTES, undefined, 128)
    const received: Uint8Array[] = []
    for (let at = 0; at < bytes.length; ) {
      const room = splitter.room()
      expect(room.length).toBeGreaterThan(0)
      const most = random.integer(0, 2) === 0 ? random.integer(1, 10) : random.integer(1, 100_000)
      const size = bytes.copy(room, 0, at, Math.min(bytes.length, at + most))
      received.push(...splitter.push(room.subarray(0, size)))
      at += size
    }
    expect(splitter.pending).toBe(0)
    expect(received.map(body => body.length)).toEqual(sizes)
    // Compared at the end: no frame may be overwritten by those behind it.
    expect(received.every((body, index) => Buffer.compare(body, sent[index] ?? Buffer.alloc(0)) === 0)).toBe(true)
  })

  test('gives the rest of a large frame as room, so that it is received where it lies', () => {
    const splitter = new FrameSplitter(MAX_BYTES, undefined, 128)
    const body = Buffer.alloc(3_000_000, 7)
    const bytes = frame(body)
    const rooms: Buffer[] = []
    const received: Uint8Array[] = []
    for (let at = 0; at < bytes.length; ) {
      const room = splitter.room()
      rooms.push(room)
      const size = bytes.copy(room, 0, at)
      received.push(...splitter.push(room.subarray(0, size)))
      at += size
    }
    expect(received.map(whole => body.equals(whole))).toEqual([true])
    expect(rooms.at(-1)?.buffer).toBe(received[0]?.buffer)
    expect(rooms.at(-1)?.length).toBeGreaterThan(body.length - 128 * 1024)
  })

  test('small frames share their room', () => {
    const splitter = new FrameSplitter(MAX_BYTES)
    const memories = new Set<ArrayBufferLike>()
    for (let count = 0; count < 100; count++) {
      const room = splitter.room()
      const [received] = splitter.push(room.subarray(0, frame(Buffer.alloc(100, count)).copy(room)))
      expect(received).toEqual(Buffer.alloc(100, count))
      memories.add(room.buffer)
    }
    expect(memories.size).toBe(1)
  })

  test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses to be made with a limit of %d', maxBytes => {
    expect(() => new FrameSplitter(maxBytes)).toThrow(RangeError)
  })
})

/** Knows the sizes that were taken, and how much was not given back. */
function countingBuffers(): FrameBuffers & { readonly taken: number[]; out: number } {
  return {
    taken: [],
    out: 0,
    take(bytes) {
      this.taken.push(bytes)
      this.out += bytes
      return Buffer.allocUnsafe(bytes)
    },
    give(buffer) {
      this.out -= buffer.length
    },
  }
}

function* pieces(bytes: Buffer, size: number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

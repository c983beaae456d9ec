/**
 * A consumer that asks for much and reads slowly: fetches of 50 MiB over a socket that is read at a fixed rate, while the
 * broker's memory is watched.
 */
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { parseAddress } from '@samsa/client'
import { batchesIn, decodeResponse, encodeRequest, errorByCode, FrameSplitter, fetch } from '@samsa/protocol'
import { residentMebibytes } from './brokers.mjs'

const FETCH_VERSION = 12
const FETCH_BYTES = 50 * 1024 * 1024
const MAX_FRAME_BYTES = 128 * 1024 * 1024
const SAMPLE_MS = 100

/** Reads a topic's partition 0 up to `endOffset`; resolves to the broker's resident memory before, most and after, in MiB. */
export async function readSlowly({ address, processId, topic, endOffset, bytesPerSecond }) {
  const before = residentMebibytes(processId)
  let most = before
  const sampling = setInterval(() => {
    most = Math.max(most, residentMebibytes(processId))
  }, SAMPLE_MS)
  const socket = connect(parseAddress(address))
  try {
    await readAll(socket, topic, endOffset, bytesPerSecond)
  } finally {
    clearInterval(sampling)
    socket.destroy()
  }
  return { before, most, after: residentMebibytes(processId) }
}

async function readAll(socket, topic, endOffset, bytesPerSecond) {
  const splitter = new FrameSplitter(MAX_FRAME_BYTES)
  const startedAt = performance.now()
  let bytes = 0
  let offset = ask(socket, topic, 0)
  for await (const chunk of socket) {
    bytes += chunk.length
    for (const frame of splitter.push(chunk)) {
      offset = offsetBehind(frame, offset)
      if (offset >= endOffset) return
      ask(socket, topic, offset)
    }
    const aheadMs = (bytes * 1000) / bytesPerSecond - (performance.now() - startedAt)
    if (aheadMs > 1) await pause(aheadMs)
  }
  throw new Error(`the broker closed the connection at offset ${offset}`)
}

function ask(socket, topic, offset) {
  const partitions = [{ partition: 0, fetchOffset: BigInt(offset), partitionMaxBytes: FETCH_BYTES }]
  const request = { maxWaitMs: 500, minBytes: 1, maxBytes: FETCH_BYTES, topics: [{ topic, partitions }], rackId: '' }
  for (const chunk of encodeRequest(fetch, request, { version: FETCH_VERSION, correlationId: 1, clientId: 'slow' }))
    socket.write(chunk)
  return offset
}

function offsetBehind(frame, offset) {
  const { body } = decodeResponse(fetch, FETCH_VERSION, frame)
  const found = body.responses[0]?.partitions[0]
  if (found?.errorCode !== 0)
    throw new Error(`fetch at ${offset}: ${errorByCode(found?.errorCode ?? body.errorCode).name}`)
  let next = offset
  for (const batch of batchesIn(found.records ?? new Uint8Array(0))) next = batch.lastOffset + 1
  return next
}

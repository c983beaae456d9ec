import { describe, expect, test } from 'vitest'
import { decodeRequest, decodeResponse, encodeRequest, encodeResponse, openRequest } from './envelope.js'
import { apiVersions, heartbeat, produce } from './messages/index.js'
import { ProtocolError } from './protocol-error.js'
import { FrameSplitter } from './wire/frame.js'

const request = { groupId: 'g', generationId: 5, memberId: 'm' }
const options = { version: 4, correlationId: 7, clientId: 'c' }

/** The frame without its length, which must be right. */
function unframed(chunks: readonly Uint8Array[]): Buffer {
  const [frame, ...rest] = new FrameSplitter(1_000_000).push(Buffer.concat(chunks))
  if (frame === undefined || rest.length > 0) throw new Error('not one frame')
  return Buffer.from(frame)
}

function refusal(run: () => unknown): ProtocolError {
  try {
    run()
  } catch (error) {
    if (error instanceof ProtocolError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

describe('requests', () => {
  test('are length, header and body', () => {
    expect(Buffer.concat(encodeRequest(heartbeat, request, options)).toString('hex')).toBe(
      '00000016 000c 0004 00000007 0001 63 00 0267 00000005 026d 00 00'.replaceAll(' ', ''),
    )
  })

  test('are opened before their body is read', () => {
    const opened = openRequest(unframed(encodeRequest(heartbeat, request, options)))
    expect(opened.api).toBe(heartbeat)
    expect(opened.header).toEqual({ apiKey: 12, apiVersion: 4, correlationId: 7, clientId: 'c' })
    expect(decodeRequest(heartbeat, 4, opened.body)).toEqual({ ...request, groupInstanceId: null })
  })

  test('keep large bytes out of the copy, and the length counts them', () => {
    const records = new Uint8Array(5000).fill(1)
    const partition = { index: 0, records }
    const message = { acks: 1, timeoutMs: 2, topicData: [{ name: 't', partitionData: [partition] }] }
    const chunks = encodeRequest(produce, message, { ...options, version: 9 })
    expect(chunks).toContain(records)
    const opened = openRequest(unframed(chunks))
    const decoded = decodeRequest(produce, 9, opened.body)
    expect(decoded.topicData[0]?.partitionData[0]?.records).toEqual(Buffer.from(records))
  })

  test('of a key that nobody knows are refused, retired ones too', () => {
    for (const key of ['0004', '0007', 'ffff', '7fff']) {
      const error = refusal(() => openRequest(Buffer.from(`${key}000000000007ffff`, 'hex')))
      expect(error).toMatchObject({ code: 'INVALID_REQUEST', what: 'request header' })
    }
  })

  test('of a version that nobody knows can be opened, since ApiVersions must be answered, but not decoded', () => {
    const opened = openRequest(Buffer.from('0012 0063 00000007 0001 63 00 ff'.replaceAll(' ', ''), 'hex'))
    expect(opened.header).toEqual({ apiKey: 18, apiVersion: 99, correlationId: 7, clientId: 'c' })
    const error = refusal(() => decodeRequest(apiVersions, 99, opened.body))
    expect(error.message).toBe('ApiVersions at apiVersion: version 99 is none of 0 to 4')
    expect(error.code).toBe('UNSUPPORTED_VERSION')
  })

  test('with bytes behind their end are refused', () => {
    const frame = Buffer.concat([unframed(encodeRequest(heartbeat, request, options)), Buffer.of(1, 2)])
    expect(refusal(() => decodeRequest(heartbeat, 4, openRequest(frame).body)).why).toBe(
      '2 bytes are left over behind version 4',
    )
  })

  test('that are too short for a header are refused', () => {
    for (const hex of ['', '00', '0012', '00120003', '001200030000', '0012000300000007', '001200030000000700']) {
      refusal(() => openRequest(Buffer.from(hex, 'hex')))
    }
  })
})

describe('responses', () => {
  const response = { throttleTimeMs: 1, errorCode: 27 }

  test('are length, header and body', () => {
    expect(Buffer.concat(encodeResponse(heartbeat, response, options)).toString('hex')).toBe(
      '0000000c0000000700000000 01001b00'.replace(' ', ''),
    )
    expect(decodeResponse(heartbeat, 4, unframed(encodeResponse(heartbeat, response, options)))).toEqual({
      header: { correlationId: 7 },
      body: response,
    })
  })

  test('to ApiVersions have no tags in their header, even where the body has', () => {
    const body = { errorCode: 35, apiKeys: [] }
    const frame = unframed(encodeResponse(apiVersions, body, { version: 3, correlationId: 7 }))
    expect(frame.toString('hex')).toBe('00000007 0023 01 00000000 00'.replaceAll(' ', ''))
    expect(decodeResponse(apiVersions, 3, frame).body.errorCode).toBe(35)
  })

  test('with bytes behind their end are refused', () => {
    const frame = Buffer.concat([unframed(encodeResponse(heartbeat, response, options)), Buffer.of(0)])
    expect(refusal(() => decodeResponse(heartbeat, 4, frame)).why).toBe('1 bytes are left over behind version 4')
  })
})

describe('the elements of a request', () => {
  const topicData = [1, 2, 3].map(count => ({
    name: 't',
    partitionData: Array.from({ length: count }, (_, index) => ({ index, records: null })),
  }))
  const chunks = encodeRequest(produce, { acks: 1, timeoutMs: 1, topicData }, { ...options, version: 12 })

  test('are those of all arrays together', () => {
    const { api, body } = openRequest(unframed(chunks), { maxElements: 9 })
    expect(decodeRequest(api, 12, body)).toMatchObject({ acks: 1, topicData })
    expect(body.elements).toBe(9)
  })

  test('are refused where they are more than allowed, before one is made', () => {
    const refused = (maxElements: number): string =>
      refusal(() => decodeRequest(produce, 12, openRequest(unframed(chunks), { maxElements }).body)).why
    expect(refused(8)).toBe('9 elements, more than the 8 allowed')
    expect(refused(2)).toBe('3 elements, more than the 2 allowed')
  })

  test('are tagged fields as well', () => {
    const unknownTags = [1, 2, 3].map(tag => ({ tag, data: new Uint8Array(0) }))
    const frame = unframed(encodeRequest(heartbeat, { ...request, unknownTags }, options))
    expect(refusal(() => decodeRequest(heartbeat, 4, openRequest(frame, { maxElements: 2 }).body)).why).toContain(
      '3 elements',
    )
  })
})

describe('a version outside of the range', () => {
  test.each([-1, 5, 1.5, Number.NaN])('%d is refused in every direction', version => {
    const frame = Buffer.alloc(20)
    for (const run of [
      () => encodeRequest(heartbeat, request, { ...options, version }),
      () => encodeResponse(heartbeat, { errorCode: 0 }, { version, correlationId: 1 }),
      () => decodeResponse(heartbeat, version, frame),
    ]) {
      expect(refusal(run).code).toBe('UNSUPPORTED_VERSION')
    }
  })
})

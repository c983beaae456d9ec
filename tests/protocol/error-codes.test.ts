/** The error table against the Java client's: every code, its name, and whether a client retries. */
import { readFileSync } from 'node:fs'
import { errorByCode, errorByName, errorCodes, errorOf, type Reaction } from '@samsa/protocol'
import { AuthenticationError, AuthorizationError, FencedError, ProducerFencedError, TimeoutError } from '@samsa/runtime'
import { describe, expect, test } from 'vitest'

const REACTIONS: Record<string, Reaction> = {
  none: 'none',
  retriable: 'retry',
  metadata: 'refresh',
  'refresh-coordinator': 'find-coordinator',
}

/** Where a client must do other than what the class of Java's exception says, and why. */
const DELIBERATE: Record<string, string> = {
  NOT_CONTROLLER: 'the controller is found through metadata',
  STALE_MEMBER_EPOCH: 'the epoch arrives with the next heartbeat, then the request passes',
  REBOOTSTRAP_REQUIRED: 'not an answer to the caller: metadata starts again from the bootstrap servers',
  DUPLICATE_SEQUENCE_NUMBER: 'the batch is there: a success whose offset is not known',
}

const java = readFileSync(new URL('../golden/error-codes.txt', import.meta.url), 'utf8')
  .split('\n')
  .filter(line => line !== '' && !line.startsWith('#'))
  .map(line => {
    const [code, name, retry] = line.split('\t')
    return { code: Number(code), name: name ?? '', reaction: REACTIONS[retry ?? ''] }
  })

describe('error codes', () => {
  test('are those of Kafka, by number and name', () => {
    expect(errorCodes.map(({ code, name }) => ({ code, name }))).toEqual(java.map(({ code, name }) => ({ code, name })))
  })

  test('retry where the Java client retries, but for the named exceptions', () => {
    const retries = new Set<Reaction | undefined>(['none', 'retry', 'refresh', 'find-coordinator'])
    const differing = java.filter(({ code, reaction }) => {
      const ours = errorByCode(code).reaction
      return reaction === undefined ? retries.has(ours) : ours !== reaction
    })
    expect(differing.map(({ name }) => name).sort()).toEqual(Object.keys(DELIBERATE).sort())
  })

  test('have a sentence each', () => {
    for (const { name, text } of errorCodes) expect(text, name).toMatch(/^[A-Za-z].{8,}\.$/)
  })

  test('are found by name, and an unknown number counts as an unknown server error', () => {
    expect(errorByName('NOT_COORDINATOR')?.code).toBe(16)
    expect(errorByCode(9999).name).toBe('UNKNOWN_SERVER_ERROR')
    expect(errorOf(9999).message).toContain('9999')
  })

  test('become errors that say what failed and whether to try again', () => {
    const error = errorOf(6, { topic: 'orders', partition: 2, api: 'Produce', message: 'moved to 3' })
    expect(error).toMatchObject({
      code: 'NOT_LEADER_OR_FOLLOWER',
      retriable: true,
      topic: 'orders',
      partition: 2,
      api: 'Produce',
    })
    expect(error.message).toContain('moved to 3')
    expect(errorOf(47)).toMatchObject({ code: 'INVALID_PRODUCER_EPOCH', retriable: false, fatal: true })
    expect(errorOf(120)).toMatchObject({ retriable: false, abortable: true })
  })

  test('are of the class that users catch, with the code that the broker sent', () => {
    expect(errorOf(7)).toBeInstanceOf(TimeoutError)
    expect(errorOf(29)).toBeInstanceOf(AuthorizationError)
    expect(errorOf(29).code).toBe('TOPIC_AUTHORIZATION_FAILED')
    expect(errorOf(58)).toBeInstanceOf(AuthenticationError)
    expect(errorOf(90)).toBeInstanceOf(ProducerFencedError)
    expect(errorOf(82)).toBeInstanceOf(FencedError)
    expect(errorOf(82).code).toBe('FENCED_INSTANCE_ID')
    for (const { code, name } of errorCodes) expect(errorOf(code).code).toBe(name)
  })
})

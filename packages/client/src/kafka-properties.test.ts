import { describe, expect, test } from 'vitest'
import { clientTable } from './client-options.js'
import { optionsFromProperties } from './kafka-properties.js'

describe("Kafka's properties", () => {
  test('of a secured client become options', () => {
    const text = [
      'bootstrap.servers=a:9092,b:9092',
      'security.protocol=SASL_SSL',
      'sasl.mechanism=SCRAM-SHA-512',
      'sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required \\',
      '  username="ann" password="a \\\\"word\\\\"";',
      'request.timeout.ms=5000',
    ].join('\n')
    expect(optionsFromProperties(clientTable, text)).toEqual({
      bootstrapServers: ['a:9092', 'b:9092'],
      securityProtocol: 'SASL_SSL',
      sasl: { mechanism: 'SCRAM-SHA-512', username: 'ann', password: 'a "word"' },
      requestTimeoutMs: 5000,
    })
  })

  test("in librdkafka's words too", () => {
    const properties = {
      'metadata.broker.list': 'a:9092',
      'security.protocol': 'sasl_plaintext',
      'sasl.mechanisms': 'PLAIN',
      'sasl.username': 'ann',
      'sasl.password': 'secret',
    }
    expect(optionsFromProperties(clientTable, properties)).toEqual({
      bootstrapServers: ['a:9092'],
      securityProtocol: 'SASL_PLAINTEXT',
      sasl: { mechanism: 'PLAIN', username: 'ann', password: 'secret' },
    })
  })

  test('that say half of it are refused, and no secret is told', () => {
    const half = {
      'bootstrap.servers': 'a:9092',
      'sasl.mechanism': 'PLAIN',
      'sasl.jaas.config': 'x required password="hush";',
    }
    expect(() => optionsFromProperties(clientTable, half)).toThrow(/username/)
    expect(() => optionsFromProperties(clientTable, half)).not.toThrow(/hush/)
    expect(() => optionsFromProperties(clientTable, { ...half, 'sasl.mechanism': 'GSSAPI' })).toThrow(
      /GSSAPI cannot be given/,
    )
  })
})

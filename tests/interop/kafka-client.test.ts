/**
 * The client against a real Kafka, which SAMSA_KAFKA_BIN starts, over every security protocol: administration, calls that
 * find their broker, and sessions that end and are renewed while calls go on.
 */
import { Admin, Client, type ClientOptions, TopicsError } from '@samsa/client'
import { leaveGroup, metadata } from '@samsa/protocol'
import { systemClock } from '@samsa/runtime'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../behaviour/eventually.js'
import { KafkaProcess } from '../differential/kafka-process.js'
import { isInstalled } from './program.js'

const LAUNCHER = process.env['SAMSA_KAFKA_BIN'] ?? ''
/** Kafka refuses a login less than a second after the one before. */
const SESSION_MS = 2_000
const MECHANISM = 'SCRAM-SHA-512'
const credentials = { mechanism: MECHANISM, username: 'admin', password: 'admin-secret' } as const

function reasonToSkip(): string | undefined {
  if (LAUNCHER === '') return 'needs SAMSA_KAFKA_BIN'
  return isInstalled('openssl', 'version') ? undefined : 'needs openssl'
}

const REASON = reasonToSkip()

describe.skipIf(REASON !== undefined)(`a client of a real Kafka${REASON === undefined ? '' : ` (${REASON})`}`, () => {
  let kafka: KafkaProcess

  beforeAll(async () => {
    kafka = await KafkaProcess.start(LAUNCHER, [`connections.max.reauth.ms=${SESSION_MS}`], { sasl: true, tls: true })
  }, 120_000)
  afterAll(() => kafka?.stop())

  function optionsOf(securityProtocol: NonNullable<ClientOptions['securityProtocol']>): ClientOptions {
    const names = { PLAINTEXT: 'plain', SSL: 'tls', SASL_PLAINTEXT: 'sasl', SASL_SSL: 'saslOverTls' } as const
    const { host, port } = kafka.listener(names[securityProtocol])
    return {
      bootstrapServers: `${host}:${port}`,
      clientId: 'tests',
      securityProtocol,
      sasl: securityProtocol.startsWith('SASL') ? credentials : undefined,
      tls: securityProtocol.endsWith('SSL') ? { ca: kafka.certificate('ca.pem') } : undefined,
    }
  }

  test.each(['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'] as const)('administers it (%s)', async protocol => {
    await using admin = new Admin(optionsOf(protocol))
    const name = `made-over-${protocol}`
    const [made] = await admin.createTopics([{ name, partitions: 3 }])
    expect(made).toMatchObject({ name, partitions: 3, replicationFactor: 1 })
    const described = await eventually(() => admin.describeTopics([name]).catch(() => undefined))
    expect(described[0]).toMatchObject({ id: made?.id, partitions: [{ leader: 1 }, { leader: 1 }, { leader: 1 }] })
    const again = admin.createTopics([{ name }, { name: 'no/such' }])
    const error: unknown = await again.catch(reason => reason)
    expect(error).toBeInstanceOf(TopicsError)
    expect(error instanceof TopicsError && [...error.errors.values()].map(({ code }) => code)).toEqual([
      'TOPIC_ALREADY_EXISTS',
      'INVALID_TOPIC_EXCEPTION',
    ])
    expect((await admin.describeCluster()).nodes).toHaveLength(1)
    await admin.deleteTopics([name])
    const isGone = async () => (await admin.listTopics()).every(topic => topic.name !== name) || undefined
    expect(await eventually(isGone)).toBe(true)
  })

  test('finds the coordinator of a group', async () => {
    await using client = new Client(optionsOf('PLAINTEXT'))
    // Not a heartbeat: while the coordinator loads its log, Kafka answers those as if all were well.
    const call = client.call(
      leaveGroup,
      { groupId: 'g', members: [{ memberId: 'm', groupInstanceId: null }] },
      { to: { group: 'g' }, errorCode: ({ errorCode, members }) => errorCode || (members[0]?.errorCode ?? 0) },
    )
    await expect(call).rejects.toMatchObject({ code: 'UNKNOWN_MEMBER_ID' })
  })

  test('says who it is again before each session ends, and no call notices', async () => {
    await using client = new Client(optionsOf('SASL_PLAINTEXT'))
    await client.metadata.known()
    const link = client.link(1, 'other')
    const failures: unknown[] = []
    const startedAt = systemClock.monotonic()
    while (systemClock.monotonic() - startedAt < 3 * SESSION_MS) {
      await client.call(metadata, { topics: [] }, { to: 1 })
      if (link.failure !== undefined) failures.push(link.failure)
    }
    expect(failures).toEqual([])
  })

  test('is told at once when it is not who it says', async () => {
    const options = { ...optionsOf('SASL_SSL'), sasl: { ...credentials, password: 'guessed' } }
    await using client = new Client(options)
    await expect(client.call(metadata, { topics: [] })).rejects.toMatchObject({ code: 'SASL_AUTHENTICATION_FAILED' })
    await expect(client.metadata.topicOf('any')).rejects.toMatchObject({ code: 'SASL_AUTHENTICATION_FAILED' })
  })
})

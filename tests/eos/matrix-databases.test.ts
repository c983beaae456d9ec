/**
 * The matrix on database servers: each has a sample of the steps, drawn from the seed, and all of them with SAMSA_MATRIX=all
 * (`soak.mjs`). The server is a real one, and stays up while processes are killed.
 */
import { createTestBroker, type TestBroker } from '@samsa/broker/testing'
import { SeededRandom } from '@samsa/runtime'
import { createPool } from 'mysql2/promise'
import pg from 'pg'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { reasonAgainstMariaDb, startMariaDb } from '../databases/mariadb-server.js'
import { reasonAgainstPostgres, startPostgres } from '../databases/postgres-server.js'
import { reasonAgainstRedis, startRedis } from '../databases/redis-server.js'
import type { ServerProcess } from '../databases/server-process.js'
import { temporaryFolder } from '../interop/temporary-folder.js'
import { openBank, type StorePlace } from './matrix/banks.mjs'
import { playSeeds } from './matrix/lives.js'
import { schemes } from './matrix/schemes.mjs'

const SEED = process.env['SAMSA_MATRIX_SEED'] ?? 'money'
const SAMPLE = process.env['SAMSA_MATRIX'] === 'all' ? Number.POSITIVE_INFINITY : 2
const START_MS = 90_000
const LIMIT_MS = 300_000

const folder = temporaryFolder()
let kafka: TestBroker
let databases = 0

interface Started {
  readonly server: ServerProcess
  /** One that nothing is in. */
  place(): Promise<StorePlace>
}

async function postgres(): Promise<Started> {
  const { server, connection } = await startPostgres()
  const place = async () => {
    const database = `matrix${databases++}`
    const pool = new pg.Pool({ ...connection, max: 1 })
    await pool.query(`CREATE DATABASE ${database}`)
    await pool.end()
    return { kind: 'postgres', connection: { ...connection, database } }
  }
  return { server, place }
}

async function mariadb(): Promise<Started> {
  const { server, connection } = await startMariaDb()
  const place = async () => {
    const database = `matrix${databases++}`
    const pool = createPool({ ...connection, connectionLimit: 1 })
    await pool.query(`CREATE DATABASE ${database}`)
    await pool.end()
    return { kind: 'mariadb', connection: { ...connection, database } }
  }
  return { server, place }
}

async function redis(): Promise<Started> {
  const { server, connection } = await startRedis()
  return {
    server,
    place: async () => {
      const number = databases++
      return { kind: 'redis', connection: { ...connection, db: number % 16 }, path: `${folder.path}/${number}.db` }
    },
  }
}

const servers = [
  { name: 'postgres', reason: reasonAgainstPostgres, start: postgres },
  { name: 'mariadb', reason: reasonAgainstMariaDb, start: mariadb },
  { name: 'redis', reason: reasonAgainstRedis, start: redis },
]

beforeAll(async () => {
  // libsql cannot be loaded by this thread any more when it has talked to the others.
  await (await openBank({ kind: 'sqlite', path: `${folder.path}/first.db` })).close()
  kafka = await createTestBroker({ properties: { 'group.initial.rebalance.delay.ms': '0' } })
})

afterAll(async () => {
  await kafka.close()
  folder.remove()
})

describe.each(servers)('$name', ({ name, reason, start }) => {
  const random = new SeededRandom(`${SEED} ${name}`)
  const all = Object.entries(schemes).flatMap(([scheme, { steps, stores }]) =>
    stores.includes(name) ? steps.map(step => ({ scheme, step })) : [],
  )
  const sample = Array.from({ length: Math.min(SAMPLE, all.length) }, () =>
    all.splice(random.integer(0, all.length), 1),
  )
  let started: Started | undefined

  beforeAll(async () => {
    if (reason === undefined) started = await start()
  }, START_MS)
  afterAll(() => started?.server.stop())

  test.for(sample.flat())(
    '$scheme killed at $step neither loses nor doubles a transfer',
    { timeout: LIMIT_MS },
    async ({ scheme, step }, context) => {
      if (started === undefined) return context.skip(reason)
      const { place } = started
      await playSeeds(kafka, async seed => ({ scheme, place: await place(), steps: [step], seed }))
    },
  )
})

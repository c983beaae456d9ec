import { ConfigError } from '@samsa/runtime'
import { expect, test } from 'vitest'
import { memoryStore } from '../memory/memory-store.js'
import { mysqlStore } from '../mysql/mysql-store.js'
import { postgresStore } from '../postgres/postgres-store.js'
import { redisStore } from '../redis/redis-store.js'
import { sqliteStore } from '../sqlite/sqlite-store.js'

const nothing = (): never => {
  throw new Error('no connection is needed')
}
const pg = { connect: nothing, query: nothing, totalCount: 0 }
const mysql = { getConnection: nothing, execute: nothing }

test.each<[string, (options: object) => unknown, string, unknown]>([
  ['memoryStore', options => memoryStore(options), 'maxIds', -1],
  ['sqliteStore', options => sqliteStore('nowhere.db', options), 'busyTimeoutMs', Number.NaN],
  ['postgresStore', options => postgresStore(pg, options), 'statementTimeoutMs', Number.NaN],
  ['mysqlStore', options => mysqlStore(mysql, options), 'waitTimeoutMs', '5s'],
  ['redisStore', options => redisStore({ call: nothing }, options), 'durability', 'forever'],
])('%s refuses at once what cannot be', (_, make, name, value) => {
  expect(() => make({ [name]: value })).toThrow(ConfigError)
  expect(() => make({ [name]: value })).toThrow(name)
  expect(() => make({ [`${name.slice(0, -1)}`]: value })).toThrow(`did you mean ${name}?`)
  make({ [name]: undefined })
})

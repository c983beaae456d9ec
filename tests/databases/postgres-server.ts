/**
 * A PostgreSQL of Debian's, or of PATH, for a test.
 */
import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { neededProgram, programPath, type ServerAddress, ServerProcess } from './server-process.js'

const DEBIAN = '/usr/lib/postgresql'

const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).toSorted((one, other) => Number(other) - Number(one)) : []
const program = programPath('postgres', ...versions.map(version => join(DEBIAN, version, 'bin')))

/** For the name of a test that is skipped; undefined when there is one. */
export const reasonAgainstPostgres: string | undefined = program === undefined ? 'needs PostgreSQL' : undefined

export interface PostgresConnection extends ServerAddress {
  readonly user: string
  readonly database: string
}

export async function startPostgres(): Promise<{
  readonly server: ServerProcess
  readonly connection: PostgresConnection
}> {
  const postgres = neededProgram(program, 'PostgreSQL')
  const server = await ServerProcess.start({
    name: 'PostgreSQL',
    user: 'postgres',
    prepare: (folder, run) => {
      const options = [
        '--username=samsa',
        '--auth=trust',
        '--encoding=UTF8',
        '--locale=C',
        '--no-sync',
        '--no-instructions',
      ]
      run(join(dirname(postgres), 'initdb'), ['-D', join(folder, 'data'), ...options])
    },
    // A process that is killed loses nothing that it has written, synced or not: only a loss of power would.
    command: (folder, port) => [
      postgres,
      ['-D', join(folder, 'data'), '-h', '127.0.0.1', '-p', String(port), '-k', folder, '-F'].concat(
        ['shared_buffers=16MB', 'max_connections=60', 'deadlock_timeout=50ms'].flatMap(setting => ['-c', setting]),
      ),
    ],
    ready: /database system is ready to accept connections/,
  })
  return { server, connection: { ...server.address, user: 'samsa', database: 'postgres' } }
}

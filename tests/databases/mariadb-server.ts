/**
 * A MariaDB of Debian's, or of PATH, for a test.
 */
import { join } from 'node:path'
import { neededProgram, programPath, type ServerAddress, ServerProcess } from './server-process.js'

const program = programPath('mariadbd')
const installer = programPath('mariadb-install-db')

/** For the name of a test that is skipped; undefined when there is one. */
export const reasonAgainstMariaDb: string | undefined =
  program === undefined || installer === undefined ? 'needs MariaDB' : undefined

export interface MariaDbConnection extends ServerAddress {
  readonly user: string
  readonly database: string
}

export async function startMariaDb(): Promise<{
  readonly server: ServerProcess
  readonly connection: MariaDbConnection
}> {
  const mariadbd = neededProgram(program, 'MariaDB')
  const install = neededProgram(installer, 'mariadb-install-db')
  const server = await ServerProcess.start({
    name: 'MariaDB',
    user: 'mysql',
    prepare: (folder, run) => {
      const options = ['--auth-root-authentication-method=normal', '--skip-test-db', '--innodb-log-file-size=8M']
      run(install, ['--no-defaults', `--datadir=${join(folder, 'data')}`, ...options])
    },
    // A process that is killed loses nothing that it has written, synced or not: only a loss of power would.
    command: (folder, port) => [
      mariadbd,
      [
        '--no-defaults',
        `--datadir=${join(folder, 'data')}`,
        `--socket=${join(folder, 'socket')}`,
        `--pid-file=${join(folder, 'pid')}`,
        '--bind-address=127.0.0.1',
        `--port=${port}`,
        '--init-file=/dev/null',
        '--skip-name-resolve',
        '--innodb-flush-log-at-trx-commit=2',
        '--innodb-buffer-pool-size=16M',
        '--innodb-log-file-size=8M',
      ],
    ],
    ready: /ready for connections/,
  })
  return { server, connection: { ...server.address, user: 'root', database: 'mysql' } }
}

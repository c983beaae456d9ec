/**
 * A Redis of Debian's, or of PATH, for a test.
 */
import { neededProgram, programPath, type ServerAddress, ServerProcess } from './server-process.js'

const program = programPath('redis-server')

/** For the name of a test that is skipped; undefined when there is one. */
export const reasonAgainstRedis: string | undefined = program === undefined ? 'needs Redis' : undefined

export async function startRedis(
  ...settings: readonly string[]
): Promise<{ readonly server: ServerProcess; readonly connection: ServerAddress }> {
  const redis = neededProgram(program, 'Redis')
  const server = await ServerProcess.start({
    name: 'Redis',
    user: 'redis',
    command: (folder, port) => [
      redis,
      ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder, '--save', '', '--appendonly', 'yes'].concat([
        ...['--appendfsync', 'always'],
        ...settings,
      ]),
    ],
    ready: /Ready to accept connections/,
  })
  return { server, connection: server.address }
}

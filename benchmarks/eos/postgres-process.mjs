/**
 * A PostgreSQL that syncs every commit, for a benchmark: of Debian's packages, or of PATH; its data goes with it.
 */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'

const DEBIAN = '/usr/lib/postgresql'

/** Undefined when there is no PostgreSQL here. */
export async function startPostgres() {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((one, other) => Number(other) - Number(one)) : []
  const folders = [
    ...versions.map(version => join(DEBIAN, version, 'bin')),
    ...(process.env.PATH ?? '').split(delimiter),
  ]
  const bin = folders.find(folder => existsSync(join(folder, 'initdb')))
  if (bin === undefined) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'samsa-postgres-'))
  const options = { ...identity(), cwd: folder, stdio: 'pipe' }
  if (options.uid !== undefined) chownSync(folder, options.uid, options.gid)
  const data = join(folder, 'data')
  execFileSync(
    join(bin, 'initdb'),
    ['-D', data, '--username=samsa', '--auth=trust', '--encoding=UTF8', '--locale=C'],
    options,
  )
  const port = await freePort()
  const child = spawn(join(bin, 'postgres'), ['-D', data, '-h', '127.0.0.1', '-p', String(port), '-k', folder], options)
  const ended = once(child, 'close')
  for await (const line of createInterface({ input: child.stderr }))
    if (line.includes('ready to accept connections')) break
  child.stderr.resume()
  return {
    connection: { host: '127.0.0.1', port, user: 'samsa', database: 'postgres' },
    stop: async () => {
      child.kill('SIGINT')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** It does not run as root. */
function identity() {
  if (process.getuid?.() !== 0) return {}
  const idOf = what => Number(execFileSync('id', [what, 'postgres'], { encoding: 'utf8' }))
  return { uid: idOf('-u'), gid: idOf('-g') }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  return port
}

/**
 * Foreign clients for JavaScript, each driven in a process of its own (`<name>-client.mjs`): nothing in them can block,
 * crash or patch the test.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { mustRun } from './program.js'
import type { StoredRecord } from './stored-batches.js'

/** Whether `scripts/interop-install` has been here, for this Node: an addon is compiled for one version of it. */
export function loadsForeignClient(name: string): boolean {
  const folder = fileURLToPath(new URL(`../../interop/${name}/`, import.meta.url))
  if (!existsSync(`${folder}/node_modules/${name}`)) return false
  return spawnSync(process.execPath, ['-e', `require('${name}')`], { cwd: folder, stdio: 'ignore' }).status === 0
}

/**
 * The Node that @platformatic/kafka runs under: this one where it is new enough, else one that `.ci/run` or a benchmark has
 * put into the user's cache. Undefined where either is not installed.
 */
export function nodeForPlatformatic(): string | undefined {
  const folder = fileURLToPath(new URL('../../interop/platformatic/', import.meta.url))
  const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'samsa')
  const cached = existsSync(cache) ? readdirSync(cache).filter(name => name.startsWith('node-')) : []
  const nodes = [process.execPath, ...cached.map(name => join(cache, name, 'node_modules', 'node', 'bin', 'node'))]
  // It loads in an older one too, and fails later.
  const program = `
    const [major, minor] = process.versions.node.split('.').map(Number)
    if (major < 22 || (major === 22 && minor < 22)) process.exit(1)
    import('@platformatic/kafka')`
  return nodes.find(node => spawnSync(node, ['-e', program], { cwd: folder, stdio: 'ignore' }).status === 0)
}

/** Lets a client do a job; resolves to what it printed, read as JSON. */
export async function runClient(name: string, job: Readonly<Record<string, unknown>>): Promise<unknown> {
  const program = fileURLToPath(new URL(`${name}-client.mjs`, import.meta.url))
  return JSON.parse(String(await mustRun(process.execPath, [program], JSON.stringify(job))))
}

/** A record, sent or stored, as it travels to a client: bytes in base64. */
export function encodedRecord({ key, value, headers }: Pick<StoredRecord, 'key' | 'value' | 'headers'>): unknown {
  return {
    key: key?.toString('base64') ?? null,
    value: value?.toString('base64') ?? null,
    headers: headers.map(([name, bytes]) => [name, bytes?.toString('base64') ?? null]),
  }
}

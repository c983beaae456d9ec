/**
 * Foreign clients for JavaScript, each driven in a process of its own (`<name>-client.mjs`): nothing in them can block,
 * crash or patch the test.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { mustRun } from './program.js'
import type { StoredRecord } from './stored-batches.js'

/** Whether `scripts/interop-install` has been here, for this Node: an addon is compiled for one version of it. */
export function loadsForeignClient(name: string): boolean {
  const folder = fileURLToPath(new URL(`../../interop/${name}/`, import.meta.url))
  if (!existsSync(`${folder}/node_modules/${name}`)) return false
  return spawnSync(process.execPath, ['-e', `require('${name}')`], { cwd: folder, stdio: 'ignore' }).status === 0
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

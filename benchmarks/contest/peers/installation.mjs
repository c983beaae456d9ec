/**
 * Foreign clients, where `scripts/interop-install` puts them: outside of the workspace, so that nothing imports one by name.
 */
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const INTEROP = fileURLToPath(new URL('../../../interop/', import.meta.url))

export function folderOf(name) {
  return join(INTEROP, name)
}

export function requireFrom(name) {
  return createRequire(join(folderOf(name), 'package.json'))
}

/** Undefined where it is not installed. */
export function versionOf(name, packageName) {
  const manifest = join(folderOf(name), 'node_modules', packageName, 'package.json')
  return existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')).version : undefined
}

/**
 * The workspace as the scripts see it: where it lies, its manifests, and which of its packages are published.
 * Reads files only; plain Node, because it runs before anything is installed.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const rootFolder = dirname(dirname(fileURLToPath(import.meta.url)))
export const cacheFolder = join(rootFolder, 'node_modules', '.cache', 'samsa')

/** Folders whose direct children are workspace packages, and folders that are one themselves. */
const packageGroups = ['packages', 'examples']
const singlePackages = ['tests', 'benchmarks', 'examples']

export function inRoot(...parts) {
  return join(rootFolder, ...parts)
}

export function readManifest(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
}

/** Every folder with a package.json that pnpm installs for, the root first. */
export function packageFolders() {
  const grouped = packageGroups.filter(group => existsSync(inRoot(group))).flatMap(group => childFolders(inRoot(group)))
  const candidates = [rootFolder, ...grouped, ...singlePackages.map(name => inRoot(name))]
  return candidates.filter(folder => existsSync(join(folder, 'package.json')))
}

/** The packages that npm users get, as `{ folder, manifest }`. */
export function publicPackages() {
  return packageFolders()
    .map(folder => ({ folder, manifest: readManifest(folder) }))
    .filter(({ manifest }) => manifest.private !== true)
}

/** `pnpm@1.2.3`, as the root's `packageManager` pins it, without the checksum that may follow. */
export function pinnedPnpm() {
  const [specifier] = readManifest(rootFolder).packageManager.split('+')
  return specifier
}

function childFolders(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(entry => join(folder, entry.name))
    .sort()
}

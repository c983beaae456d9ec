/**
 * Brings node_modules up to date with the lockfile, through the pinned pnpm, and only when something changed.
 * Owns the stamp in node_modules that says for what it was last installed.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { compilerEnvironment, npmProgram, runShown } from './child-process.mjs'
import { inRoot, packageFolders, pinnedPnpm, readManifest, rootFolder } from './workspace.mjs'

const stampPath = inRoot('node_modules', '.samsa-installed.json')

/** What stands in the way of using node_modules as it is, in words; `undefined` when nothing does. */
export function installReason() {
  const stamp = readStamp()
  if (stamp === undefined) return 'nothing is installed yet'
  if (stamp.manifests !== manifestHash()) return 'a manifest or the lockfile changed'
  if (stamp.runtime !== runtimeName()) return `it was installed for ${stamp.runtime}, this is ${runtimeName()}`
  const empty = packageFolders().find(folder => needsModules(folder) && !existsSync(join(folder, 'node_modules')))
  return empty === undefined ? undefined : `${relative(rootFolder, empty)} has no node_modules`
}

/** Installs; resolves to the exit status. Output goes to the terminal. */
export async function install() {
  const previous = readStamp()
  rmSync(stampPath, { force: true })
  const status = await pnpm(['install', '--frozen-lockfile', '--config.confirmModulesPurge=false'])
  if (status !== 0) return status
  if (previous !== undefined && previous.runtime !== runtimeName()) {
    // pnpm sees an unchanged lockfile and would leave the addons that were compiled for the other Node.
    const rebuilt = await pnpm(['rebuild'])
    if (rebuilt !== 0) process.stdout.write('pnpm rebuild failed: some native packages stay as they were\n')
  }
  mkdirSync(dirname(stampPath), { recursive: true })
  writeFileSync(stampPath, `${JSON.stringify({ manifests: manifestHash(), runtime: runtimeName() })}\n`)
  return 0
}

/** Runs the pinned pnpm; npm's own notices stay out of sight, pnpm's are shown. */
export function pnpm(args, options = {}) {
  const npx = npmProgram('npx')
  return runShown(npx.command, ['--yes', '--loglevel=error', pinnedPnpm(), '--loglevel=info', ...args], {
    env: { ...compilerEnvironment(headerFolder()), npm_config_update_notifier: 'false' },
    ...npx.options,
    ...options,
  })
}

/** The prefix of the running Node when its C++ headers lie there. */
function headerFolder() {
  const prefix = dirname(dirname(process.execPath))
  return existsSync(join(prefix, 'include', 'node', 'node.h')) ? prefix : undefined
}

function runtimeName() {
  return `${process.platform}-${process.arch}, Node ABI ${process.versions.modules}`
}

function manifestHash() {
  const hash = createHash('sha256')
  const files = ['pnpm-lock.yaml', 'pnpm-workspace.yaml'].map(name => inRoot(name))
  for (const path of [...files, ...packageFolders().map(folder => join(folder, 'package.json'))]) {
    hash.update(`${relative(rootFolder, path)}\0`)
    hash.update(readFileSync(path))
  }
  return hash.digest('hex')
}

function readStamp() {
  if (!existsSync(stampPath)) return undefined
  try {
    return JSON.parse(readFileSync(stampPath, 'utf8'))
  } catch {
    return undefined
  }
}

function needsModules(folder) {
  const manifest = readManifest(folder)
  return Object.keys({ ...manifest.dependencies, ...manifest.devDependencies }).length > 0
}

/**
 * Brings node_modules up to date with the lockfile, through the pinned pnpm, and only when something changed.
 * Owns the stamp in node_modules that says for what it was last installed.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { npmProgram, runCaptured, runShown } from './child-process.mjs'
import { inRoot, packageFolders, pinnedPnpm, readManifest, rootFolder } from './workspace.mjs'

const stampPath = inRoot('node_modules', '.samsa-installed.json')

/** Whether node_modules was last installed for another Node or another platform than this. */
export function installedForOtherRuntime() {
  const stamp = readStamp()
  return stamp !== undefined && stamp.runtime !== runtimeName()
}

/** What stands in the way of using node_modules as it is, in words; `undefined` when nothing does. */
export function installReason() {
  const stamp = readStamp()
  if (stamp === undefined) return 'nothing is installed yet'
  if (stamp.manifests !== manifestHash()) return 'a manifest or the lockfile changed'
  if (stamp.runtime !== runtimeName()) return `it was installed for ${stamp.runtime}, this is ${runtimeName()}`
  const empty = packageFolders().find(folder => needsModules(folder) && !existsSync(join(folder, 'node_modules')))
  return empty === undefined ? undefined : `${relative(rootFolder, empty)} has no node_modules`
}

/** Installs; resolves to the exit status. */
export async function install() {
  rmSync(stampPath, { force: true })
  const status = await pnpm(['install', '--frozen-lockfile', '--config.confirmModulesPurge=false'])
  if (status !== 0) return status
  mkdirSync(dirname(stampPath), { recursive: true })
  writeFileSync(stampPath, `${JSON.stringify({ manifests: manifestHash(), runtime: runtimeName() })}\n`)
  return 0
}

/** Compiles packages anew for the running Node: to pnpm an unchanged lockfile means that there is nothing to do. */
export function rebuild(packageNames) {
  return pnpm(['rebuild', ...packageNames])
}

/**
 * Runs the pinned pnpm. On a terminal it shows its progress; elsewhere its output, which a compiler's fills, is shown only
 * when it fails. npm's own notices stay out of sight.
 */
async function pnpm(args) {
  const npx = npmProgram('npx')
  const fullArgs = ['--yes', '--loglevel=error', pinnedPnpm(), '--loglevel=info', ...args]
  const env = { ...process.env, ...headerSetting(), npm_config_update_notifier: 'false' }
  if (process.stdout.isTTY) return runShown(npx.command, fullArgs, { env, ...npx.options })
  const { status, output } = await runCaptured(npx.command, fullArgs, { env, ...npx.options })
  if (status !== 0) process.stdout.write(`${output}\n`)
  return status
}

/** Where the C++ headers of the running Node lie, when they do, so that node-gyp downloads nothing. */
function headerSetting() {
  const prefix = dirname(dirname(process.execPath))
  return existsSync(join(prefix, 'include', 'node', 'node.h')) ? { npm_config_nodedir: prefix } : {}
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

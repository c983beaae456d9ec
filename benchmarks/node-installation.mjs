/**
 * The Node that benchmarks run under: 24 or newer, which platformatic needs and which runs TypeScript as it is. That is the
 * running one if it is new enough, else one from npm in the user's cache. Has lz4 compiled for it, where there is a compiler.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const NODE_VERSION = '24.21.0'
const LEAST_MAJOR = 24

const benchmarksFolder = dirname(fileURLToPath(import.meta.url))
const rootFolder = dirname(benchmarksFolder)
const cacheFolder = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'samsa')
/** Loaded in front of every program that is to find the lz4 of its Node. */
export const NATIVE_PACKAGES = join(benchmarksFolder, 'native-packages.mjs')
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'

/**
 * Builds `packages`, unless SAMSA_SKIP_BUILD is set, and runs `program` to its end; returns its exit status. The program
 * finds the Node that the user started in SAMSA_STARTED_NODE: addons of others may be compiled for that one.
 */
export function runBenchmark({ program, nodeArgs = [], packages, args }) {
  const node = nodeToRun()
  if (node === undefined) return 1
  if (!process.env.SAMSA_SKIP_BUILD && !build(packages)) return 1
  const natives = nativePackages(node)
  const { status } = spawnSync(node, [...nodeArgs, '--import', NATIVE_PACKAGES, program, ...args], {
    stdio: 'inherit',
    env: { ...process.env, SAMSA_NATIVE_PACKAGES: natives ?? '', SAMSA_STARTED_NODE: process.execPath },
  })
  return status ?? 1
}

/** The program of a Node that is new enough. */
function nodeToRun() {
  if (Number(process.versions.node.split('.')[0]) >= LEAST_MAJOR) return process.execPath
  const folder = join(cacheFolder, `node-${NODE_VERSION}`)
  const node = join(folder, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  if (output(node, ['-p', 'process.versions.node']) === NODE_VERSION) return node
  say(`Node ${process.versions.node} is too old for the benchmarks: installing Node ${NODE_VERSION} in ${folder}`)
  install(folder, `node@${NODE_VERSION}`, process.env)
  if (output(node, ['-p', 'process.versions.node']) === NODE_VERSION) return node
  say(`Node ${NODE_VERSION} cannot be installed; start this script with Node ${LEAST_MAJOR} or newer instead`)
  return undefined
}

function build(packages) {
  const compiler = join(rootFolder, 'node_modules', 'typescript', 'bin', 'tsc')
  if (!existsSync(compiler)) {
    say('the workspace is not installed: run npm test first')
    return false
  }
  const args = [compiler, '-b', ...packages]
  const { status } = spawnSync(process.execPath, args, { cwd: rootFolder, stdio: ['ignore', 2, 2] })
  if (status !== 0) say('the packages do not build; SAMSA_SKIP_BUILD=1 measures what was built before')
  return status === 0
}

/**
 * A folder with lz4 compiled for `node`: an addon is built for one Node version, and the workspace's is for the Node that
 * installed it. Undefined where that one loads, or where none can be compiled; the benchmark then says what it leaves out.
 */
function nativePackages(node) {
  if (output(node, ['-e', "require('lz4')"], rootFolder) !== undefined) return undefined
  const [version, abi] = output(node, ['-p', 'process.version + " " + process.versions.modules'])?.split(' ') ?? []
  const folder = join(cacheFolder, `native-${process.platform}-${process.arch}-${abi}`)
  if (output(node, ['-e', "require('lz4')"], folder) !== undefined) return folder
  const manifest = JSON.parse(readFileSync(join(rootFolder, 'package.json'), 'utf8'))
  say(`compiling lz4 for Node ${version} in ${folder}`)
  const headers = [
    dirname(dirname(node)),
    join(dirname(dirname(node)), 'node_modules', `node-${process.platform}-${process.arch}`),
  ].find(prefix => existsSync(join(prefix, 'include', 'node', 'node.h')))
  // npm runs, and so compiles, under the first Node on the path.
  const env = { ...process.env, PATH: `${dirname(node)}${process.platform === 'win32' ? ';' : ':'}${process.env.PATH}` }
  if (headers !== undefined) env.npm_config_nodedir = headers
  install(folder, `lz4@${manifest.optionalDependencies.lz4}`, env)
  return output(node, ['-e', "require('lz4')"], folder) === undefined ? undefined : folder
}

function install(folder, specifier, env) {
  mkdirSync(folder, { recursive: true })
  const args = ['install', '--prefix', folder, '--no-audit', '--no-fund', '--loglevel=error', specifier]
  const { status, stderr } = spawnSync(npm, args, {
    env,
    encoding: 'utf8',
    shell: process.platform === 'win32',
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  if (status !== 0) say(`${specifier} cannot be installed: ${(stderr ?? '').trim().split('\n').slice(-5).join('\n')}`)
}

/** What a program printed; undefined where it failed or does not exist. */
function output(program, args, cwd) {
  if (cwd !== undefined && !existsSync(cwd)) return undefined
  const { status, stdout } = spawnSync(program, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  return status === 0 ? stdout.trim() : undefined
}

/** On the error stream, so that --json stays one document. */
function say(line) {
  process.stderr.write(`${line}\n`)
}

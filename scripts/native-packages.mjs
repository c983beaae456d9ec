/**
 * Which of the native packages really load here, and what it means when one does not.
 * Each is tried in a process of its own: a broken addon can end the process, which no try/catch would survive.
 */
import { runCaptured } from './child-process.mjs'
import { inRoot } from './workspace.mjs'

const compilerAdvice = 'to have it, install make, a C++ compiler and Python, delete node_modules and run npm test again'
const registryAdvice = 'it comes ready-made from the registry; there may be no build of it for this platform'

/** `probe` runs with `require` resolving as in packages/protocol and throws unless the package does its work. */
const nativePackages = [
  {
    name: 'lz4',
    probe: `const lz4 = require('lz4')
      const input = Buffer.alloc(256, 'a')
      const packed = Buffer.alloc(lz4.encodeBound(input.length))
      const size = lz4.encodeBlock(input, packed)
      const output = Buffer.alloc(input.length)
      if (lz4.decodeBlock(packed.subarray(0, size), output) !== 256 || !output.equals(input)) throw new Error('wrong output')`,
    without: 'lz4 batches can still be read, in JavaScript, but none can be written',
    advice: compilerAdvice,
  },
  {
    name: 'zstd-napi',
    probe: `const zstd = require('zstd-napi')
      const input = Buffer.alloc(256, 'a')
      if (!zstd.decompress(zstd.compress(input)).equals(input)) throw new Error('wrong output')`,
    without: 'zstd batches can still be read, and written where Node has zstd of its own (22.15 and later)',
    advice: compilerAdvice,
  },
  {
    name: '@node-rs/crc32',
    probe: `if (require('@node-rs/crc32').crc32c(Buffer.from('123456789')) !== 0xe3069283) throw new Error('wrong output')`,
    without: 'nothing is lost but speed: checksums are computed in JavaScript',
    advice: registryAdvice,
  },
  {
    name: 'snappy',
    probe: `const snappy = require('snappy')
      const input = Buffer.alloc(256, 'a')
      if (!snappy.uncompressSync(snappy.compressSync(input)).equals(input)) throw new Error('wrong output')`,
    without: 'nothing is lost but speed: snappy is done in JavaScript',
    advice: registryAdvice,
  },
]

/**
 * Tries all of them; resolves to the names that load, those that do not and are compiled when they are installed, and one
 * sentence for each that does not load.
 */
export async function checkNativePackages() {
  const results = await Promise.all(nativePackages.map(probe))
  const missing = results.filter(result => result.reason !== undefined)
  return {
    loaded: results.filter(result => result.reason === undefined).map(result => result.name),
    compilable: missing.filter(({ advice }) => advice === compilerAdvice).map(result => result.name),
    sentences: missing.map(sentenceFor),
  }
}

async function probe(nativePackage) {
  const { status, signal, output } = await runCaptured(process.execPath, ['-e', nativePackage.probe], {
    cwd: inRoot('packages', 'protocol'),
    timeoutMs: 30_000,
  })
  if (status === 0) return { ...nativePackage, reason: undefined }
  return { ...nativePackage, reason: signal === null ? errorLine(output) : `ended its process with ${signal}` }
}

function sentenceFor({ name, reason, without, advice }) {
  const forOtherNode = /self-register|NODE_MODULE_VERSION/.test(reason)
  return `${name} does not load (${forOtherNode ? 'it was compiled for another Node' : reason}): ${without}; ${advice}.`
}

function errorLine(output) {
  const line = output.split('\n').find(text => /^\w*Error\b/.test(text)) ?? output.split('\n').at(-1) ?? ''
  return line.replace(/^\w*Error(?: \[\w+\])?: /, '').slice(0, 200)
}

/**
 * Loaded in front of a benchmark: takes lz4, which is built per Node version, from SAMSA_NATIVE_PACKAGES, a folder with a
 * build for the Node that runs; the one in the workspace is for the Node that installed it.
 */
import { createRequire, registerHooks } from 'node:module'
import { pathToFileURL } from 'node:url'

const folder = process.env.SAMSA_NATIVE_PACKAGES

if (folder) {
  const url = pathToFileURL(createRequire(`${folder}/package.json`).resolve('lz4')).href
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === 'lz4' ? { url, format: 'commonjs', shortCircuit: true } : next(specifier, context),
  })
}

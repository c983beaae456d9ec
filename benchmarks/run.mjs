#!/usr/bin/env node
/**
 * Runs the benchmarks of @samsa/protocol under Node 24, which platformatic needs and which runs TypeScript as it is: see
 * `node-installation.mjs` for where that comes from. Builds the packages. Arguments go to the benchmark: see --help.
 *
 * SAMSA_SKIP_BUILD=1 measures what was built before.
 */
import { fileURLToPath } from 'node:url'
import { runBenchmark } from './node-installation.mjs'

process.exitCode = runBenchmark({
  program: fileURLToPath(new URL('protocol/main.ts', import.meta.url)),
  nodeArgs: ['--expose-gc'],
  packages: ['packages/runtime', 'packages/protocol'],
  args: process.argv.slice(2),
})

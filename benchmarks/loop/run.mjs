#!/usr/bin/env node
/**
 * Runs the benchmark of loops that copy in transactions under Node 24: `node benchmarks/loop/run.mjs`, see --help. Builds the packages;
 * SAMSA_SKIP_BUILD=1 measures what was built before.
 */
import { fileURLToPath } from 'node:url'
import { runBenchmark } from '../node-installation.mjs'

process.exitCode = runBenchmark({
  program: fileURLToPath(new URL('main.mjs', import.meta.url)),
  packages: ['packages/eos', 'packages/samsa'],
  args: process.argv.slice(2),
})

/**
 * `npm run generate`: builds the code generator and lets it write the message files; `--check` only compares.
 */
import { existsSync } from 'node:fs'
import { runShown } from './child-process.mjs'
import { inRoot } from './workspace.mjs'

const generator = inRoot('packages/protocol/dist-generate/generate/main.js')

process.exitCode = await main(process.argv.slice(2))

async function main(args) {
  const built = await runShown(process.execPath, [
    inRoot('node_modules/typescript/bin/tsc'),
    '-b',
    'packages/protocol/generate',
  ])
  if (built !== 0) return built
  if (!existsSync(generator)) {
    process.stderr.write('The generator has no entry point: packages/protocol/generate/main.ts is missing.\n')
    return 1
  }
  return runShown(process.execPath, [generator, ...args])
}

/**
 * Reads every schema and writes src/messages; with `--check` writes nothing and fails when a file there is not what its
 * schema says, so that a wire change never goes by unseen.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { emitApi, emitRecords } from './emit.js'
import { camelCase } from './naming.js'
import { loadSchemas, type Schemas } from './schemas.js'

const PACKAGE = fileURLToPath(new URL('../..', import.meta.url))
const MESSAGES = join(PACKAGE, 'src/messages')
/** Written by hand, in the same folder because only generated code and its readers need it. */
const BY_HAND = new Set(['api.ts', 'table.ts'])

const expected = emitAll(await loadSchemas())
const stale = differences(expected)
if (process.argv.includes('--check')) {
  if (stale.length > 0) {
    console.error(`src/messages is not what the schemas say; run \`npm run generate\`. Stale: ${stale.join(', ')}`)
    process.exitCode = 1
  }
} else {
  for (const file of stale) {
    const text = expected.get(file)
    const path = join(MESSAGES, file)
    if (text === undefined) rmSync(path)
    else {
      mkdirSync(join(path, '..'), { recursive: true })
      writeFileSync(path, text)
    }
  }
  console.log(`src/messages: ${expected.size} files, ${stale.length} changed`)
}

function emitAll(schemas: Schemas): Map<string, string> {
  const files = new Map<string, string>()
  for (const { file, api } of schemas.apis) files.set(file, emitApi(api, `schemas/${file}`))
  for (const { file, records } of schemas.records) {
    const noun = file.replace('.ts', '').replaceAll('-', ' ')
    files.set(`records/${file}`, emitRecords(records, `schemas/records/${file}`, noun))
  }
  files.set('index.ts', emitIndex(schemas))
  return files
}

function emitIndex(schemas: Schemas): string {
  const imports = schemas.apis.map(
    ({ file, api }) => `import { ${camelCase(api.source.name)} } from './${file.replace('.ts', '.js')}'`,
  )
  const apiExports = schemas.apis.map(({ file }) => `export * from './${file.replace('.ts', '.js')}'`)
  const recordExports = schemas.records.map(({ file }) => `export * from './records/${file.replace('.ts', '.js')}'`)
  const names = schemas.apis.map(({ api }) => `  ${camelCase(api.source.name)},`)
  return `/**
 * The message table: every API by key, and every message by name.
 * Generated from schemas/ by \`npm run generate\`: change it there.
 */
${imports.join('\n')}
import type { Api } from './api.js'

${[...apiExports, ...recordExports].join('\n')}

/** Every API, in order of key. */
export const apis: readonly Api[] = [
${names.join('\n')}
]
`
}

function differences(expected: ReadonlyMap<string, string>): string[] {
  const present = listFiles()
  const stale = [...expected].filter(([file, text]) => present.get(file) !== text).map(([file]) => file)
  return [...stale, ...[...present.keys()].filter(file => !expected.has(file) && !BY_HAND.has(file))]
}

function listFiles(): Map<string, string> {
  mkdirSync(MESSAGES, { recursive: true })
  const files = readdirSync(MESSAGES, { recursive: true, encoding: 'utf8' }).filter(
    file => file.endsWith('.ts') && !file.endsWith('.test.ts'),
  )
  return new Map(files.map(file => [file, readFileSync(join(MESSAGES, file), 'utf8')]))
}

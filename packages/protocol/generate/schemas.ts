/**
 * Loads the schema files, in order of API key, and refuses a set that contradicts itself.
 */
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Api, RecordType } from './schema.js'

export interface Schemas {
  readonly apis: readonly { readonly file: string; readonly api: Api }[]
  readonly records: readonly { readonly file: string; readonly records: readonly RecordType[] }[]
}

const FOLDER = new URL('../schemas/', import.meta.url)

/** Compiled beside the compiled generator, or as written where tests load the sources. */
const SCHEMA_FILE = /(?<!\.d)\.[jt]s$/

export async function loadSchemas(): Promise<Schemas> {
  const apis = await Promise.all(
    filesIn(FOLDER).map(async file => ({
      file: sourceName(file),
      api: asApi(await importDefault(new URL(file, FOLDER)), file),
    })),
  )
  const folder = new URL('records/', FOLDER)
  const records = await Promise.all(
    filesIn(folder).map(async file => ({
      file: sourceName(file),
      records: asRecords(await importDefault(new URL(file, folder)), file),
    })),
  )
  apis.sort((a, b) => a.api.source.key - b.api.source.key)
  apis.forEach(({ file, api }, index) => {
    const next = apis[index + 1]
    if (next?.api.source.key === api.source.key) throw new Error(`${file} and ${next.file} claim key ${api.source.key}`)
    const prefix = `${String(api.source.key).padStart(2, '0')}-`
    if (!file.startsWith(prefix))
      throw new Error(`${file} holds key ${api.source.key}: its name must start with ${prefix}`)
  })
  return { apis, records }
}

function filesIn(folder: URL): string[] {
  return readdirSync(fileURLToPath(folder))
    .filter(file => SCHEMA_FILE.test(file))
    .sort()
}

function sourceName(file: string): string {
  return file.replace(/\.js$/, '.ts')
}

async function importDefault(url: URL): Promise<unknown> {
  const module: unknown = await import(url.href)
  return typeof module === 'object' && module !== null && 'default' in module ? module.default : undefined
}

function isKind(value: unknown, kind: string): boolean {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === kind
}

function asApi(value: unknown, file: string): Api {
  if (!isKind(value, 'api')) throw new Error(`${file} must export what api() returns as its default`)
  return value as Api
}

function asRecords(value: unknown, file: string): readonly RecordType[] {
  if (!Array.isArray(value) || !value.every(item => isKind(item, 'record'))) {
    throw new Error(`${file} must export an array of what record() returns as its default`)
  }
  return value
}

/**
 * The repository as the rules see it: its files, their text, and its manifests. Reads only; owns no state.
 * Paths are relative to the root and written with `/` on every platform.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface SourceFile {
  readonly path: string
  readonly text: string
}

/** A package.json, as far as the rules look into it. */
export interface Manifest {
  /** Folder of the package, `.` for the root. */
  readonly folder: string
  readonly fields: Readonly<Record<string, unknown>>
}

export const rootFolder: string = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

const skippedFolders = new Set(['node_modules', 'dist', 'dist-generate'])
const sourceEnding = /\.[cm]?[jt]sx?$/
/** Far above what the repository holds: reaching it means that the walk went somewhere it should not. */
const fileLimit = 20_000

/** Every file that is not built, installed or hidden. */
export function listFiles(): readonly string[] {
  const files: string[] = []
  const folders = ['']
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of readdirSync(join(rootFolder, folder), { withFileTypes: true })) {
      const path = posix.join(folder, entry.name)
      if (entry.isDirectory() && !skippedFolders.has(entry.name) && !entry.name.startsWith('.')) folders.push(path)
      if (entry.isFile()) files.push(path)
      if (files.length > fileLimit) throw new Error(`more than ${fileLimit} files in the repository, last ${path}`)
    }
  }
  return files.sort()
}

/** The TypeScript and JavaScript among these files. */
export function readSources(files: readonly string[]): readonly SourceFile[] {
  return files.filter(path => sourceEnding.test(path)).map(path => ({ path, text: readText(path) }))
}

export function readManifests(files: readonly string[]): readonly Manifest[] {
  return files
    .filter(path => posix.basename(path) === 'package.json')
    .map(path => ({ folder: posix.dirname(path), fields: asRecord(JSON.parse(readText(path)), path) }))
}

/** The projects that a tsconfig at the root refers to, by path. */
export function readReferences(path: string): readonly string[] {
  const { references } = asRecord(JSON.parse(readText(path)), path)
  if (!Array.isArray(references)) throw new Error(`${path} has no references`)
  return references.map((reference: unknown) => String(asRecord(reference, path)['path']))
}

export function readText(path: string): string {
  return readFileSync(join(rootFolder, path), 'utf8')
}

/** A field that holds an object; an empty one where the field is absent. */
export function recordField(
  fields: Readonly<Record<string, unknown>>,
  name: string,
): Readonly<Record<string, unknown>> {
  const value = fields[name]
  return value === undefined ? {} : asRecord(value, name)
}

/** Folders whose name under packages/ is a package of ours, as `runtime` or `protocol`. */
export function packageNameOf(path: string): string | undefined {
  return /^packages\/([^/]+)\//.exec(path)?.[1]
}

export function isTestFile(path: string): boolean {
  return path.endsWith('.test.ts')
}

/** Files a program wrote say so in their first lines. */
export function isGenerated(source: SourceFile): boolean {
  return /^\/\*\*(?:(?!\*\/)[\s\S])*\bGenerated from\b/.test(source.text)
}

function asRecord(value: unknown, where: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`${where} is not an object`)
  return Object.fromEntries(Object.entries(value))
}

/**
 * Finds a foreign client where `scripts/interop-install` puts it: outside of the workspace, so nothing here may import one
 * by name.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

export interface Installation {
  readonly version: string
  readonly require: NodeJS.Require
}

/** Undefined where it is not installed. */
export function installationOf(folder: string, packageName: string): Installation | undefined {
  const home = new URL(`../../interop/${folder}/`, import.meta.url)
  try {
    const manifest: unknown = JSON.parse(
      readFileSync(new URL(`node_modules/${packageName}/package.json`, home), 'utf8'),
    )
    const version = manifest !== null && typeof manifest === 'object' ? Reflect.get(manifest, 'version') : undefined
    return { version: String(version), require: createRequire(new URL('package.json', home)) }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** Whether `module` has all of these functions: how far one can know a module that has no types. */
export function hasFunctions(module: unknown, ...names: readonly string[]): boolean {
  if (module === null || (typeof module !== 'object' && typeof module !== 'function')) return false
  return names.every(name => typeof Reflect.get(module, name) === 'function')
}

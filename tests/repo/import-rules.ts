/**
 * Rules on imports, each a pure function from files to findings: which package may see which, through which door, and
 * what the protocol must not touch. No finding, no violation.
 */
import { posix } from 'node:path'
import { isTestFile, type Manifest, packageNameOf, recordField, type SourceFile } from './source-tree.js'

/** What a package may import of its siblings. A new package is entered here, below everything that it may not see. */
const visibleFrom: Readonly<Record<string, readonly string[]>> = {
  runtime: [],
  protocol: ['runtime'],
  client: ['runtime', 'protocol'],
  producer: ['runtime', 'protocol', 'client'],
  consumer: ['runtime', 'protocol', 'client'],
  eos: ['runtime', 'protocol', 'client', 'producer', 'consumer'],
  broker: ['runtime', 'protocol'],
  samsa: ['runtime', 'protocol', 'client', 'producer', 'consumer', 'eos', 'broker'],
}

const socketsTimersAndFiles =
  /^(?:node:)?(?:net|tls|dgram|dns|http|https|http2|fs|timers|child_process|cluster|worker_threads)(?:\/|$)/
const timerCalls = /\b(?:setTimeout|setInterval|setImmediate)\s*\(/

export interface Import {
  readonly specifier: string
  readonly line: number
}

/** Static imports, re-exports, `import()` and `require()` with a literal name; none from comments. */
export function importsOf(text: string): readonly Import[] {
  const code = blankComments(text)
  const patterns = [
    /^[ \t]*(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]/gm,
    /^[ \t]*import\s*['"]([^'"]+)['"]/gm,
    /\b(?:import|require|require\.resolve)\(\s*['"]([^'"]+)['"]/g,
  ]
  return patterns.flatMap(pattern =>
    [...code.matchAll(pattern)].map(match => ({
      specifier: match[1] ?? '',
      line: code.slice(0, match.index + match[0].length).split('\n').length,
    })),
  )
}

/** A package sees only what lies below it, and only the package it names: no path leads into a sibling's folder. */
export function importDirection(sources: readonly SourceFile[]): readonly string[] {
  return sources.flatMap(source => {
    const from = packageNameOf(source.path)
    if (from === undefined) return []
    if (visibleFrom[from] === undefined)
      return [`${source.path}: packages/${from} is not in the table of import-rules.ts`]
    return importsOf(source.text)
      .filter(found => !mayImport(source.path, from, found.specifier))
      .map(found => `${source.path}:${found.line}: ${from} must not import ${found.specifier}`)
  })
}

/** The same direction in the manifests, where a package names its siblings. */
export function dependencyDirection(manifests: readonly Manifest[]): readonly string[] {
  return manifests.flatMap(({ folder, fields }) => {
    const name = packageNameOf(`${folder}/`)
    if (name === undefined) return []
    const visible = visibleFrom[name] ?? []
    const allowed = name === 'broker' ? [...visible, 'client'] : visible
    return ['dependencies', 'peerDependencies', 'devDependencies', 'optionalDependencies'].flatMap(kind =>
      Object.keys(recordField(fields, kind))
        .filter(dependency => siblingOf(dependency) !== undefined && !allowed.includes(siblingOf(dependency) ?? ''))
        .map(dependency => `${folder}/package.json: ${name} must not depend on ${dependency}`),
    )
  })
}

/** A sibling is entered through the doors of its `exports`. Examples use the public one, like the users they teach. */
export function openDoorsOnly(sources: readonly SourceFile[], manifests: readonly Manifest[]): readonly string[] {
  const doors = new Set(
    manifests.flatMap(({ fields }) =>
      Object.keys(recordField(fields, 'exports')).map(door => posix.join(String(fields['name']), door)),
    ),
  )
  return sources.flatMap(source =>
    importsOf(source.text)
      .filter(({ specifier }) => siblingOf(specifier) !== undefined)
      .filter(({ specifier }) => !doors.has(specifier) || (isExample(source.path) && specifier.endsWith('/internal')))
      .map(({ specifier, line }) => `${source.path}:${line}: ${specifier} is no door that this file may use`),
  )
}

/** The protocol is bytes only: no socket, no timer, no file. Its tests may read files, its generator writes them. */
export function protocolIsBytesOnly(sources: readonly SourceFile[]): readonly string[] {
  return sources
    .filter(({ path }) => path.startsWith('packages/protocol/src/') && !isTestFile(path))
    .flatMap(source => {
      const imports = importsOf(source.text)
        .filter(({ specifier }) => socketsTimersAndFiles.test(specifier))
        .map(({ specifier, line }) => `${source.path}:${line}: the protocol must not import ${specifier}`)
      const timer = timerCalls.exec(blankComments(source.text))
      return timer === null ? imports : [...imports, `${source.path}: the protocol must not call ${timer[0]})`]
    })
}

/** What a published file imports, its own package.json names: what lies in the root's node_modules is not there for users. */
export function declaredDependencies(
  sources: readonly SourceFile[],
  manifests: readonly Manifest[],
): readonly string[] {
  const declared = new Map(manifests.map(manifest => [manifest.folder, dependencyNames(manifest)]))
  return sources
    .filter(({ path }) => /^packages\/[^/]+\/src\//.test(path) && !isTestFile(path))
    .flatMap(source => {
      const names = declared.get(`packages/${packageNameOf(source.path) ?? ''}`) ?? new Set()
      return importsOf(source.text)
        .filter(({ specifier }) => !specifier.startsWith('.') && !specifier.startsWith('node:'))
        .filter(({ specifier }) => !names.has(bareName(specifier)))
        .map(({ specifier, line }) => `${source.path}:${line}: ${bareName(specifier)} is not in its package.json`)
    })
}

/** And the other way round: users install nothing that no file asks for. An optional package is named in a string. */
export function usedDependencies(sources: readonly SourceFile[], manifests: readonly Manifest[]): readonly string[] {
  return manifests
    .filter(({ folder }) => packageNameOf(`${folder}/`) !== undefined)
    .flatMap(({ folder, fields }) => {
      const code = sources
        .filter(({ path }) => path.startsWith(`${folder}/src/`) && !isTestFile(path))
        .map(({ text }) => blankComments(text))
      return ['dependencies', 'peerDependencies', 'optionalDependencies']
        .flatMap(kind => Object.keys(recordField(fields, kind)))
        .filter(name => !code.some(text => text.includes(`'${name}'`) || text.includes(`'${name}/`)))
        .map(name => `${folder}/package.json: no source uses ${name}`)
    })
}

function mayImport(path: string, from: string, specifier: string): boolean {
  if (specifier.startsWith('.')) {
    return posix.join(posix.dirname(path), specifier).startsWith(`packages/${from}/`)
  }
  const to = siblingOf(specifier)
  if (to === undefined || to === from) return true
  // Links between brokers are the one place where the broker is a client.
  if (from === 'broker' && specifier === '@samsa/client/internal')
    return path.startsWith('packages/broker/src/cluster/')
  return visibleFrom[from]?.includes(to) ?? false
}

/** `protocol` for `@samsa/protocol/internal`, `samsa` for the umbrella package; undefined for packages of others. */
function siblingOf(specifier: string): string | undefined {
  if (specifier === 'samsa' || specifier.startsWith('samsa/')) return 'samsa'
  return /^@samsa\/([^/]+)/.exec(specifier)?.[1]
}

function bareName(specifier: string): string {
  const parts = specifier.split('/')
  return parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/')
}

function dependencyNames({ fields }: Manifest): ReadonlySet<string> {
  return new Set(
    ['dependencies', 'peerDependencies', 'optionalDependencies'].flatMap(kind =>
      Object.keys(recordField(fields, kind)),
    ),
  )
}

function isExample(path: string): boolean {
  return path.startsWith('examples/')
}

/** Comments that begin a line, as the formatter leaves them, become blank; line numbers stay. */
function blankComments(text: string): string {
  return text.replace(/^[ \t]*(?:\/\/.*|\/\*[\s\S]*?\*\/)/gm, comment => comment.replace(/[^\n]/g, ' '))
}

/**
 * Rules on package.json files, each a pure function from manifests to findings: doors, engines, licence, pinned and
 * agreeing versions. No finding, no violation.
 */
import { type Manifest, recordField } from './source-tree.js'

const exactVersion = /^\d+\.\d+\.\d+(?:-[\w.]+)?$/
const exactKinds = ['dependencies', 'devDependencies', 'optionalDependencies'] as const

/** In an exports entry `types` stands first: a resolver takes the first condition that it knows. */
export function typesFirst(manifests: readonly Manifest[]): readonly string[] {
  return manifests.filter(isPublic).flatMap(({ folder, fields }) =>
    Object.entries(recordField(fields, 'exports')).flatMap(([door, target]) => {
      if (typeof target === 'string')
        return door === './package.json' ? [] : [`${folder}: the door ${door} has no types`]
      const first = Object.keys(typeof target === 'object' && target !== null ? target : {})[0]
      return first === 'types' ? [] : [`${folder}: types is not the first condition of the door ${door}`]
    }),
  )
}

/** Every published package has a public door, one for its siblings, and a source file behind each. */
export function twoDoors(manifests: readonly Manifest[], files: readonly string[]): readonly string[] {
  const existing = new Set(files)
  return manifests.filter(isPublic).flatMap(({ folder, fields }) => {
    const doors = Object.keys(recordField(fields, 'exports'))
    return [
      ...['.', './internal', './package.json']
        .filter(door => !doors.includes(door))
        .map(door => `${folder}: exports lacks ${door}`),
      ...['src/index.ts', 'src/internal.ts']
        .filter(file => !existing.has(`${folder}/${file}`))
        .map(file => `${folder}: ${file} is missing`),
    ]
  })
}

/** What npm shows and what a bundler needs to know. */
export function describesItself(manifests: readonly Manifest[]): readonly string[] {
  const root = manifests.find(({ folder }) => folder === '.')
  const node = root === undefined ? undefined : recordField(root.fields, 'engines')['node']
  return manifests
    .filter(isPublic)
    .flatMap(({ folder, fields }) =>
      [
        recordField(fields, 'engines')['node'] === node ? '' : `engines.node is not ${String(node)}`,
        fields['license'] === 'Apache-2.0' ? '' : 'license is not Apache-2.0',
        fields['type'] === 'module' ? '' : 'type is not module',
        fields['sideEffects'] === undefined ? 'sideEffects is not given' : '',
        typeof fields['description'] === 'string' && fields['description'] !== '' ? '' : 'description is missing',
        Array.isArray(fields['files']) ? '' : 'files is not a list',
      ]
        .filter(finding => finding !== '')
        .map(finding => `${folder}: ${finding}`),
    )
}

/** The same bytes for everyone: exact versions, `workspace:*` for our own. Only peers are ranges. */
export function exactVersions(manifests: readonly Manifest[]): readonly string[] {
  return manifests.flatMap(manifest =>
    dependenciesOf(manifest)
      .filter(({ version }) => version !== 'workspace:*' && !exactVersion.test(version))
      .map(({ name, version }) => `${manifest.folder}: ${name} is not pinned (${version})`),
  )
}

/** One version for all published packages, and one of each dependency; foreign clients have their own. */
export function agreeingVersions(manifests: readonly Manifest[]): readonly string[] {
  const ours = manifests
    .filter(isPublic)
    .map(({ fields }) => ({ name: '@samsa/*', version: String(fields['version']) }))
  const used = manifests.filter(({ folder }) => !folder.startsWith('interop/')).flatMap(dependenciesOf)
  const versions = new Map<string, Set<string>>()
  for (const { name, version } of [...ours, ...used]) {
    versions.set(name, (versions.get(name) ?? new Set()).add(version))
  }
  return [...versions]
    .filter(([, found]) => found.size > 1)
    .map(([name, found]) => `${name} is used in versions ${[...found].join(' and ')}`)
}

/** What a tsconfig.json refers to, as folders from the root. */
export interface References {
  readonly path: string
  readonly folders: readonly string[]
}

/** `tsc -b` at the root builds every package, and the tests are compiled against all of them. */
export function everyPackageIsBuilt(
  manifests: readonly Manifest[],
  projects: readonly References[],
): readonly string[] {
  return projects.flatMap(({ path, folders }) =>
    manifests
      .filter(({ folder }) => folder.startsWith('packages/') && !folders.includes(folder))
      .map(({ folder }) => `${path}: does not refer to ${folder}`),
  )
}

export function hasReadme(manifests: readonly Manifest[], files: readonly string[]): readonly string[] {
  const existing = new Set(files)
  return manifests
    .filter(isPublic)
    .filter(({ folder }) => !existing.has(`${folder}/README.md`))
    .map(({ folder }) => `${folder}: README.md is missing`)
}

function isPublic({ fields }: Manifest): boolean {
  return fields['private'] !== true
}

function dependenciesOf({ fields }: Manifest): readonly { readonly name: string; readonly version: string }[] {
  return exactKinds.flatMap(kind =>
    Object.entries(recordField(fields, kind)).map(([name, version]) => ({ name, version: String(version) })),
  )
}

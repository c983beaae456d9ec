import { describe, expect, test } from 'vitest'
import {
  agreeingVersions,
  describesItself,
  everyPackageIsBuilt,
  exactVersions,
  hasReadme,
  twoDoors,
  typesFirst,
} from './manifest-rules.js'
import { listFiles, readManifests, readReferences } from './source-tree.js'

const files = listFiles()
const manifests = readManifests(files)

function manifest(fields: Record<string, unknown>, folder = 'packages/client') {
  return [{ folder, fields }]
}

describe('manifests of the repository', () => {
  test('types come first behind every door', () => {
    expect(manifests.map(({ folder }) => folder)).toEqual(expect.arrayContaining(['.', 'packages/runtime']))
    expect(typesFirst(manifests)).toEqual([])
  })

  test('every published package has its two doors', () => {
    expect(twoDoors(manifests, files)).toEqual([])
  })

  test('every published package says what it is and where it runs', () => {
    expect(describesItself(manifests)).toEqual([])
  })

  test('every dependency is pinned', () => {
    expect(exactVersions(manifests)).toEqual([])
  })

  test('versions agree', () => {
    expect(agreeingVersions(manifests)).toEqual([])
  })

  test('every published package has a README', () => {
    expect(hasReadme(manifests, files)).toEqual([])
  })

  test('every package is built, and before the tests', () => {
    const projects = ['tsconfig.json', 'tsconfig.tests.json'].map(path => ({ path, folders: readReferences(path) }))
    expect(everyPackageIsBuilt(manifests, projects)).toEqual([])
  })
})

describe('the rules on manifests', () => {
  test('a door without types, or with types too late, is found', () => {
    expect(typesFirst(manifest({ exports: { '.': { default: './a.js', types: './a.d.ts' } } }))).toHaveLength(1)
    expect(typesFirst(manifest({ exports: { '.': './a.js' } }))).toHaveLength(1)
    expect(typesFirst(manifest({ exports: { '.': { types: './a.d.ts', default: './a.js' } } }))).toEqual([])
    expect(typesFirst(manifest({ exports: { './package.json': './package.json' } }))).toEqual([])
  })

  test('a missing door is found, and one with nothing behind it', () => {
    const exports = { '.': {}, './internal': {}, './package.json': './package.json' }
    const sources = ['packages/client/src/index.ts', 'packages/client/src/internal.ts']
    expect(twoDoors(manifest({ exports }), sources)).toEqual([])
    expect(twoDoors(manifest({ exports: { '.': {} } }), sources)).toHaveLength(2)
    expect(twoDoors(manifest({ exports }), [])).toHaveLength(2)
    expect(twoDoors(manifest({ private: true }), [])).toEqual([])
  })

  test('each missing field is found', () => {
    const root = { folder: '.', fields: { private: true, engines: { node: '>=20.19' } } }
    const complete = {
      engines: { node: '>=20.19' },
      license: 'Apache-2.0',
      type: 'module',
      sideEffects: false,
      description: 'A client.',
      files: ['dist'],
    }
    expect(describesItself([root, ...manifest(complete)])).toEqual([])
    for (const field of Object.keys(complete)) {
      expect(describesItself([root, ...manifest({ ...complete, [field]: undefined })])).toHaveLength(1)
    }
  })

  test('a range is found everywhere but in peers', () => {
    expect(exactVersions(manifest({ dependencies: { a: '^1.0.0' }, devDependencies: { b: 'latest' } }))).toHaveLength(2)
    expect(exactVersions(manifest({ optionalDependencies: { a: '~1.0.0' } }, 'interop/kafkajs'))).toHaveLength(1)
    expect(
      exactVersions(manifest({ dependencies: { a: '1.0.0', b: 'workspace:*' }, peerDependencies: { c: '^1.0.0' } })),
    ).toEqual([])
  })

  test('versions that differ are found, of our packages and of a dependency', () => {
    const first = manifest({ version: '1.0.0', dependencies: { a: '1.0.0' } })
    expect(agreeingVersions([...first, ...manifest({ version: '1.0.1' }, 'packages/broker')])).toHaveLength(1)
    expect(
      agreeingVersions([...first, ...manifest({ private: true, dependencies: { a: '2.0.0' } }, 'tests')]),
    ).toHaveLength(1)
    expect(
      agreeingVersions([...first, ...manifest({ private: true, dependencies: { a: '2.0.0' } }, 'interop/a')]),
    ).toEqual([])
  })

  test('a published package without a README is found', () => {
    expect(hasReadme(manifest({}), [])).toHaveLength(1)
    expect(hasReadme(manifest({}), ['packages/client/README.md'])).toEqual([])
    expect(hasReadme(manifest({ private: true }), [])).toEqual([])
  })

  test('a package that is not built is found', () => {
    const projects = [{ path: 'tsconfig.json', folders: ['packages/runtime'] }]
    expect(everyPackageIsBuilt(manifest({}), projects)).toEqual(['tsconfig.json: does not refer to packages/client'])
    expect(everyPackageIsBuilt(manifest({}, 'packages/runtime'), projects)).toEqual([])
    expect(everyPackageIsBuilt(manifest({}, 'tests'), projects)).toEqual([])
  })
})

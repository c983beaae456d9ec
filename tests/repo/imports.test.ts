import { describe, expect, test } from 'vitest'
import {
  declaredDependencies,
  dependencyDirection,
  importDirection,
  importsOf,
  openDoorsOnly,
  protocolIsBytesOnly,
  usedDependencies,
} from './import-rules.js'
import { listFiles, readManifests, readSources } from './source-tree.js'

const files = listFiles()
const sources = readSources(files)
const manifests = readManifests(files)

function file(path: string, text: string) {
  return { path, text }
}

describe('imports of the repository', () => {
  test('packages import only what lies below them', () => {
    expect(sources.length).toBeGreaterThan(0)
    expect(importDirection(sources)).toEqual([])
  })

  test('packages depend only on what lies below them', () => {
    expect(dependencyDirection(manifests)).toEqual([])
  })

  test('siblings are entered through their doors', () => {
    expect(openDoorsOnly(sources, manifests)).toEqual([])
  })

  test('the protocol touches no socket, timer or file', () => {
    expect(protocolIsBytesOnly(sources)).toEqual([])
  })

  test('what a package imports is in its package.json', () => {
    expect(declaredDependencies(sources, manifests)).toEqual([])
  })

  test('what is in its package.json a package uses', () => {
    expect(usedDependencies(sources, manifests)).toEqual([])
  })
})

describe('the rules on imports', () => {
  test('every form of import is seen, and none in a comment', () => {
    const text = [
      '/**',
      " * import { a } from 'comment-block'",
      ' */',
      "import { b } from 'static'",
      'import {',
      '  c,',
      "} from 'many-lines'",
      "import 'bare'",
      "export * from 're-export'",
      "  // import d from 'comment-line'",
      "const e = await import('dynamic')",
      "const f = require('required')",
    ].join('\n')
    expect(
      importsOf(text)
        .map(({ specifier, line }) => `${line} ${specifier}`)
        .sort(),
    ).toEqual(['11 dynamic', '12 required', '4 static', '7 many-lines', '8 bare', '9 re-export'])
  })

  test('an import of a package above, or of a file in a sibling, is found', () => {
    const bad = [
      file('packages/runtime/src/a.ts', "import { ProtocolError } from '@samsa/protocol'"),
      file('packages/producer/src/b.ts', "import { Consumer } from '@samsa/consumer'"),
      file('packages/client/src/c.ts', "import { createBroker } from '@samsa/broker/testing'"),
      file('packages/client/src/d.ts', "import { Reader } from '../../protocol/src/wire/reader.js'"),
      file('packages/novel/src/e.ts', 'export const a = 1'),
    ]
    expect(importDirection(bad)).toHaveLength(bad.length)
    expect(importDirection([file('packages/eos/src/f.ts', "import { Producer } from '@samsa/producer'")])).toEqual([])
  })

  test('the broker is a client in src/cluster only', () => {
    const text = "import { Connection } from '@samsa/client/internal'"
    expect(importDirection([file('packages/broker/src/cluster/replica-fetcher.ts', text)])).toEqual([])
    expect(importDirection([file('packages/broker/src/handlers/00-produce.ts', text)])).toHaveLength(1)
  })

  test('a manifest that names the broker is found', () => {
    const fields = { dependencies: { '@samsa/broker': 'workspace:*' } }
    expect(dependencyDirection([{ folder: 'packages/client', fields }])).toHaveLength(1)
    expect(dependencyDirection([{ folder: 'packages/samsa', fields }])).toEqual([])
    expect(dependencyDirection([{ folder: 'benchmarks', fields }])).toEqual([])
  })

  test('a path behind the doors is found, and the internal door in an example', () => {
    const exporting = [
      { folder: 'packages/protocol', fields: { name: '@samsa/protocol', exports: { '.': {}, './internal': {} } } },
    ]
    const used = (path: string, specifier: string) => openDoorsOnly([file(path, `import '${specifier}'`)], exporting)
    expect(used('tests/a.ts', '@samsa/protocol')).toEqual([])
    expect(used('tests/a.ts', '@samsa/protocol/internal')).toEqual([])
    expect(used('tests/a.ts', '@samsa/protocol/dist/index.js')).toHaveLength(1)
    expect(used('examples/orders/a.ts', '@samsa/protocol/internal')).toHaveLength(1)
  })

  test('a socket, a timer and a file in the protocol are found', () => {
    const path = 'packages/protocol/src/a.ts'
    expect(protocolIsBytesOnly([file(path, "import { connect } from 'node:net'")])).toHaveLength(1)
    expect(protocolIsBytesOnly([file(path, "import { readFile } from 'node:fs/promises'")])).toHaveLength(1)
    expect(protocolIsBytesOnly([file(path, 'setTimeout(() => {}, 1)')])).toHaveLength(1)
    expect(protocolIsBytesOnly([file(path, "import { gunzipSync } from 'node:zlib'")])).toEqual([])
    expect(protocolIsBytesOnly([file('packages/protocol/src/a.test.ts', "import 'node:fs'")])).toEqual([])
  })

  test('an undeclared dependency is found', () => {
    const declaring = [{ folder: 'packages/protocol', fields: { peerDependencies: { '@node-rs/crc32': '^1.0.0' } } }]
    const path = 'packages/protocol/src/a.ts'
    expect(declaredDependencies([file(path, "import('@node-rs/crc32')")], declaring)).toEqual([])
    expect(declaredDependencies([file(path, "import crc from 'crc-32/crc32c.js'")], declaring)).toEqual([
      'packages/protocol/src/a.ts:1: crc-32 is not in its package.json',
    ])
  })

  test('a dependency that no source uses is found', () => {
    const declaring = [
      { folder: 'packages/protocol', fields: { dependencies: { 'crc-32': '1.0.0', snappy: '1.0.0' } } },
    ]
    const using = [
      file('packages/protocol/src/a.ts', "import crc from 'crc-32/crc32c.js'\nnew OptionalPackage('snappy')"),
    ]
    expect(usedDependencies(using, declaring)).toEqual([])
    expect(usedDependencies([file('packages/protocol/src/a.test.ts', using[0]?.text ?? '')], declaring)).toHaveLength(2)
    expect(usedDependencies([file('packages/protocol/src/a.ts', "// 'snappy' and 'crc-32'")], declaring)).toHaveLength(
      2,
    )
  })
})

/**
 * Compiles and runs every ```ts block of README.md, docs/ and the README.md of each package against the built packages, each
 * as a program of its own: what the documents show, works. Needs a build.
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { CheckList } from './check-list.mjs'
import { runCaptured } from './child-process.mjs'
import { typeScriptBlocks } from './readme-blocks.mjs'
import { inRoot, publicPackages, rootFolder } from './workspace.mjs'

const runLimitMs = 60_000
/** What users of stores install beside them. */
const DRIVERS = ['pg', '@types/pg', 'mysql2', 'ioredis']
const checks = new CheckList('readme check')

process.exitCode = await main()

async function main() {
  const blocks = documents().flatMap(path =>
    typeScriptBlocks(readFileSync(path, 'utf8')).map(block => ({ ...block, document: relative(rootFolder, path) })),
  )
  const project = mkdtempSync(join(tmpdir(), 'samsa-readme-'))
  try {
    writeProject(project, blocks)
    const problems = await compile(project, blocks)
    for (const [index, block] of blocks.entries()) {
      await checks.check(
        `${block.document}:${block.line} ${block.run ? 'runs' : 'compiles'}`,
        () => problems.get(index) ?? (block.run ? run(project, index) : undefined),
      )
    }
  } finally {
    rmSync(project, { recursive: true, force: true })
  }
  return checks.finish()
}

function documents() {
  const docs = existsSync(inRoot('docs')) ? readdirSync(inRoot('docs')).filter(name => name.endsWith('.md')) : []
  return [
    inRoot('README.md'),
    ...docs.map(name => inRoot('docs', name)),
    ...publicPackages().map(({ folder }) => join(folder, 'README.md')),
  ].filter(path => existsSync(path))
}

/** An ES module project that sees the public packages under their names, and Node's types. */
function writeProject(project, blocks) {
  const links = publicPackages().map(({ folder, manifest }) => [manifest.name, folder])
  const drivers = DRIVERS.map(name => [name, inRoot('tests/node_modules', name)])
  for (const [name, folder] of [...links, ...drivers, ['@types/node', inRoot('node_modules/@types/node')]]) {
    const link = join(project, 'node_modules', name)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(folder, link, 'junction')
  }
  const compilerOptions = {
    strict: true,
    target: 'ES2023',
    lib: ['ES2023', 'esnext.disposable'],
    module: 'nodenext',
    types: ['node'],
    skipLibCheck: true,
    rootDir: '.',
    outDir: 'built',
  }
  writeFileSync(join(project, 'package.json'), JSON.stringify({ private: true, type: 'module' }))
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['block-*.ts'] }))
  // The last line makes each a module even where it imports nothing.
  for (const [index, { code }] of blocks.entries())
    writeFileSync(join(project, `block-${index}.ts`), `${code}\nexport {}\n`)
}

/** What the compiler says of each block, by index, with the lines of the document; nothing for those that compile. */
async function compile(project, blocks) {
  const problems = new Map()
  if (blocks.length === 0) return problems
  const { status, output } = await runCaptured(
    process.execPath,
    [inRoot('node_modules/typescript/bin/tsc'), '-p', '.'],
    {
      cwd: project,
    },
  )
  for (const line of output.split('\n')) {
    const found = /^block-(\d+)\.ts\((\d+),(\d+)\): (.*)$/.exec(line)
    if (found === null) continue
    const index = Number(found[1])
    const block = blocks[index]
    const place = `${block.document}:${block.line + Number(found[2]) - 1}:${found[3]}`
    problems.set(index, [problems.get(index), `${place}: ${found[4]}`].filter(Boolean).join('\n'))
  }
  if (status !== 0 && problems.size === 0) throw new Error(`the compiler failed:\n${output}`)
  return problems
}

async function run(project, index) {
  const { status, signal, output } = await runCaptured(process.execPath, [`built/block-${index}.js`], {
    cwd: project,
    timeoutMs: runLimitMs,
  })
  if (signal !== null) return `ended with ${signal}; a block has ${runLimitMs / 1000} s\n${output}`
  return status === 0 ? undefined : output || `exit status ${status}`
}

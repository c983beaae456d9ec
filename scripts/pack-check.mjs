/**
 * What npm users would get: packs every public package, looks at the tarballs with publint and are-the-types-wrong, then
 * installs all of them into an empty project, imports each door and compiles against its types. Needs a build.
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CheckList } from './check-list.mjs'
import { npmProgram, runCaptured } from './child-process.mjs'
import { inRoot, pinnedPnpm, publicPackages } from './workspace.mjs'

const checks = new CheckList('pack check')

process.exitCode = await main()

async function main() {
  const folder = mkdtempSync(join(tmpdir(), 'samsa-pack-'))
  try {
    const packed = []
    for (const publicPackage of publicPackages()) {
      const tarball = await packAndInspect(publicPackage, folder)
      if (tarball !== undefined) packed.push({ ...publicPackage, tarball })
    }
    await useInEmptyProject(packed, join(folder, 'project'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return checks.finish()
}

/** Resolves to the tarball's path, or undefined when there is none. */
async function packAndInspect({ folder, manifest }, destination) {
  const target = join(destination, manifest.name.replace('/', '-'))
  mkdirSync(target)
  const npx = npmProgram('npx')
  const packing = ['--yes', '--loglevel=error', pinnedPnpm(), 'pack', '--pack-destination', target]
  const isPacked = await checks.check(`${manifest.name} packs`, () =>
    mustSucceed(npx.command, packing, { cwd: folder, ...npx.options }),
  )
  const [name] = readdirSync(target)
  if (!isPacked || name === undefined) return undefined
  const tarball = join(target, name)
  await checks.check(`${manifest.name} holds what it should`, () => inspectFiles(tarball))
  await checks.check(`${manifest.name} passes publint`, () =>
    mustSucceed(process.execPath, [inRoot('node_modules/publint/src/cli.js'), 'run', tarball, '--strict']),
  )
  await checks.check(`${manifest.name} has the right types`, () =>
    mustSucceed(process.execPath, [
      inRoot('node_modules/@arethetypeswrong/cli/dist/index.js'),
      tarball,
      '--profile',
      'esm-only',
      '--format',
      'ascii',
      '--no-emoji',
    ]),
  )
  return tarball
}

async function inspectFiles(tarball) {
  const { status, output } = await runCaptured('tar', ['-tzf', tarball])
  if (status !== 0) return output
  const files = output.split('\n').map(line => line.replace(/^package\//, ''))
  const missing = ['LICENSE', 'README.md', 'package.json', 'dist/index.js', 'dist/index.d.ts'].filter(
    name => !files.includes(name),
  )
  const superfluous = files.filter(name => /\.test\.|\.tsbuildinfo$/.test(name))
  return [
    ...missing.map(name => `${name} is missing`),
    ...superfluous.map(name => `${name} does not belong there`),
  ].join('\n')
}

async function useInEmptyProject(packed, project) {
  mkdirSync(project)
  const tarballs = Object.fromEntries(packed.map(({ manifest, tarball }) => [manifest.name, `file:${tarball}`]))
  writeFileSync(
    join(project, 'package.json'),
    // The overrides make the packages find one another here, and not in a registry.
    JSON.stringify({ private: true, type: 'module', dependencies: tarballs, overrides: tarballs }),
  )
  const npm = npmProgram('npm')
  const isInstalled = await checks.check('the tarballs install into an empty project', () =>
    mustSucceed(npm.command, ['install', '--loglevel=error', '--no-audit', '--no-fund'], {
      cwd: project,
      ...npm.options,
    }),
  )
  if (!isInstalled) return
  const doors = packed.flatMap(({ manifest }) => doorsOf(manifest))
  for (const door of doors) {
    await checks.check(`import '${door}'`, () =>
      mustSucceed(process.execPath, ['--input-type=module', '-e', `await import('${door}')`], { cwd: project }),
    )
  }
  await checks.check('the types compile where libraries are checked too', () => compileImports(doors, project))
}

async function compileImports(doors, project) {
  const names = doors.map((_, index) => `door${index}`)
  const imports = doors.map((door, index) => `import * as ${names[index]} from '${door}'\n`)
  writeFileSync(
    join(project, 'main.ts'),
    `${imports.join('')}export const doors: readonly object[] = [${names.join(', ')}]\n`,
  )
  const nodeTypes = inRoot('node_modules/@types')
  return mustSucceed(
    process.execPath,
    [
      inRoot('node_modules/typescript/bin/tsc'),
      ...['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--skipLibCheck', 'false'],
      ...['--module', 'nodenext', '--target', 'es2023', '--typeRoots', nodeTypes, '--types', 'node'],
      'main.ts',
    ],
    { cwd: project },
  )
}

/** What a user may write after `import`, as `@samsa/protocol` and `@samsa/protocol/internal`. */
function doorsOf(manifest) {
  return Object.keys(manifest.exports ?? {})
    .filter(door => !door.endsWith('.json'))
    .map(door => `${manifest.name}${door.slice(1)}`)
}

async function mustSucceed(command, args, options) {
  const { status, output } = await runCaptured(command, args, options)
  return status === 0 ? undefined : output || `exit status ${status}`
}

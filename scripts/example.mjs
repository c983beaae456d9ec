/**
 * `npm run example -- NAME`: one of examples/, installed and built first where it must be.
 */
import { pathToFileURL } from 'node:url'
import { prepareWorkspace } from './built-workspace.mjs'
import { inRoot } from './workspace.mjs'

const program = inRoot('examples/dist/run.js')

if (await prepareWorkspace({ projects: ['examples'], program })) await import(pathToFileURL(program).href)
else process.exitCode = 1

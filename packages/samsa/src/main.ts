#!/usr/bin/env node
/**
 * The program `samsa`: hands its arguments to the command line and ends with the status that comes back.
 */
import { runCommandLine } from './command-line.js'

process.exitCode = await runCommandLine(process.argv.slice(2))

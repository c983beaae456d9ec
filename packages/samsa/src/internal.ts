/**
 * What the scripts of this repository may use: the command line, with a program of theirs beside the broker.
 */
export type { Companion, CompanionFlags } from './broker-command.js'
export { runCommandLine } from './command-line.js'

/**
 * On what was measured: a figure without its machine and versions says nothing.
 */
import { cpus, loadavg, platform, release, totalmem } from 'node:os'

export interface Environment {
  readonly machine: string
  readonly node: string
  /** Load average of the last minute before the start: what else the machine was doing. */
  readonly load: number
  readonly versions: Readonly<Record<string, string>>
}

export function environmentOf(versions: Readonly<Record<string, string>>): Environment {
  const processors = cpus()
  const model = processors[0]?.model.trim() ?? 'unknown processor'
  const memory = Math.round(totalmem() / 2 ** 30)
  return {
    machine: `${model}, ${processors.length} cores, ${memory} GiB, ${platform()} ${release()}`,
    node: process.versions.node,
    load: loadavg()[0] ?? Number.NaN,
    versions,
  }
}

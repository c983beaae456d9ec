/**
 * A real Kafka of one node for a whole test file, in a folder of its own, through the launcher that SAMSA_KAFKA_BIN names.
 */
import { statfsSync } from 'node:fs'
import { join } from 'node:path'
import { mustRun } from '../interop/program.js'
import { type TemporaryFolder, temporaryFolder } from '../interop/temporary-folder.js'
import { freePort } from './free-port.js'

/** The launcher gives a node's controller a port of its own, so far above the node's. */
const CONTROLLER_PORT_DISTANCE = 1000

const MEMORY = '/dev/shm'
const ROOM_BYTES = 2 ** 30

/** A Java machine that lives for a minute does not win back what its better compiler takes. */
const SHORT_LIFE = '-XX:TieredStopAtLevel=1'

export class KafkaProcess {
  /** `host:port`. */
  readonly address: string
  readonly #launcher: string
  readonly #folder: TemporaryFolder

  private constructor(launcher: string, folder: TemporaryFolder, address: string) {
    this.#launcher = launcher
    this.#folder = folder
    this.address = address
  }

  static async start(launcher: string, properties: readonly string[]): Promise<KafkaProcess> {
    const folder = temporaryFolder(folderInMemory())
    const port = String(await freePort(CONTROLLER_PORT_DISTANCE))
    const configs = properties.flatMap(property => ['--config', property])
    const args = ['start', '--port', port, '--dir', join(folder.path, 'kafka'), ...configs]
    try {
      const address = String(await mustRun('env', [`KAFKA_OPTS=${SHORT_LIFE}`, launcher, ...args])).trim()
      return new KafkaProcess(launcher, folder, address)
    } catch (error) {
      folder.remove()
      throw error
    }
  }

  async stop(): Promise<void> {
    try {
      await mustRun(this.#launcher, ['stop', '--kill', '--dir', join(this.#folder.path, 'kafka')])
    } finally {
      this.#folder.remove()
    }
  }
}

/** Making and deleting files is most of what a Kafka has to do here, and no test of a disk. */
function folderInMemory(): string | undefined {
  try {
    const { bavail, bsize } = statfsSync(MEMORY)
    return bavail * bsize > ROOM_BYTES ? MEMORY : undefined
  } catch {
    return undefined
  }
}

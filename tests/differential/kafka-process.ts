/**
 * A real Kafka of one node for a whole test file, in a folder of its own, through the launcher that SAMSA_KAFKA_BIN names.
 */
import { readFileSync, statfsSync } from 'node:fs'
import { join } from 'node:path'
import { mustRun } from '../interop/program.js'
import { type TemporaryFolder, temporaryFolder } from '../interop/temporary-folder.js'
import { freePort } from './free-port.js'

/** The launcher gives a node's controller and each further listener a port of its own, so far above the node's. */
const CONTROLLER_PORT_DISTANCE = 1000
const LISTENER_PORT_DISTANCES = { plain: 0, sasl: 100, tls: 200, saslOverTls: 300 } as const

const MEMORY = '/dev/shm'
const ROOM_BYTES = 2 ** 30

/** A Java machine that lives for a minute does not win back what its better compiler takes. */
const SHORT_LIFE = '-XX:TieredStopAtLevel=1'

export interface KafkaListeners {
  /** PLAIN and SCRAM for the user `admin` with the password `admin-secret`. */
  readonly sasl?: boolean
  /** A certificate for 127.0.0.1 and localhost; clients may show one of the same authority. */
  readonly tls?: boolean
}

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

  static async start(
    launcher: string,
    properties: readonly string[],
    { sasl = false, tls = false }: KafkaListeners = {},
  ): Promise<KafkaProcess> {
    const folder = temporaryFolder(folderInMemory())
    const { plain: _own, ...further } = LISTENER_PORT_DISTANCES
    const distances = sasl || tls ? Object.values(further) : []
    const port = String(await freePort(CONTROLLER_PORT_DISTANCE, ...distances))
    const listeners = [...(sasl ? ['--sasl'] : []), ...(tls ? ['--tls'] : [])]
    const configs = properties.flatMap(property => ['--config', property])
    const args = ['start', '--port', port, '--dir', join(folder.path, 'kafka'), ...listeners, ...configs]
    try {
      const address = String(
        await mustRun('env', [`KAFKA_OPTS=${process.env['KAFKA_OPTS'] ?? SHORT_LIFE}`, launcher, ...args]),
      ).trim()
      return new KafkaProcess(launcher, folder, address)
    } catch (error) {
      folder.remove()
      throw error
    }
  }

  listener(name: keyof typeof LISTENER_PORT_DISTANCES): { readonly host: string; readonly port: number } {
    const { hostname, port } = new URL(`kafka://${this.address}`)
    return { host: hostname, port: Number(port) + LISTENER_PORT_DISTANCES[name] }
  }

  /** A file of PEM that was made for its TLS: `ca.pem`, `client.crt`, `client.key`. */
  certificate(name: string): Buffer {
    return readFileSync(join(this.#folder.path, 'kafka', 'tls', name))
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

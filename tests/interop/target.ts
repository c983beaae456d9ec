/**
 * The broker that foreign clients are tried against: one of ours, started for the test file, or, where SAMSA_KAFKA names a
 * running Kafka, that one, which tells whether it is the test that is wrong.
 */
import { BrokerProcess } from './broker-process.js'
import { temporaryFolder } from './temporary-folder.js'

export interface Target {
  /** `host:port`. */
  readonly address: string
  stop(): Promise<void>
}

export async function startTarget(): Promise<Target> {
  const address = process.env['SAMSA_KAFKA']
  if (address !== undefined) return { address, stop: async () => {} }
  const folder = temporaryFolder()
  const broker = await BrokerProcess.start({ dataDir: folder.path }).catch(error => {
    folder.remove()
    throw error
  })
  return {
    address: broker.address,
    stop: async () => {
      try {
        await broker.stop()
      } finally {
        folder.remove()
      }
    },
  }
}

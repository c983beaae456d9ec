/**
 * The foreign clients that are here to be compared with.
 */
import { KafkajsPeer } from '../peers/kafkajs.ts'
import { PlatformaticPeer } from '../peers/platformatic.ts'

export interface Peers {
  readonly kafkajs: KafkajsPeer | undefined
  readonly platformatic: PlatformaticPeer | undefined
}

export const PEER_NAMES: readonly (keyof Peers)[] = ['kafkajs', 'platformatic']

export async function loadPeers(): Promise<Peers> {
  return { kafkajs: KafkajsPeer.load(), platformatic: await PlatformaticPeer.load() }
}

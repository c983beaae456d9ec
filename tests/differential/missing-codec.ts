/**
 * Sequences have batches of every codec: a seed must mean the same bytes everywhere, so no other codec stands in for one
 * that cannot be written here.
 */
import { CODECS } from '@samsa/protocol'

/** Why sequences cannot be made here; undefined where they can. */
export function missingCodec(): string | undefined {
  for (const codec of CODECS) {
    const can = codec.canCompress()
    if (can !== true) return `needs to write ${codec.name} under this Node`
  }
  return undefined
}

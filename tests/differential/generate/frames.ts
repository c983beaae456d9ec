/**
 * Frames that no client of right mind sends: cut off, with bytes behind the end, of versions and keys that nobody serves.
 */
import type { Step, StepOptions } from '../step.js'
import type { World } from './world.js'

/** The same request, spoilt on its way. */
export function spoilt(world: World, make: (world: World) => Step): Step {
  const sound = make(world)
  const [note, damage] = someDamage(world)
  const frame: Step['frame'] = (bindings, correlationId) => {
    const whole = sound.frame(bindings, correlationId)
    const body = damage(Buffer.from(whole.subarray(4)))
    const length = Buffer.alloc(4)
    length.writeInt32BE(body.length, 0)
    return Buffer.concat([length, body])
  }
  return { ...sound, note: `${sound.note} ${note}`.trim(), frame }
}

type Damage = NonNullable<StepOptions['damage']>

function someDamage({ draw }: World): readonly [string, Damage] {
  const count = draw.between(1, 12)
  switch (draw.integer(0, 5)) {
    case 0:
      return [`${count} bytes too short`, frame => frame.subarray(0, Math.max(8, frame.length - count))]
    case 1:
      return [`${count} bytes too long`, frame => Buffer.concat([frame, Buffer.alloc(count)])]
    case 2: {
      const version = draw.one([-1, 99, 32_767])
      return [`version ${version}`, frame => written(frame, () => frame.writeInt16BE(version, 2))]
    }
    case 3: {
      const key = draw.one([-1, 4, 7, 1000, 52, 99])
      return [`key ${key}`, frame => written(frame, () => frame.writeInt16BE(key, 0))]
    }
    default:
      return ['the header alone', frame => frame.subarray(0, 8)]
  }
}

function written(frame: Buffer, change: () => void): Buffer {
  change()
  return frame
}

/**
 * Which version of an API two peers speak: the highest that both know.
 */
import type { VersionRange } from './messages/api.js'

/**
 * The highest version in both ranges, or undefined when they do not meet. Of our own range an unfinished newest version
 * does not count.
 */
export function highestCommonVersion(
  ours: VersionRange,
  theirs: { readonly minVersion: number; readonly maxVersion: number },
): number | undefined {
  const version = Math.min(ours.latestStable, theirs.maxVersion)
  return version >= ours.min && version >= theirs.minVersion ? version : undefined
}

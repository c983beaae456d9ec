/**
 * Which segments become one when they are compacted: neighbours that together stay within the limits of a segment, so that
 * segments do not get ever smaller. A pure decision.
 */

/** A segment as far as grouping looks at it. */
export interface GroupedSegment {
  readonly baseOffset: number
  readonly size: number
  readonly offsetIndex: { readonly count: number }
  readonly timeIndex: { readonly count: number }
}

export interface GroupLimits {
  readonly segmentBytes: number
  readonly offsetIndexEntries: number
  readonly timeIndexEntries: number
  /** Behind the last offset that may be compacted. */
  readonly endOffset: number
}

/** Offsets in a segment are relative to its first, in 31 bits. */
const MAX_RELATIVE_OFFSET = 0x7fff_ffff

/** All of `segments`, in their order, each in one group. */
export function groupSegments<T extends GroupedSegment>(segments: readonly T[], limits: GroupLimits): T[][] {
  const groups: T[][] = []
  let group: T[] = []
  let bytes = 0
  let offsetEntries = 0
  let timeEntries = 0
  segments.forEach((segment, index) => {
    const [first] = group
    bytes += segment.size
    offsetEntries += segment.offsetIndex.count
    timeEntries += segment.timeIndex.count
    const lastOffset = (segments[index + 1]?.baseOffset ?? limits.endOffset) - 1
    const fits =
      first !== undefined &&
      bytes <= limits.segmentBytes &&
      offsetEntries <= limits.offsetIndexEntries &&
      timeEntries <= limits.timeIndexEntries &&
      // An empty segment brings no offset that could be too far away.
      (segment.size === 0 || lastOffset - first.baseOffset <= MAX_RELATIVE_OFFSET)
    if (fits) {
      group.push(segment)
      return
    }
    group = [segment]
    groups.push(group)
    bytes = segment.size
    offsetEntries = segment.offsetIndex.count
    timeEntries = segment.timeIndex.count
  })
  return groups
}

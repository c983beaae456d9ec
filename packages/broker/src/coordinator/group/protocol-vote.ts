/**
 * Which protocol (assignor) a classic group uses: of those that all members know, the one that most of them prefer. Pure.
 */
import type { ClassicMember, MemberProtocol } from './classic-member.js'

/** Names that every member knows, in the order of the first one. */
export function commonProtocols(members: readonly ClassicMember[]): string[] {
  const [first, ...others] = members.map(({ protocols }) => new Set(protocols.map(({ name }) => name)))
  return [...(first ?? [])].filter(name => others.every(known => known.has(name)))
}

/** Whether someone with these protocols could join. */
export function sharesProtocol(members: readonly ClassicMember[], protocols: readonly MemberProtocol[]): boolean {
  // The last member may leave while the group waits for a new one, which is free to choose.
  if (members.length === 0) return protocols.length > 0
  const common = new Set(commonProtocols(members))
  return protocols.some(({ name }) => common.has(name))
}

/** Undefined where there is nothing that all know, as in a group without members. Ties go to what the first one prefers. */
export function electProtocol(members: readonly ClassicMember[]): string | undefined {
  const common = commonProtocols(members)
  const votes = new Map(common.map(name => [name, 0]))
  for (const { protocols } of members) {
    const choice = protocols.find(({ name }) => votes.has(name))?.name
    if (choice !== undefined) votes.set(choice, (votes.get(choice) ?? 0) + 1)
  }
  let elected: string | undefined
  for (const [name, count] of votes) if (elected === undefined || count > (votes.get(elected) ?? 0)) elected = name
  return elected
}

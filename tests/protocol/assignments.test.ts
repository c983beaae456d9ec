import {
  type Assignor,
  cooperativeStickyAssignor,
  rangeAssignor,
  roundRobinAssignor,
  stickyAssignor,
} from '@samsa/protocol'
import { type ServerAssignor, serverRangeAssignor, uniformAssignor } from '@samsa/protocol/internal'
import { describe, expect, it } from 'vitest'
import { byTopic, type ClassicCase, classicCases, type ServerCase, serverCases } from './golden-assignments.js'

const classic: readonly (() => Assignor)[] = [
  rangeAssignor,
  roundRobinAssignor,
  stickyAssignor,
  cooperativeStickyAssignor,
]
const server: readonly ServerAssignor[] = [uniformAssignor, serverRangeAssignor]

describe.each(classic.map(create => ({ name: create().name, create })))('the $name assignor', ({ name, create }) => {
  const cases = classicCases.filter(({ assignor }) => assignor === name)

  it('has cases to be compared with', () => {
    expect(cases.length).toBeGreaterThanOrEqual(30)
  })

  it.each(cases.map((given, number) => ({ number, given })))('assigns what Kafka does in case $number', ({ given }) => {
    expect(classicResult(create(), given)).toEqual(given.result)
  })

  it('assigns the same whichever order the members come in', () => {
    for (const given of cases) {
      const turned = { ...given, members: [...given.members].reverse() }
      expect(classicResult(create(), turned)).toEqual(classicResult(create(), given))
    }
  })
})

describe.each(server)('the $name assignor of the coordinator', assignor => {
  const cases = serverCases.filter(given => given.assignor === `server-${assignor.name}`)

  it('has cases to be compared with', () => {
    expect(cases.length).toBeGreaterThanOrEqual(30)
  })

  it.each(cases.map((given, number) => ({ number, given })))('assigns what Kafka does in case $number', ({ given }) => {
    expect(serverResult(assignor, given)).toEqual(given.result)
  })

  it('assigns the same whichever order the members come in', () => {
    for (const given of cases) {
      const turned = { ...given, members: [...given.members].reverse() }
      expect(serverResult(assignor, turned)).toEqual(serverResult(assignor, given))
    }
  })
})

function classicResult(assignor: Assignor, { members, topics }: ClassicCase): ClassicCase['result'] {
  const assigned = assignor.assign(members, topics)
  return Object.fromEntries([...assigned].map(([memberId, { partitions }]) => [memberId, byTopic(partitions)]))
}

function serverResult(assignor: ServerAssignor, { members, partitionCounts }: ServerCase): ServerCase['result'] {
  const assigned = assignor.assign(members, partitionCounts)
  return Object.fromEntries([...assigned].map(([memberId, target]) => [memberId, Object.fromEntries(target)]))
}

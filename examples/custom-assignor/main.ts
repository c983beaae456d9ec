/**
 * An assignor of your own: the member whose id comes first has everything, and the others stand by to take over.
 */
import { type Assignor, Consumer } from '@samsa/consumer'

const bootstrapServers = process.env['BOOTSTRAP_SERVERS'] ?? 'localhost:9092'

const standby: Assignor = {
  name: 'standby',
  supportedProtocols: ['eager'],
  assign(members, topics) {
    const inOrder = members.toSorted((a, b) => (a.memberId < b.memberId ? -1 : 1))
    const everything = [...topics].map(([topic, layout]) => ({
      topic,
      partitions: Array.from({ length: layout.partitions }, (_, partition) => partition),
    }))
    return new Map(
      inOrder.map(({ memberId }, index) => [memberId, { partitions: index === 0 ? everything : [], userData: null }]),
    )
  },
}

function member(): Consumer {
  const consumer = new Consumer({ bootstrapServers, groupId: 'standby', partitionAssignmentStrategy: [standby] })
  consumer.subscribe(['shifts'])
  return consumer
}

await using first = member()
await using second = member()
const counts = (): number[] => [first.assignment().length, second.assignment().length]
// Both poll until both are in the group, and one of them has it all.
let rounds = 0
while (counts().reduce((sum, count) => sum + count) !== 2 || second.groupMetadata().memberId === '') {
  await Promise.all([first.poll(50), second.poll(50)])
  if (++rounds === 400) throw new Error('the group has not settled')
}
console.log(`partitions: ${counts().toSorted().join(' and ')}`)

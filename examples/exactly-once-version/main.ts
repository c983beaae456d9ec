/**
 * Exactly once, and in order, by a version: a record says which version of a row it was built on, and changes that one and no
 * other. What does not fit is told apart: it was applied before, something is missing in front of it, or another was first.
 */
import { Consumer, type ConsumerRecord, json } from '@samsa/consumer'
import { versionCheck } from '@samsa/eos'
import { sqliteStore } from '@samsa/eos/sqlite'
import { Producer } from '@samsa/producer'
import { temporaryFolder } from '../temporary-folder.js'

interface ProfileChange {
  /** Of the change; the profile's own id is `profile`. */
  readonly id: string
  readonly profile: string
  /** What the sender saw when it made the change; 0 where there was no profile yet. */
  readonly version: number
  readonly email: string
}

const bootstrapServers = process.env['BOOTSTRAP_SERVERS'] ?? 'localhost:9092'
const topic = 'profiles'
const changes: readonly ProfileChange[] = [
  { id: 'c1', profile: 'ann', version: 0, email: 'ann@old.example' },
  { id: 'c2', profile: 'ann', version: 1, email: 'ann@new.example' },
  // Sent again: its sender had no answer.
  { id: 'c2', profile: 'ann', version: 1, email: 'ann@new.example' },
  // Built on version 1 as c2 was, by somebody who did not know of c2: to take it for a duplicate would lose it.
  { id: 'c3', profile: 'ann', version: 1, email: 'ann@other.example' },
  // Built on a version that has not come yet.
  { id: 'c5', profile: 'ann', version: 3, email: 'ann@late.example' },
]

await using producer = new Producer({ bootstrapServers, value: json<ProfileChange>() })
await producer.sendAll(changes.map(value => ({ topic, partition: 0, value })))

using folder = temporaryFolder()
await using store = sqliteStore(folder.file('profiles.db'))
await store.transaction(async tx =>
  // `version` and `last_msg_id` are what the check keeps; both names can be changed.
  tx.run('CREATE TABLE profiles (id TEXT PRIMARY KEY, email TEXT, version INTEGER NOT NULL, last_msg_id TEXT)'),
)

await using consumer = new Consumer({
  bootstrapServers,
  groupId: 'profiles',
  autoOffsetReset: 'earliest',
  value: json<ProfileChange>(),
})
consumer.subscribe([topic])

type Change = ConsumerRecord<unknown, ProfileChange>
const end = new AbortController()
await consumer.run(
  versionCheck({
    store,
    table: 'profiles',
    row: ({ value }: Change) => ({ id: value?.profile ?? '' }),
    expected: ({ value }) => BigInt(value?.version ?? 0),
    set: ({ value }) => ({ email: value?.email ?? '' }),
    key: ({ value }) => value?.id,
    // By default both fail: a gap may close when the record is tried again, and a conflict needs somebody to decide. To show
    // the outcomes side by side, they are only told here.
    onGap: 'ack',
    onConflict: 'ack',
    onOutcome: (outcome, { value, offset }) => {
      console.log(`${value?.id}: ${outcome}`)
      if (offset === BigInt(changes.length - 1)) end.abort()
    },
  }),
  { signal: end.signal },
)

const [ann] = await store.transaction(async tx => tx.all('SELECT email, version FROM profiles'))
console.log(`${ann?.['email']} in version ${ann?.['version']}`)

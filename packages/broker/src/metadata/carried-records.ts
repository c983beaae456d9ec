/**
 * CarriedRecords: what the metadata log says of security, quotas and controllers. Nothing here acts on it yet, but it is
 * somebody's: it is kept as it was written, so that a snapshot passes it on. The newest record of a thing stands for it.
 */
import {
  accessControlEntryRecord,
  clientQuotaRecord,
  decodeVersioned,
  delegationTokenRecord,
  type RecordType,
  registerControllerRecord,
  removeAccessControlEntryRecord,
  removeDelegationTokenRecord,
  removeUserScramCredentialRecord,
  userScramCredentialRecord,
  zkMigrationStateRecord,
} from '@samsa/protocol'

interface CarriedType {
  readonly id: number
  /** What the record is of, and whether it says that there is no such thing any more. */
  subjectOf(value: Uint8Array): { readonly subject: string; readonly isRemoval: boolean }
}

export class CarriedRecords {
  readonly #values = new Map<string, Buffer>()

  /** Takes the record in; `value` is copied. */
  take(type: CarriedType, value: Uint8Array): void {
    const { subject, isRemoval } = type.subjectOf(value)
    if (isRemoval) this.#values.delete(subject)
    else this.#values.set(subject, Buffer.from(value))
  }

  /** In the order in which their subjects came. */
  values(): Iterable<Uint8Array> {
    return this.#values.values()
  }
}

export const carriedTypes: readonly CarriedType[] = [
  carried(accessControlEntryRecord, ({ id }) => `acl ${id}`),
  removal(removeAccessControlEntryRecord, ({ id }) => `acl ${id}`),
  carried(
    clientQuotaRecord,
    ({ entity, key }) => `quota ${JSON.stringify([entity.map(each => [each.entityType, each.entityName]), key])}`,
    ({ remove }) => remove,
  ),
  carried(delegationTokenRecord, ({ tokenId }) => `token ${tokenId}`),
  removal(removeDelegationTokenRecord, ({ tokenId }) => `token ${tokenId}`),
  carried(userScramCredentialRecord, ({ name, mechanism }) => `scram ${mechanism} ${name}`),
  removal(removeUserScramCredentialRecord, ({ name, mechanism }) => `scram ${mechanism} ${name}`),
  carried(registerControllerRecord, ({ controllerId }) => `controller ${controllerId}`),
  carried(zkMigrationStateRecord, () => 'migration'),
]

function carried<Message>(
  type: RecordType<Message>,
  subjectOf: (record: ReturnType<typeof decodeVersioned<Message>>) => string,
  isRemoval: (record: ReturnType<typeof decodeVersioned<Message>>) => boolean = () => false,
): CarriedType {
  return {
    id: type.id,
    subjectOf(value) {
      const record = decodeVersioned(type, value)
      return { subject: subjectOf(record), isRemoval: isRemoval(record) }
    },
  }
}

function removal<Message>(
  type: RecordType<Message>,
  subjectOf: (record: ReturnType<typeof decodeVersioned<Message>>) => string,
): CarriedType {
  return carried(type, subjectOf, () => true)
}

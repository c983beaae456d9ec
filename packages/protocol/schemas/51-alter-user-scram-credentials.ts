/** AlterUserScramCredentials: creates, replaces and deletes users' SCRAM credentials. */
import { api, bytes, field, int8, int16, int32, list, string } from '../generate/schema.js'

export default api({
  key: 51,
  name: 'AlterUserScramCredentials',
  text: 'Creates, replaces and deletes SCRAM credentials of users. The admin client salts and hashes: the password itself is never sent.',
  versions: '0',
  flexible: '0+',
  sentTo: 'controller',
  listeners: ['broker', 'controller'],
  request: [
    list('deletions', 'Deletion', [
      field('name', string),
      field('mechanism', int8, '1 is SCRAM-SHA-256, 2 is SCRAM-SHA-512.'),
    ]),
    list('upsertions', 'Upsertion', 'Replaces the credential of the same user and mechanism, if there is one.', [
      field('name', string),
      field('mechanism', int8, '1 is SCRAM-SHA-256, 2 is SCRAM-SHA-512.'),
      field('iterations', int32, '4096 to 16384.'),
      field('salt', bytes),
      field(
        'saltedPassword',
        bytes,
        "PBKDF2 of the password with this salt, these iterations and the mechanism's hash. The controller derives the two keys that it stores from this and drops it.",
      ),
    ]),
  ],
  response: [
    field('throttleTimeMs', int32),
    list('results', 'Result', [
      field('user', string),
      field(
        'errorCode',
        int16,
        'RESOURCE_NOT_FOUND: nothing to delete. DUPLICATE_RESOURCE: the same user and mechanism twice in a request. UNSUPPORTED_SASL_MECHANISM. UNACCEPTABLE_CREDENTIAL: an empty name, or iterations out of range.',
      ),
      field('errorMessage', string, { nullable: '0+' }),
    ]),
  ],
})

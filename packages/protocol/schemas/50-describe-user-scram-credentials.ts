/** DescribeUserScramCredentials: which users have SCRAM credentials. */
import { api, field, int8, int16, int32, list, string } from '../generate/schema.js'

export default api({
  key: 50,
  name: 'DescribeUserScramCredentials',
  text: 'Lists which SCRAM mechanisms users have credentials for, and how many iterations each takes. Salts and keys are never handed out.',
  versions: '0',
  flexible: '0+',
  sentTo: 'any',
  listeners: ['broker', 'controller'],
  request: [list('users', 'User', { nullable: '0+' }, 'Null or empty asks for all users.', [field('name', string)])],
  response: [
    field('throttleTimeMs', int32),
    field('errorCode', int16, 'For the whole request: CLUSTER_AUTHORIZATION_FAILED without DESCRIBE on the cluster.'),
    field('errorMessage', string, { nullable: '0+' }),
    list('results', 'Result', [
      field('user', string),
      field(
        'errorCode',
        int16,
        'RESOURCE_NOT_FOUND when the user has no credentials, DUPLICATE_RESOURCE when the request names it twice.',
      ),
      field('errorMessage', string, { nullable: '0+' }),
      list('credentialInfos', 'CredentialInfo', [
        field('mechanism', int8, '1 is SCRAM-SHA-256, 2 is SCRAM-SHA-512.'),
        field('iterations', int32),
      ]),
    ]),
  ],
})

import { api, field, int8, int16, int32, list, string } from '../generate/schema.js'

export default api({
  key: 50,
  name: 'DescribeUserScramCredentials',
  text: '',
  versions: '0',
  flexible: '0+',
  sentTo: 'any',
  listeners: ['broker', 'controller'],
  request: [list('users', 'User', { nullable: '0+' }, [field('name', string)])],
  response: [
    field('throttleTimeMs', int32),
    field('errorCode', int16),
    field('errorMessage', string, { nullable: '0+' }),
    list('results', 'Result', [
      field('user', string),
      field('errorCode', int16),
      field('errorMessage', string, { nullable: '0+' }),
      list('credentialInfos', 'CredentialInfo', [field('mechanism', int8), field('iterations', int32)]),
    ]),
  ],
})

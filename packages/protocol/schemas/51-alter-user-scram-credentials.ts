import { api, bytes, field, int8, int16, int32, list, string } from '../generate/schema.js'

export default api({
  key: 51,
  name: 'AlterUserScramCredentials',
  text: '',
  versions: '0',
  flexible: '0+',
  sentTo: 'controller',
  listeners: ['broker', 'controller'],
  request: [
    list('deletions', 'Deletion', [field('name', string), field('mechanism', int8)]),
    list('upsertions', 'Upsertion', [
      field('name', string),
      field('mechanism', int8),
      field('iterations', int32),
      field('salt', bytes),
      field('saltedPassword', bytes),
    ]),
  ],
  response: [
    field('throttleTimeMs', int32),
    list('results', 'Result', [
      field('user', string),
      field('errorCode', int16),
      field('errorMessage', string, { nullable: '0+' }),
    ]),
  ],
})

import { api, array, field, int8, int16, int32, list, string } from '../generate/schema.js'

export default api({
  key: 10,
  name: 'FindCoordinator',
  text: '',
  versions: '0-6',
  flexible: '3+',
  sentTo: 'any',
  listeners: ['broker'],
  request: [
    field('key', string, { in: '0-3' }),
    field('keyType', int8, { in: '1+' }),
    field('coordinatorKeys', array(string), { in: '4+' }),
  ],
  response: [
    field('throttleTimeMs', int32, { in: '1+', ignorable: true }),
    field('errorCode', int16, { in: '0-3' }),
    field('errorMessage', string, { in: '1-3', nullable: '0+', ignorable: true }),
    field('nodeId', int32, { in: '0-3' }),
    field('host', string, { in: '0-3' }),
    field('port', int32, { in: '0-3' }),
    list('coordinators', 'Coordinator', { in: '4+' }, [
      field('key', string),
      field('nodeId', int32),
      field('host', string),
      field('port', int32),
      field('errorCode', int16),
      field('errorMessage', string, { nullable: '0+', ignorable: true }),
    ]),
  ],
})

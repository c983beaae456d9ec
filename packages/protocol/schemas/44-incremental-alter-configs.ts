import { api, bool, field, int8, int16, int32, list, string } from '../generate/schema.js'

export default api({
  key: 44,
  name: 'IncrementalAlterConfigs',
  text: '',
  versions: '0-1',
  flexible: '1+',
  sentTo: 'controller',
  listeners: ['broker', 'controller'],
  request: [
    list('resources', 'Resource', [
      field('resourceType', int8),
      field('resourceName', string),
      list('configs', 'Config', [
        field('name', string),
        field('configOperation', int8),
        field('value', string, { nullable: '0+' }),
      ]),
    ]),
    field('validateOnly', bool),
  ],
  response: [
    field('throttleTimeMs', int32),
    list('responses', 'Response', [
      field('errorCode', int16),
      field('errorMessage', string, { nullable: '0+' }),
      field('resourceType', int8),
      field('resourceName', string),
    ]),
  ],
})

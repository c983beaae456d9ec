import { api, array, bool, field, int8, int16, int32, list, string } from '../generate/schema.js'

export default api({
  key: 32,
  name: 'DescribeConfigs',
  text: '',
  versions: '1-4',
  flexible: '4+',
  sentTo: 'any',
  listeners: ['broker', 'controller'],
  request: [
    list('resources', 'Resource', [
      field('resourceType', int8),
      field('resourceName', string),
      field('configurationKeys', array(string), { nullable: '0+' }),
    ]),
    field('includeSynonyms', bool),
    field('includeDocumentation', bool, { in: '3+' }),
  ],
  response: [
    field('throttleTimeMs', int32),
    list('results', 'Result', [
      field('errorCode', int16),
      field('errorMessage', string, { nullable: '0+' }),
      field('resourceType', int8),
      field('resourceName', string),
      list('configs', 'Config', [
        field('name', string),
        field('value', string, { nullable: '0+' }),
        field('readOnly', bool),
        field('configSource', int8, { default: -1, ignorable: true }),
        field('isSensitive', bool),
        list('synonyms', 'Synonym', { ignorable: true }, [
          field('name', string),
          field('value', string, { nullable: '0+' }),
          field('source', int8),
        ]),
        field('configType', int8, { in: '3+', ignorable: true }),
        field('documentation', string, { in: '3+', nullable: '0+', ignorable: true }),
      ]),
    ]),
  ],
})

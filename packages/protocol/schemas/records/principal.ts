import { bool, field, type RecordType, record, string } from '../../generate/schema.js'

const principal: readonly RecordType[] = [
  record({
    name: 'DefaultPrincipalData',
    text: '',
    kind: 'data',
    versions: '0',
    flexible: '0+',
    fields: [field('type', string), field('name', string), field('tokenAuthenticated', bool)],
  }),
]

export default principal

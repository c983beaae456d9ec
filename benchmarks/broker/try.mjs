/** x */
import { loads, createTopic } from './loads.mjs'
import { readSlowly } from './slow-reader.mjs'
import { cpuSeconds, residentMebibytes } from './brokers.mjs'
const address='127.0.0.1:24092', pid=Number(process.argv[2])
const v={records:60000,recordBytes:1000}
const T='b'+Date.now()
await createTopic(address,T)
let first=true
for (const l of loads(process.env.SAMSA_KAFKA_BIN)) { const t=l.reads?T:T+'-'+l.name.replace(/\W/g,''); if(!l.reads&&!first) await createTopic(address,t); const u=first?T:t; first=false
 const c=cpuSeconds(pid); const n=l.needs?.(); if(n){console.log(n);continue}; try { console.log(l.name, (await l.run(address,u,v)).toFixed(1),'MB/s cpu', (cpuSeconds(pid)-c).toFixed(2)) } catch(e) { console.log(l.name, e) } }
console.log(await readSlowly({address,processId:pid,topic:T,endOffset:60000,bytesPerSecond:30e6}), residentMebibytes(pid))

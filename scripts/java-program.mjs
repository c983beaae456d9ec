/**
 * Programs in Java against the clients of a Kafka that a launcher starts: compiled by the compiler of the Java that this
 * Kafka runs on, against the jars that it was started with.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/**
 * Compiles `source`, whose main class is `mainClass`, into `folder`; returns what starts it with its options, or undefined
 * where there is a Java without a compiler. The command takes the program's arguments behind it.
 */
export function compileJava(launcher, { source, mainClass, folder, options = [] }) {
  const { home, classPath } = javaOf(launcher)
  const compiler = join(home, 'bin', 'javac')
  if (!existsSync(compiler)) return undefined
  mkdirSync(folder, { recursive: true })
  saidBy(compiler, ['-cp', classPath, '-d', folder, source])
  return [join(home, 'bin', 'java'), ...options, '-cp', `${folder}${delimiter}${classPath}`, mainClass]
}

/** Java says where it is, and with which jars it was started, before a tool does anything. */
function javaOf(launcher) {
  const KAFKA_OPTS = '-XshowSettings:properties'
  const said = saidBy(launcher, ['tool', 'kafka-topics', '--version'], { ...process.env, KAFKA_OPTS })
  const home = /^ *java\.home = (.*)$/m.exec(said)?.[1]
  const jars = /^ *java\.class\.path = ((?:.*\.jar\s+)+)/m.exec(said)?.[1]
  if (home === undefined || jars === undefined) throw new Error(`Java does not say where it is: ${said}`)
  return { home, classPath: jars.trim().split(/\s+/).join(delimiter) }
}

function saidBy(command, args, env = process.env) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', env })
  if (status === 0) return `${stdout}\n${stderr}`
  throw new Error(`${command} ${args.join(' ')} failed: ${error?.message ?? stderr}`)
}

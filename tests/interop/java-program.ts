/**
 * Programs in Java against the clients of the Kafka that SAMSA_KAFKA_BIN names: compiled by the compiler that belongs to the
 * Java which that one runs on.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { mustRun } from './program.js'

export interface JavaProgram {
  /** What starts it; its arguments come behind. */
  readonly command: readonly string[]
}

/** Undefined where there is a Java and no compiler with it. `source` has one class of that name; what comes of it goes to `folder`. */
export async function compileJava(
  launcher: string,
  { source, mainClass, folder }: { readonly source: string; readonly mainClass: string; readonly folder: string },
): Promise<JavaProgram | undefined> {
  const { home, classPath } = await javaOf(launcher)
  const compiler = join(home, 'bin', 'javac')
  if (!existsSync(compiler)) return undefined
  await mustRun(compiler, ['-cp', classPath, '-d', folder, source])
  // A program that lives for seconds does not win back what the better compiler takes.
  const options = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx256m']
  return { command: [join(home, 'bin', 'java'), ...options, '-cp', `${folder}:${classPath}`, mainClass] }
}

/** Java says where it is, and with which jars it was started, before any tool does anything. */
async function javaOf(launcher: string): Promise<{ readonly home: string; readonly classPath: string }> {
  const tool = ['tool', 'kafka-topics', '--version']
  // The shell joins both outputs.
  const said = String(
    await mustRun('sh', ['-c', 'KAFKA_OPTS=-XshowSettings:properties exec "$@" 2>&1', 'sh', launcher, ...tool]),
  )
  const home = /^ *java\.home = (.*)$/m.exec(said)?.[1]
  const jars = /^ *java\.class\.path = ((?:.*\.jar\s+)+)/m.exec(said)?.[1]
  if (home === undefined || jars === undefined) throw new Error(`Java does not say where it is: ${said}`)
  return { home, classPath: jars.trim().split(/\s+/).join(':') }
}

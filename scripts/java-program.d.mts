/** The types of `java-program.mjs`. */
export interface JavaSource {
  readonly source: string
  readonly mainClass: string
  readonly folder: string
  /** For Java itself. */
  readonly options?: readonly string[]
}
export function compileJava(launcher: string, source: JavaSource): readonly string[] | undefined

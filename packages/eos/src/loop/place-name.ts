/**
 * A partition's name, as a key of maps and for messages.
 */
export function placeName({ topic, partition }: { readonly topic: string; readonly partition: number }): string {
  return `${topic}-${partition}`
}

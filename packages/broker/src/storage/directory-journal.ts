/**
 * DirectoryJournal: the tree of a simulated disk: the entries that programs see, those that are on the platter, and the
 * changes between the two. Syncing a directory keeps the changes of its entries, and nothing else's: the entry of the
 * directory itself is its parent's.
 *
 * A loss of power keeps the other changes `in order`, up to some moment (a journal, as of ext4 and xfs), or any of them
 * (`independent`, which is all that POSIX promises), but never one that needs another that is lost.
 */
import type { Random } from '@samsa/runtime'
import type { CachedFile } from './cached-file.js'

export type Node = Directory | CachedFile

export class Directory {
  /** As programs see them. */
  readonly entries: Map<string, Node> = new Map()
  readonly kept: Map<string, Node> = new Map()
}

/** One entry made, replaced or, without a node, removed. */
interface Edit {
  readonly directory: Directory
  readonly name: string
  readonly node: Node | undefined
}

interface Change {
  readonly sequence: number
  /** Two for a rename: both happen or neither. */
  readonly edits: readonly Edit[]
}

/** How changes of entries that were not synced survive. */
export type EntryFate = 'in order' | 'independent'

export class DirectoryJournal {
  readonly root: Directory
  #changes: Change[] = []
  #nextSequence = 0
  /** Of the last change that is known to be on the platter. */
  #lastKept = -1

  constructor(root: Directory = new Directory()) {
    this.root = root
  }

  set(directory: Directory, name: string, node: Node): void {
    this.#add([{ directory, name, node }])
  }

  remove(directory: Directory, name: string): void {
    this.#add([{ directory, name, node: undefined }])
  }

  rename(from: { directory: Directory; name: string }, to: { directory: Directory; name: string }, node: Node): void {
    this.#add([
      { ...from, node: undefined },
      { ...to, node },
    ])
  }

  /** A sync of the directory begins; the call that it gives back ends it. */
  beginSync(directory: Directory): () => void {
    const until = this.#nextSequence
    return () => {
      const wanted = new Set<Change>()
      const names = new NameSet()
      for (const change of this.#changes.toReversed()) {
        const isOwn = change.sequence < until && change.edits.some(edit => edit.directory === directory)
        if (!isOwn && !names.hasAny(change.edits)) continue
        wanted.add(change)
        names.add(change.edits)
      }
      for (const change of this.#changes) if (wanted.has(change)) this.#keep(change)
      this.#changes = this.#changes.filter(change => !wanted.has(change))
    }
  }

  /** The tree after the end of the process: everything that was seen, and as little of it synced as before. */
  afterProcessEnd(): DirectoryJournal {
    const copies = new Map<Node, Node>()
    const copyOf = (node: Node): Node => {
      const known = copies.get(node)
      if (known !== undefined) return known
      const copy = node instanceof Directory ? new Directory() : node.afterProcessEnd()
      copies.set(node, copy)
      if (node instanceof Directory && copy instanceof Directory) {
        for (const [name, entry] of node.entries) copy.entries.set(name, copyOf(entry))
        for (const [name, entry] of node.kept) copy.kept.set(name, copyOf(entry))
      }
      return copy
    }
    const journal = new DirectoryJournal(directoryIn(copyOf(this.root)))
    journal.#nextSequence = this.#nextSequence
    journal.#lastKept = this.#lastKept
    journal.#changes = this.#changes.map(({ sequence, edits }) => ({
      sequence,
      edits: edits.map(({ directory, name, node }) => ({
        directory: directoryIn(copyOf(directory)),
        name,
        node: node === undefined ? undefined : copyOf(node),
      })),
    }))
    return journal
  }

  /** The tree after a loss of power. */
  afterPowerLoss(random: Random, fate: EntryFate): DirectoryJournal {
    const survivors = fate === 'in order' ? this.#firstFew(random) : this.#someOf(random)
    for (const change of survivors) this.#keep(change)
    this.#changes = []
    const copyOf = (node: Node): Node => {
      if (!(node instanceof Directory)) return node.afterPowerLoss(random)
      const copy = new Directory()
      for (const [name, entry] of node.kept) {
        const survivor = copyOf(entry)
        copy.entries.set(name, survivor)
        copy.kept.set(name, survivor)
      }
      return copy
    }
    return new DirectoryJournal(directoryIn(copyOf(this.root)))
  }

  #add(edits: readonly Edit[]): void {
    this.#changes.push({ sequence: this.#nextSequence++, edits })
    for (const edit of edits) apply(edit.directory.entries, edit)
  }

  #keep({ sequence, edits }: Change): void {
    for (const edit of edits) apply(edit.directory.kept, edit)
    this.#lastKept = Math.max(this.#lastKept, sequence)
  }

  /** A journal that holds a change holds all in front of it. */
  #firstFew(random: Random): Change[] {
    const least = this.#changes.filter(({ sequence }) => sequence < this.#lastKept).length
    return this.#changes.slice(0, random.integer(least, this.#changes.length + 1))
  }

  #someOf(random: Random): Change[] {
    const lost = new NameSet()
    return this.#changes.filter(({ edits }) => {
      const survives = !lost.hasAny(edits) && random.integer(0, 2) === 0
      if (!survives) lost.add(edits)
      return survives
    })
  }
}

function apply(entries: Map<string, Node>, { name, node }: Edit): void {
  if (node === undefined) entries.delete(name)
  else entries.set(name, node)
}

/** Names in directories. */
class NameSet {
  readonly #names = new Map<Directory, Set<string>>()

  add(edits: readonly Edit[]): void {
    for (const { directory, name } of edits) {
      const names = this.#names.get(directory) ?? new Set()
      this.#names.set(directory, names.add(name))
    }
  }

  hasAny(edits: readonly Edit[]): boolean {
    return edits.some(({ directory, name }) => this.#names.get(directory)?.has(name) === true)
  }
}

function directoryIn(node: Node): Directory {
  if (node instanceof Directory) return node
  throw new TypeError('the root of a tree is a directory')
}

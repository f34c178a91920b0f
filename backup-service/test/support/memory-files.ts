import { dirname } from 'node:path'
import type { Files } from '../../src/ports.ts'

type Inode = { content: Uint8Array; synced: boolean }

/**
 * Files in memory with the guarantees of a file system and no more. `afterCrash` is what a machine finds that lost its
 * power now: names as of the last fsync of the directory or any later moment, contents whole only where fsync said so.
 */
export class MemoryFiles implements Files {
  #names = new Map<string, Inode>()
  #durable = new Map<string, Inode>()
  #calls = 0
  #crashAt: number | undefined
  #failing: { from: number; error: NodeJS.ErrnoException } | undefined

  /** Every call from the `n`th on throws, the `n`th half done. */
  crashAtCall(n: number): void {
    this.#crashAt = n
    this.#calls = 0
  }

  /** Every call from the `n`th on that takes room fails, half done; the others go on. */
  failFromCall(n: number, error: NodeJS.ErrnoException): void {
    this.#failing = { from: n, error }
    this.#calls = 0
  }

  get calls(): number {
    return this.#calls
  }

  /** What is there after a power cut: the names kept (`lazy`: only those made durable), torn where not synced. */
  afterCrash(names: 'lazy' | 'eager'): MemoryFiles {
    const survivor = new MemoryFiles()
    for (const [path, { content, synced }] of names === 'lazy' ? this.#durable : this.#names) {
      const inode = { content: synced ? content : content.subarray(0, content.length >> 1), synced: true }
      survivor.#names.set(path, inode)
      survivor.#durable.set(path, inode)
    }
    return survivor
  }

  /** The same files, to be changed apart. */
  copy(): MemoryFiles {
    return this.afterCrash('eager')
  }

  paths(): string[] {
    return [...this.#names.keys()]
  }

  /** Changes a file behind the repository's back. */
  put(path: string, content: Uint8Array): void {
    this.#names.set(path, { content, synced: true })
    this.#durable = new Map(this.#names)
  }

  /** Takes a file away behind the repository's back. */
  lose(path: string): void {
    this.#names.delete(path)
    this.#durable = new Map(this.#names)
  }

  async list(directory: string): Promise<string[]> {
    this.#step()
    return this.paths()
      .filter((path) => dirname(path) === directory)
      .map((path) => path.slice(directory.length + 1))
  }

  async read(path: string): Promise<Uint8Array> {
    this.#step()
    return this.#inode(path).content
  }

  async size(path: string): Promise<number | undefined> {
    this.#step()
    return this.#names.get(path)?.content.length
  }

  async create(path: string, content: Uint8Array): Promise<void> {
    if (this.#names.has(path)) throw systemError('EEXIST')
    this.#step(() => this.#names.set(path, { content: content.subarray(0, content.length >> 1), synced: false }))
    this.#names.set(path, { content, synced: false })
  }

  async sync(path: string): Promise<void> {
    this.#step()
    this.#inode(path).synced = true
  }

  async rename(from: string, to: string): Promise<void> {
    this.#step()
    const inode = this.#inode(from)
    this.#names.delete(from)
    this.#names.set(to, inode)
  }

  async remove(path: string): Promise<void> {
    this.#step()
    if (!this.#names.delete(path)) throw systemError('ENOENT')
  }

  async syncDirectory(directory: string): Promise<void> {
    this.#step()
    const isElsewhere = (path: string): boolean => dirname(path) !== directory
    this.#durable = new Map([
      ...[...this.#durable].filter(([path]) => isElsewhere(path)),
      ...[...this.#names].filter(([path]) => !isElsewhere(path)),
    ])
  }

  #inode(path: string): Inode {
    const inode = this.#names.get(path)
    if (inode === undefined) throw systemError('ENOENT')
    return inode
  }

  #step(half?: () => void): void {
    this.#calls += 1
    if (this.#crashAt !== undefined && this.#calls >= this.#crashAt) {
      if (this.#calls === this.#crashAt) half?.()
      throw systemError('ECRASHED')
    }
    if (this.#failing !== undefined && half !== undefined && this.#calls >= this.#failing.from) {
      half()
      throw this.#failing.error
    }
  }
}

export function systemError(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: made up`), { code })
}

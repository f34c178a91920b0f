import { HoldfastError } from '@holdfast/protocol/errors.ts'
import type { Place } from '../../src/ports.ts'

/** A place in memory that keeps versions, and misbehaves as it is told. */
export class MemoryPlace implements Place {
  readonly name: string
  readonly isLocal: boolean
  #versions = new Map<string, Uint8Array[]>()
  #present = new Set<string>()
  #fault: string | undefined
  /** Files that were asked to be protected, each time. */
  readonly protected: string[] = []

  private constructor(name: string, isLocal: boolean) {
    this.name = name
    this.isLocal = isLocal
  }

  static local(name = 'memory'): MemoryPlace {
    return new MemoryPlace(name, true)
  }
  /** As far away as S3: looked at only when it must be. */
  static remote(name = 'memory'): MemoryPlace {
    return new MemoryPlace(name, false)
  }

  /** Every call fails with this code from now on; with undefined it is well again. */
  failing(code: string | undefined): void {
    this.#fault = code
  }

  /** What a thief with the right to delete does: the versions stay. */
  lose(name: string): void {
    this.#present.delete(name)
  }

  async list(signal: AbortSignal): Promise<{ name: string; bytes: number }[]> {
    this.#step(signal)
    return [...this.#present].map((name) => ({ name, bytes: this.#versions.get(name)?.[0]?.length ?? 0 }))
  }

  async read(name: string, signal: AbortSignal): Promise<Uint8Array> {
    this.#step(signal)
    const [content] = (this.#present.has(name) && this.#versions.get(name)) || []
    if (content !== undefined) return content
    throw new HoldfastError('PLACE_FILE_MISSING', `cannot read ${name} in memory: there is no such file`)
  }

  async write(name: string, content: Uint8Array, signal: AbortSignal): Promise<void> {
    this.#step(signal)
    this.#versions.set(name, [new Uint8Array(content), ...(this.#versions.get(name) ?? [])])
    this.#present.add(name)
  }

  async destroy(name: string, signal: AbortSignal): Promise<void> {
    this.#step(signal)
    this.#versions.delete(name)
    this.#present.delete(name)
  }

  async versions(name: string, signal: AbortSignal): Promise<Uint8Array[]> {
    this.#step(signal)
    return this.#versions.get(name) ?? []
  }

  async protect(name: string, signal: AbortSignal): Promise<void> {
    this.#step(signal)
    this.protected.push(name)
  }

  async sweep(signal: AbortSignal): Promise<void> {
    this.#step(signal)
  }

  #step(signal: AbortSignal): void {
    signal.throwIfAborted()
    if (this.#fault !== undefined) throw new HoldfastError(this.#fault, `cannot use the place ${this.name}: made up`)
  }
}

import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { toBase64 } from '../src/primitives/bytes.ts'
import type { NearVmCall, NearVmOutcome } from './messages.ts'
import { callRequest, readOutcome, type OutcomeLine } from './wire.ts'

type Reply = { readonly id: number; readonly ok: unknown } | { readonly id: number | null; readonly refused: string }

interface Waiting {
  readonly id: number
  resolve(ok: unknown): void
  reject(error: Error): void
}

/**
 * NEAR's own VM in a process of its own, asked one request after the other; several may be under way. A request the
 * program refuses, and every request after the program has died, is an Error.
 */
export class NearVm {
  readonly #process: ChildProcessByStdio<Writable, Readable, null>
  readonly #waiting: Waiting[] = []
  readonly #ended: Promise<void>
  #nextId = 1
  #dead: Error | undefined

  /**
   * Starts the program (`buildNearVm` makes it). `cache` is a directory for compiled contracts, made if it is not there;
   * what the program has to say goes to this process' stderr.
   */
  constructor(program: string, cache: string) {
    this.#process = spawn(program, [cache], { stdio: ['pipe', 'pipe', 'inherit'] })
    createInterface({ input: this.#process.stdout }).on('line', (line) => this.#answer(line))
    // A write after the end fails here too; the exit says why.
    this.#process.stdin.on('error', () => undefined)
    this.#ended = new Promise((resolve) => {
      this.#process.once('error', (error) => {
        this.#end(new Error(`cannot start NEAR's VM at ${program}: ${error.message}`))
        resolve()
      })
      this.#process.once('close', (code, signal) => {
        this.#end(new Error(`NEAR's VM has ended (${signal ?? `exit code ${code}`}) and answers no more requests`))
        resolve()
      })
    })
  }

  /** Keeps the code for calls. Returns its SHA-256 in base64. */
  async load(wasm: Uint8Array): Promise<string> {
    const { code_hash } = (await this.#request({ op: 'load', code: toBase64(wasm) })) as { code_hash: string }
    return code_hash
  }

  /** Executes a method. What the contract does wrong is in the outcome. */
  async call(call: NearVmCall): Promise<NearVmOutcome> {
    return readOutcome((await this.#request(callRequest(call))) as OutcomeLine)
  }

  /** Lets the program end by itself, after what is under way. */
  async close(): Promise<void> {
    this.#process.stdin.end()
    await this.#ended
  }

  #request(request: Record<string, unknown>): Promise<unknown> {
    if (this.#dead !== undefined) return Promise.reject(this.#dead)
    const id = this.#nextId++
    this.#process.stdin.write(`${JSON.stringify({ id, ...request })}\n`)
    return new Promise((resolve, reject) => this.#waiting.push({ id, resolve, reject }))
  }

  /** Replies come in the order of the requests. */
  #answer(line: string): void {
    const reply = JSON.parse(line) as Reply
    const waiting = this.#waiting.shift()
    if (waiting === undefined || (reply.id !== null && reply.id !== waiting.id)) {
      this.#process.kill()
      this.#end(new Error(`NEAR's VM answered out of turn: ${line.slice(0, 200)}`))
      return
    }
    if ('ok' in reply) waiting.resolve(reply.ok)
    else waiting.reject(new Error(`NEAR's VM refused a request: ${reply.refused}`))
  }

  #end(error: Error): void {
    this.#dead ??= error
    for (const { reject } of this.#waiting.splice(0)) reject(this.#dead)
  }
}

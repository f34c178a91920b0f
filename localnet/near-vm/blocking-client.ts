import { once } from 'node:events'
import { MessageChannel, receiveMessageOnPort, Worker, type MessagePort } from 'node:worker_threads'
import type { BlockingAnswer, BlockingRequest, BlockingStart } from './blocking-messages.ts'
import type { NearVmCall, NearVmOutcome } from './messages.ts'

/** Compiling a large contract takes seconds; what takes longer than this will not come. */
const PATIENCE_MS = 120_000

/**
 * NEAR's own VM for a caller that cannot wait without blocking: as `NearVm`, but each call returns with its answer. A
 * thread speaks with the program meanwhile.
 */
export class BlockingNearVm {
  readonly #worker: Worker
  readonly #port: MessagePort
  /** 1 when an answer is in the port. */
  readonly #answered = new Int32Array(new SharedArrayBuffer(4))
  #closed: Promise<void> | undefined

  /** As NearVm's. */
  constructor(program: string, cache: string) {
    const { port1, port2 } = new MessageChannel()
    const workerData: BlockingStart = { program, cache, port: port2, answered: this.#answered }
    this.#port = port1
    this.#worker = new Worker(new URL('blocking-worker.ts', import.meta.url), { workerData, transferList: [port2] })
    // A forgotten engine does not keep its process alive.
    this.#worker.unref()
  }

  /** Keeps the code for calls. Returns its SHA-256 in base64. @throws Error if the program refuses or has ended */
  load(wasm: Uint8Array): string {
    return this.#ask({ kind: 'load', wasm }) as string
  }

  /** Executes a method. What the contract does wrong is in the outcome. @throws Error as `load` */
  call(call: NearVmCall): NearVmOutcome {
    return this.#ask({ kind: 'call', call }) as NearVmOutcome
  }

  /** Lets the program end by itself. */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    this.#worker.ref()
    this.#port.postMessage({ kind: 'close' } satisfies BlockingRequest)
    await once(this.#worker, 'exit')
    this.#port.close()
  }

  #ask(request: BlockingRequest): unknown {
    this.#port.postMessage(request)
    if (Atomics.wait(this.#answered, 0, 0, PATIENCE_MS) === 'timed-out') {
      throw new Error(`NEAR's VM has not answered within ${PATIENCE_MS / 1000} s`)
    }
    Atomics.store(this.#answered, 0, 0)
    const { message } = receiveMessageOnPort(this.#port) as { message: BlockingAnswer }
    if (message.kind === 'failed') throw new Error(message.message)
    return message.value
  }
}

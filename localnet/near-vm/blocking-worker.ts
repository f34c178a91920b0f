import { workerData } from 'node:worker_threads'
import type { BlockingAnswer, BlockingRequest, BlockingStart } from './blocking-messages.ts'
import { NearVm } from './client.ts'

/** The thread of BlockingNearVm: asks the program, posts the answer, wakes who waits for it. */
const { program, cache, port, answered } = workerData as BlockingStart
const vm = new NearVm(program, cache)

port.on('message', (request: BlockingRequest) => {
  switch (request.kind) {
    case 'load':
      return void answer(vm.load(request.wasm))
    case 'call':
      return void answer(vm.call(request.call))
    case 'close':
      port.close()
      return void vm.close()
    default:
      throw new TypeError(`unknown request ${JSON.stringify(request satisfies never)}`)
  }
})

async function answer(asked: Promise<unknown>): Promise<void> {
  post(
    await asked.then(
      (value): BlockingAnswer => ({ kind: 'done', value }),
      (error: Error): BlockingAnswer => ({ kind: 'failed', message: error.message }),
    ),
  )
}

function post(message: BlockingAnswer): void {
  port.postMessage(message)
  Atomics.store(answered, 0, 1)
  Atomics.notify(answered, 0)
}

import { FEES } from '../../runtime/fees.ts'
import { badUtf16, guestPanic, limitExceeded, logTooLong } from '../errors.ts'
import { VM_LIMITS } from '../parameters.ts'
import { u64 } from '../guest-memory.ts'
import type { Host, HostFunctions } from './host.ts'

const U64_MAX = 2n ** 64n - 1n

/** How many bytes there are before a zero unit. */
function terminatedLength({ memory, logRoom }: Host, ptr: bigint): bigint {
  for (let length = 0n; ; length += 2n) {
    const [low, high] = memory.read(ptr + length, 2n)
    if (low === 0 && high === 0) return length
    if (length + 2n > BigInt(logRoom)) throw logTooLong(length + 2n, logRoom)
  }
}

function readUtf16(host: Host, len: bigint, ptr: bigint): string {
  host.gas.pay('utf16_decoding_base')
  const length = u64(len) === U64_MAX ? terminatedLength(host, ptr) : u64(len)
  // What was read to find the end is paid for.
  const bytes = u64(len) === U64_MAX ? host.memory.readForFree(ptr, length) : host.memory.read(ptr, length)
  if (bytes.length % 2 !== 0) throw badUtf16()
  if (length > BigInt(host.logRoom)) throw logTooLong(length, host.logRoom)
  host.gas.pay('utf16_decoding_byte', bytes.length)
  const text = Buffer.from(bytes).toString('utf16le')
  if (!text.isWellFormed()) throw badUtf16()
  return text
}

/** Results, panics and logs. */
export function outputFunctions(host: Host): HostFunctions {
  const { gas, memory, context } = host
  const addLog = (message: string): void => {
    gas.pay('log_base')
    gas.pay('log_byte', Buffer.byteLength(message))
    host.log(message)
  }
  return {
    value_return: (len: bigint, ptr: bigint) => {
      gas.pay('base')
      const bytes = memory.readSource(ptr, len)
      if (bytes.length > VM_LIMITS.maxReturnedDataLength)
        throw limitExceeded(
          'ReturnedValueLengthExceeded',
          `The length of a returned value ${bytes.length} exceeds the limit ${VM_LIMITS.maxReturnedDataLength}`,
          bytes.length,
          VM_LIMITS.maxReturnedDataLength,
        )
      const perByte = FEES.new_data_receipt_byte
      const burn = context.outputReceivers.reduce(
        (total, receiver) =>
          total +
          ((receiver === context.currentAccountId ? perByte.sendSelf : perByte.send) + perByte.execute) * bytes.length,
        0,
      )
      gas.payAction('NEW_DATA_RECEIPT_BYTE', burn, burn)
      host.returned = { kind: 'value', bytes }
    },
    panic: () => {
      gas.pay('base')
      throw guestPanic('explicit guest panic')
    },
    panic_utf8: (len: bigint, ptr: bigint) => {
      gas.pay('base')
      throw guestPanic(host.readText(len, ptr))
    },
    log_utf8: (len: bigint, ptr: bigint) => {
      gas.pay('base')
      host.checkCanLog()
      addLog(host.readText(len, ptr))
    },
    log_utf16: (len: bigint, ptr: bigint) => {
      gas.pay('base')
      host.checkCanLog()
      addLog(readUtf16(host, len, ptr))
    },
    abort: (messagePtr: number, filePtr: number, line: number, column: number) => {
      gas.pay('base')
      if (messagePtr >>> 0 < 4 || filePtr >>> 0 < 4) throw badUtf16()
      host.checkCanLog()
      const length = (ptr: number): bigint =>
        BigInt(new DataView(memory.read(BigInt((ptr >>> 0) - 4), 4n).buffer).getUint32(0, true))
      const messageLength = length(messagePtr)
      const fileLength = length(filePtr)
      const text = readUtf16(host, messageLength, BigInt(messagePtr >>> 0))
      const file = readUtf16(host, fileLength, BigInt(filePtr >>> 0))
      const message = `${text}, filename: "${file}" line: ${line} col: ${column}`
      addLog(`ABORT: ${message}`)
      throw guestPanic(message)
    },
    sandbox_debug_log: () => undefined,
  }
}

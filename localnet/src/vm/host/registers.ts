import type { Host, HostFunctions } from './host.ts'

export function registerFunctions(host: Host): HostFunctions {
  return {
    read_register: (id: bigint, ptr: bigint) => {
      host.gas.pay('base')
      host.memory.write(ptr, host.memory.readRegister(id))
    },
    register_len: (id: bigint) => {
      host.gas.pay('base')
      return host.memory.registerLength(id)
    },
    write_register: (id: bigint, len: bigint, ptr: bigint) => {
      host.gas.pay('base')
      host.memory.setRegister(id, host.memory.read(ptr, len))
    },
  }
}

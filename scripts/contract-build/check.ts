/**
 * What a NEAR contract must look like from outside: only `env` is imported, every method and the ABI are exported.
 * @throws Error naming what is wrong
 */
export function checkWasm(bytes: Uint8Array<ArrayBuffer>, methods: string[]): void {
  const module = new WebAssembly.Module(bytes)
  const foreign = WebAssembly.Module.imports(module).filter((entry) => entry.module !== 'env')
  if (foreign.length > 0) {
    throw new Error(
      `the wasm imports what NEAR does not have: ${foreign.map((i) => `${i.module}.${i.name}`).join(', ')}`,
    )
  }
  const exported = WebAssembly.Module.exports(module)
    .filter((entry) => entry.kind === 'function')
    .map((entry) => entry.name)
    .sort()
  const expected = ['__contract_abi', ...methods].sort()
  if (exported.join() !== expected.join()) {
    throw new Error(`the wasm exports ${exported.join(', ')}; expected ${expected.join(', ')}`)
  }
}

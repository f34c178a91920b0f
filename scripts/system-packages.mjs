/** Debian's packages that building the contract needs; each says why. */
export const SYSTEM_PACKAGES = [
  { name: 'clang', why: 'compiles QuickJS and the contract to WebAssembly, and the QuickJS compiler for this machine' },
  { name: 'lld', why: 'links the WebAssembly' },
  { name: 'wasi-libc', why: 'the C library QuickJS is compiled against' },
  { name: 'libclang-rt-14-dev-wasm32', why: "clang's run-time library for WebAssembly" },
  { name: 'libc6-dev', why: 'the C library headers of this machine, for the QuickJS compiler' },
  { name: 'binaryen', why: 'wasm-opt makes the contract smaller' },
]

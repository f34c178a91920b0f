/** NEP-330: where the source is and how to build the wasm again, bit for bit. */
export const METADATA = {
  version: '0.1.0',
  link: null,
  standards: [
    { standard: 'nep330', version: '1.2.0' },
    { standard: 'nep297', version: '1.0.0' },
  ],
  build_info: {
    build_environment: 'Debian 12, clang 14, binaryen 108, the npm packages of package-lock.json',
    build_command: ['npm', 'run', 'build:contract'],
    contract_path: 'contract',
    output_wasm_path: 'contract/build/holdfast.wasm',
  },
} as const

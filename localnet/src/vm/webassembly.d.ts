/** The part of the WebAssembly JavaScript interface this package uses: TypeScript has it in its browser library only. */
declare namespace WebAssembly {
  class CompileError extends Error {}
  class LinkError extends Error {}
  class RuntimeError extends Error {}
  class Module {
    constructor(bytes: Uint8Array)
    static exports(module: Module): { name: string; kind: 'function' | 'table' | 'memory' | 'global' }[]
    static imports(module: Module): { module: string; name: string; kind: string }[]
  }
  class Instance {
    constructor(module: Module, imports: Record<string, Record<string, unknown>>)
    readonly exports: Readonly<Record<string, unknown>>
  }
  interface Memory {
    readonly buffer: ArrayBuffer
  }
  interface NumberGlobal {
    value: number
  }
}

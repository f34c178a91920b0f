import { copyFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { abiHeader } from './abi.ts'
import { NATIVE, SDK } from './paths.ts'
import { QUICKJS_UNITS, WASM_FLAGS } from './quickjs.ts'
import { run } from './run.ts'
import { EMPTY_SLOT } from './source-metadata.ts'
import { takeSnapshot } from './snapshot.ts'

const STACK_BYTES = 256 * 1024
/** Where every instruction counts: they are compiled for speed. */
const FAST = ['base58', 'ed25519', 'field25519', 'json_text']

/**
 * Compiles the bundle to QuickJS bytecode, puts it into the SDK's builder, links, runs the start-up that every call would
 * repeat, and shrinks. The place of the source metadata is left empty. Everything happens inside `stage` by relative path.
 * @returns the path of the wasm
 */
export async function link(stage: string, quickjs: string, code: string, methods: string[]): Promise<string> {
  mkdirSync(stage, { recursive: true })
  writeFileSync(join(stage, 'contract.js'), code)
  writeFileSync(join(stage, 'methods.h'), methods.map((name) => `SNAPSHOT_METHOD(${name})\n`).join(''))
  writeFileSync(join(stage, 'abi.h'), abiHeader())
  writeFileSync(join(stage, 'source_metadata.h'), `#define SOURCE_METADATA "${EMPTY_SLOT}"\n`)
  cpSync(NATIVE, join(stage, 'native'), { recursive: true })
  copyFileSync(join(SDK, 'builder', 'builder.c'), join(stage, 'builder.c'))
  // The builder includes QuickJS' headers as ../node_modules/near-sdk-js/…: a directory beside which that path exists.
  const headers = join(stage, 'headers', 'node_modules', 'near-sdk-js', 'lib', 'cli', 'deps', 'quickjs')
  cpSync(join(quickjs, 'include'), headers, { recursive: true })
  mkdirSync(join(stage, 'headers', 'beside'), { recursive: true })
  const include = ['-I.', '-Inative', '-Iheaders/beside', `-I${relative(stage, headers)}`]

  await run(join(quickjs, 'qjsc'), ['-c', '-m', '-o', 'code.h', '-N', 'code', 'contract.js'], stage)
  // QuickJS copies the bytecode when it reads it: the original is zeroed afterwards, so that it is in the wasm once.
  const bytecode = join(stage, 'code.h')
  writeFileSync(bytecode, readFileSync(bytecode, 'utf8').replace('const uint8_t code[', 'uint8_t code['))
  await Promise.all([
    run('clang', [...WASM_FLAGS, ...include, '-c', 'native/contract.c', '-o', 'contract.o'], stage),
    run('clang', [...WASM_FLAGS, ...include, '-c', 'native/wasi.c', '-o', 'wasi.o'], stage),
    ...FAST.map((unit) =>
      run('clang', [...WASM_FLAGS, '-O3', ...include, '-c', `native/${unit}.c`, '-o', `${unit}.o`], stage),
    ),
  ])
  for (const unit of QUICKJS_UNITS) copyFileSync(join(quickjs, `${unit}.o`), join(stage, `${unit}.o`))
  const objects = [...QUICKJS_UNITS, 'contract', 'wasi', ...FAST].map((unit) => `${unit}.o`)
  const linking = [
    '--no-entry',
    // JSON.parse recurses as deep as a caller's lists are nested: off its end the stack must meet address 0, which ends the
    // call, and not the data.
    '--stack-first',
    '--allow-undefined',
    `-z,stack-size=${STACK_BYTES}`,
    '--wrap=free',
    '--wrap=realloc',
    '--wrap=lre_compile',
  ].map((flag) => `-Wl,${flag}`)
  await run('clang', [...WASM_FLAGS, '-nostartfiles', ...objects, '-lm', ...linking, '-o', 'linked.wasm'], stage)
  const linked = new Uint8Array(readFileSync(join(stage, 'linked.wasm')))
  writeFileSync(join(stage, 'started.wasm'), takeSnapshot(linked, STACK_BYTES))
  await run('wasm-opt', ['-Oz', '--strip-debug', '--strip-producers', 'started.wasm', '-o', 'holdfast.wasm'], stage)
  return join(stage, 'holdfast.wasm')
}

import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { QUICKJS } from './paths.ts'
import { run } from './run.ts'

/** QuickJS' files that are linked into the contract. */
export const QUICKJS_UNITS = ['quickjs', 'libregexp', 'libunicode', 'cutils', 'quickjs-libc-min', 'libbf']
/** The SDK's defines. */
const DEFINES = ['-D_GNU_SOURCE', '-DCONFIG_VERSION="2021-03-27"', '-DCONFIG_BIGNUM']
/**
 * The SDK's compile flags without its link-time optimisation: measured with clang 14, that makes the wasm 3 KB larger and
 * no call cheaper, and without it QuickJS is compiled once and kept. Warnings are QuickJS' own affair.
 */
export const WASM_FLAGS = ['--target=wasm32-wasi', '-Oz', ...DEFINES, '-w']

/**
 * The QuickJS compiler for this machine and QuickJS' objects for wasm, made once per `key` (a digest of all that goes
 * in) under `cache`. The directory appears complete or not at all.
 * @returns its path: `qjsc`, `<unit>.o` and the headers in `include/`
 */
export async function quickjs(cache: string, key: string): Promise<string> {
  const finished = join(cache, `quickjs-${key.slice(0, 16)}`)
  if (existsSync(finished)) return finished
  const work = `${finished}.${process.pid}.tmp`
  rmSync(work, { recursive: true, force: true })
  mkdirSync(work, { recursive: true })
  const sources = readdirSync(QUICKJS).filter((name) => name.endsWith('.c') || name.endsWith('.h'))
  for (const name of sources) cpSync(join(QUICKJS, name), join(work, 'include', name))
  await Promise.all([
    compiler(work),
    ...QUICKJS_UNITS.map((unit) =>
      run('clang', [...WASM_FLAGS, '-Iinclude', '-c', `include/${unit}.c`, '-o', `${unit}.o`], work),
    ),
  ])
  writeFileSync(join(work, 'README'), 'QuickJS, compiled by scripts/build-contract.ts. Safe to delete.\n')
  try {
    renameSync(work, finished)
  } catch (error) {
    // another build was faster: its result is as good as this one
    if (!existsSync(finished)) throw error
    rmSync(work, { recursive: true, force: true })
  }
  return finished
}

async function compiler(work: string): Promise<void> {
  const units = ['qjsc', 'quickjs', 'libregexp', 'libunicode', 'cutils', 'quickjs-libc', 'libbf']
  const paths = ['-DCONFIG_CC="cc"', '-DCONFIG_PREFIX="/nonexistent"']
  await run(
    'cc',
    [
      '-O1',
      '-w',
      ...DEFINES,
      ...paths,
      ...units.map((u) => `include/${u}.c`),
      '-lm',
      '-ldl',
      '-lpthread',
      '-o',
      'qjsc',
    ],
    work,
  )
}

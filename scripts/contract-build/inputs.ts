import { createHash, type Hash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import { join, relative } from 'node:path'
import { ABI, NATIVE, QUICKJS, ROOT, SDK, SOURCES } from './paths.ts'
import { run } from './run.ts'

/** npm packages whose version decides what the bundle looks like. */
const BUNDLERS = [
  'rollup',
  '@rollup/plugin-babel',
  '@rollup/plugin-node-resolve',
  '@babel/core',
  '@babel/generator',
  '@babel/preset-typescript',
  '@babel/plugin-proposal-decorators',
]

/** What the machine-code half of the build is made from: QuickJS, its flags (this script's text) and the compilers. */
export async function nativeInputs(): Promise<string> {
  const hash = createHash('sha256')
  for (const [tool, ...args] of [
    ['clang', '--version'],
    ['wasm-ld', '--version'],
    ['cc', '--version'],
  ] as [string, ...string[]][]) {
    hash.update(await run(tool, args, ROOT))
  }
  addTree(hash, QUICKJS, ['.c', '.h'])
  hash.update(readFileSync(join(import.meta.dirname, 'quickjs.ts')))
  return hash.digest('hex')
}

/** Everything the wasm depends on, save the commit it names. Two builds with the same answer write the same bytes. */
export async function allInputs(native: string): Promise<string> {
  const hash = createHash('sha256').update(native)
  hash.update(process.version)
  hash.update(await run('wasm-opt', ['--version'], ROOT))
  for (const name of BUNDLERS) {
    const manifest = findPackageJSON(name, join(SDK, 'package.json'))
    if (manifest === undefined) throw new Error(`${name} is not installed; run \`npm ci\``)
    hash.update(readFileSync(manifest))
  }
  addTree(hash, SOURCES, ['.ts'])
  addTree(hash, ABI, ['.ts'])
  hash.update(readFileSync(join(ROOT, 'package.json')))
  addTree(hash, NATIVE, ['.c', '.h'])
  addTree(hash, join(SDK, 'lib'), ['.js'])
  addTree(hash, join(SDK, 'builder'), ['.c'])
  addTree(hash, import.meta.dirname, ['.ts'])
  hash.update(readFileSync(join(ROOT, 'scripts', 'build-contract.ts')))
  return hash.digest('hex')
}

function addTree(hash: Hash, directory: string, extensions: string[]): void {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && extensions.some((extension) => entry.name.endsWith(extension)))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
  for (const file of files) {
    const bytes = readFileSync(file)
    hash.update(`${relative(directory, file)}\0${bytes.length}\0`).update(bytes)
  }
}

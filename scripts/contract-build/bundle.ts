import { join } from 'node:path'
import { babel } from '@rollup/plugin-babel'
import { nodeResolve } from '@rollup/plugin-node-resolve'
import { rollup, type Plugin } from 'rollup'
import { ENTRY, ROOT, SDK } from './paths.ts'

/**
 * The contract and what it uses of near-sdk-js as one JavaScript module: the SDK's own rollup and babel step
 * (`createJsFileWithRollup` of its cli), with three differences, each for the sake of gas: modules have no side effects,
 * so that the SDK's unused collections go; lodash is cut out; `use strip` makes QuickJS leave out names and line numbers.
 * @returns the module's text and its exported names, which become the wasm's methods
 */
export async function bundleContract(): Promise<{ code: string; methods: string[] }> {
  const tools = join(SDK, 'lib', 'cli', 'build-tools')
  const bundle = await rollup({
    input: ENTRY,
    treeshake: { moduleSideEffects: false },
    onwarn: (warning) => {
      throw new Error(`cannot bundle the contract: ${warning.message}`)
    },
    plugins: [
      withoutLodash(),
      nodeResolve({ extensions: ['.js', '.ts'] }),
      babel({
        cwd: ROOT,
        configFile: false,
        babelrc: false,
        babelHelpers: 'bundled',
        compact: true,
        comments: false,
        extensions: ['.ts', '.js'],
        presets: ['@babel/preset-typescript'],
        plugins: [
          join(tools, 'include-bytes.js'),
          [join(tools, 'near-bindgen-exporter.js'), { verbose: false }],
          ['@babel/plugin-proposal-decorators', { version: 'legacy' }],
        ],
      }),
    ],
  })
  const { output } = await bundle.generate({ format: 'es', banner: '"use strip";' })
  await bundle.close()
  const [chunk, ...others] = output
  if (others.length > 0) throw new Error('cannot bundle the contract: rollup made more than one file')
  return { code: withLightDecorators(chunk.code), methods: chunk.exports.filter(isMethod).sort() }
}

/** Everything exported is a method, except the decorated class itself. */
function isMethod(name: string): boolean {
  return /^[a-z]/.test(name)
}

const HELPER = /function _applyDecoratedDescriptor\([\s\S]*?\n\}\n/
/** What babel's helper comes to for methods with one decorator, which is all the contract has. */
const LIGHT_HELPER = `function _applyDecoratedDescriptor(target, name, decorators, descriptor) {
  Object.defineProperty(target, name, decorators[0](target, name, descriptor) || descriptor);
  return null;
}
`

/** Babel's decorator helper runs once per method in every call: its general form costs 0.9 Tgas for 20 methods. */
function withLightDecorators(code: string): string {
  if (!HELPER.test(code))
    throw new Error('cannot bundle the contract: babel writes its decorator helper in another way')
  if (/_applyDecoratedDescriptor\([^[]*\[[^\]]*,/.test(code)) {
    throw new Error(
      'cannot bundle the contract: a method has more than one decorator, which the light helper cannot do',
    )
  }
  return code.replace(HELPER, LIGHT_HELPER)
}

/**
 * near-sdk-js takes `cloneDeep` from lodash-es for classes that declare a `schema`; ours declares none. Loading lodash
 * would cost every call more than a Tgas.
 */
function withoutLodash(): Plugin {
  return {
    name: 'without-lodash',
    resolveId: (id) => (id === 'lodash-es' ? id : null),
    load: (id) =>
      id === 'lodash-es'
        ? 'export function cloneDeep() { throw new Error("cloneDeep is not part of this build") }'
        : null,
  }
}

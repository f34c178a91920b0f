// The package has types, but its export map hides them.
declare module '@rollup/plugin-node-resolve' {
  import type { Plugin } from 'rollup'
  export function nodeResolve(options: { extensions: string[] }): Plugin
}

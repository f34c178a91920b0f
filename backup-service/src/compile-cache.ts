import { getCompileCacheDir } from 'node:module'
import { dirname } from 'node:path'

/** For a child's environment: it compiles nothing that an earlier process has compiled, where this one uses a compile cache. */
export function compileCache(): { NODE_COMPILE_CACHE?: string } {
  const directory = getCompileCacheDir()
  return directory === undefined ? {} : { NODE_COMPILE_CACHE: dirname(directory) }
}

import { realpathSync } from 'node:fs'
import { run } from './run.ts'

/** What the contract is built from, as paths of the repository. */
const INPUTS = [
  'contract/abi',
  'contract/native',
  'contract/src',
  'contract/package.json',
  'package.json',
  'package-lock.json',
  'scripts/build-contract.ts',
  'scripts/contract-build',
]

/**
 * The commit that is checked out, with `-dirty` if what the contract is built from has been changed since. Not the last
 * commit that changed those files: a shallow clone cannot know it, and the same commit is to give the same bytes in every
 * clone. Null where `root` is not the top of a git repository, or there is no git.
 */
export async function sourceCommit(root: string): Promise<string | null> {
  try {
    const top = await run('git', ['rev-parse', '--show-toplevel'], root)
    if (realpathSync(top.trim()) !== realpathSync(root)) return null
    const commit = (await run('git', ['rev-parse', 'HEAD'], root)).trim()
    const changes = await run('git', ['status', '--porcelain', '--untracked-files=all', '--', ...INPUTS], root)
    return changes.trim() === '' ? commit : `${commit}-dirty`
  } catch {
    return null
  }
}

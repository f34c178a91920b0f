import { spawn } from 'node:child_process'
import { join } from 'node:path'

const BUILD = join(import.meta.dirname, 'build')

/** The program, once it is built. */
export const NEAR_VM = join(BUILD, 'release', 'holdfast-near-vm')
/** Where compiled contracts are kept between runs. */
export const NEAR_VM_CACHE = join(BUILD, 'contracts')

export type NearVmBuild =
  | { readonly kind: 'built'; readonly program: string }
  /** There is no cargo on this machine: whoever needs the program skips what needs it and says so. */
  | { readonly kind: 'no-cargo' }

/**
 * Builds the program with cargo: about three minutes on two cores the first time, under a second when nothing has changed.
 * Cargo's words go to stderr. @throws Error if cargo is there and fails
 */
export async function buildNearVm(): Promise<NearVmBuild> {
  const args = ['build', '--release', '--locked', '--target-dir', BUILD]
  const cargo = spawn('cargo', args, { cwd: import.meta.dirname, stdio: ['ignore', 2, 2] })
  const code = await new Promise<number | null>((resolve, reject) => {
    cargo.once('error', (error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? resolve(null) : reject(error)))
    cargo.once('exit', (status) => resolve(status ?? 1))
  })
  if (code === null) return { kind: 'no-cargo' }
  if (code !== 0) {
    throw new Error(`cargo could not build localnet/near-vm (exit code ${code}); its own words are above`)
  }
  return { kind: 'built', program: NEAR_VM }
}

import type { Cryptography, Storage } from './ports.ts'
import { refuse } from './refusal.ts'
import { from1To2 } from './state-versions/1-to-2.ts'

/** The shape of the stored state (ledger.ts) that this code reads and writes. */
export const STATE_VERSION = 2

/** near-sdk-js' own key: `{"version": …}`. */
const SDK_STATE = 'STATE'

/** How to make of each version's storage the next one's. Each stays for ever, and so do its fixtures. */
const STEPS: Record<number, (chain: Storage & Cryptography) => void> = { 1: from1To2 }

/**
 * The SDK's object, if its version is the one this code reads: code that was put in place without its migration must not
 * touch the state. @throws Refusal STATE_VERSION_MISMATCH
 */
export function requireVersion(stored: { version: number }): { version: number } {
  if (stored.version !== STATE_VERSION) {
    refuse(
      'STATE_VERSION_MISMATCH',
      `the state is of version ${stored.version}, this code reads version ${STATE_VERSION}; ` +
        "the contract's account must call migrate, or deploy the code that fits",
    )
  }
  return stored
}

/** As `requireVersion`, of what is stored. Without a state there is nothing to compare. */
export function requireStoredVersion(storage: Storage): void {
  const stored = storage.read(SDK_STATE)
  if (stored !== null) requireVersion(JSON.parse(stored) as { version: number })
}

/**
 * Brings the storage up to this code's version, from whichever. Returns the version it was. Without a state there is nothing
 * to do. @throws Refusal STATE_VERSION_MISMATCH if the state is of a later version
 */
export function bringUpToDate(chain: Storage & Cryptography): number {
  const stored = chain.read(SDK_STATE)
  if (stored === null) return STATE_VERSION
  const { version } = JSON.parse(stored) as { version: number }
  for (let at = version; at < STATE_VERSION; at++) STEPS[at]?.(chain)
  if (version > STATE_VERSION) requireVersion({ version })
  chain.write(SDK_STATE, JSON.stringify({ version: STATE_VERSION }))
  return version
}

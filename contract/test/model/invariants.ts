import type { ContractAccount, Execution } from './contract-account.ts'
import type { Call } from './execute.ts'
import type { Storage } from './watched-storage.ts'

export interface Happened {
  readonly made: Call
  readonly found: Execution
  readonly storage: Storage
  readonly contract: ContractAccount
}

export function checkInvariants(_: Happened): void {}

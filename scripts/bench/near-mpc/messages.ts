import type { NodeAddress } from '@holdfast/backup-service/ports.ts'
import type { RepositorySettings } from '@holdfast/backup-service/repository-settings.ts'

export type FetchTask = {
  /** The keyset as the contract writes it. */
  keyset: string
  participantId: number
  node: NodeAddress
  aesKey: Uint8Array
  settings: RepositorySettings
}
/** Seconds; memory in MB (10^6 bytes): of the service's process and of the one that stores, each at its peak. */
export type FetchResult = { fetch: number; total: number; megabytes: number }

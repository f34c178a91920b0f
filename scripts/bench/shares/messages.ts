import type { NodeAddress } from '@holdfast/backup-service/ports.ts'
import type { RepositorySettings } from '@holdfast/backup-service/repository-settings.ts'
import type { Ed25519KeyText } from '@holdfast/protocol/near-key.ts'

export type NodeTask = { domains: number; threshold: number; participantId: number; clientTlsKey: Ed25519KeyText }
/** Where the two nodes listen; the keyset as the contract writes it. */
export type NodeReady = { keyset: string; serving: NodeAddress; awaiting: NodeAddress }

export type ServiceTask = NodeReady & {
  kind: 'backup' | 'restore'
  participantId: number
  settings: RepositorySettings
}
/** Seconds; memory in MB (10^6 bytes) of the service's process and the one that stores for it, each at its peak. */
export type BackupResult = {
  fetch: number
  prove: number
  encrypt: number
  total: number
  verify: number
  megabytes: number
}
export type RestoreResult = { restore: number }

import type { Facts } from '../status/status.ts'

/**
 * How far the backup of the live keyset has come, each saying more than the one before: the node handed its shares out; they
 * are on disk, encrypted, proved as far as can be; they were opened and proved so again since; a throwaway node was restored from them and
 * proved that it holds them.
 */
export const STAGES = ['served', 'stored', 'checked', 'restorable'] as const
export type Stage = (typeof STAGES)[number]

/** `reached` speaks of the live keyset, `lastMs` (milliseconds since the epoch) of the last time it worked for any. */
export type StageFacts = Record<Stage, { reached: boolean; lastMs: number | undefined }>

export function stagesOf({ live_keyset, covered, last_served, last_backup, checks }: Facts): StageFacts {
  const digest = live_keyset?.keyset_digest
  const isLive = (of: { keyset_digest: string | null } | null): boolean =>
    digest !== undefined && of?.keyset_digest === digest
  const { verification, drill } = checks
  const isSound = verification?.live === 'genuine' || verification?.live === 'matches-group-key'
  return {
    served: { reached: isLive(last_served), lastMs: timeMs(last_served?.at) },
    stored: { reached: digest !== undefined && covered, lastMs: timeMs(last_backup?.verified_at) },
    checked: {
      reached: isLive(verification) && isSound,
      lastMs: isSound ? timeMs(verification?.at) : undefined,
    },
    restorable: {
      reached: isLive(drill) && drill?.failure === null,
      lastMs: drill?.failure === null ? timeMs(drill.at) : undefined,
    },
  }
}

function timeMs(iso: string | undefined): number | undefined {
  const ms = iso === undefined ? NaN : Date.parse(iso)
  return Number.isNaN(ms) ? undefined : ms
}

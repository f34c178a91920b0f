import { toHex } from '../hex.ts'
import { writeJson } from '../json.ts'
import { keysetDigest } from '../keyset-digest.ts'
import type { Cryptography, Storage } from '../ports.ts'
import { decode, encode } from '../stored-text.ts'
import { earlier } from '../time.ts'
import type { PublicKeyExtended } from '../types.ts'
import type { U64 } from '../u64.ts'

/** What version 1 had stored, as far as version 2 has it otherwise. */
interface Keyset {
  epoch_id: U64
  domains: { domain_id: U64; key: PublicKeyExtended; attempt: U64; commitments: string[] | null }[]
}

interface Core {
  phase:
    | { kind: 'Running' }
    | { kind: 'Recovery'; recovering: Record<string, Recovery> }
    | { kind: 'Initializing'; generating_key: { instance: Attempt | null }; cancel_votes: number[] }
}

interface Recovery {
  destination_node_info: { tls_public_key: string }
  expires_at: string
}

interface Attempt {
  completed: number[]
  public_key: unknown
  commitments: unknown
}

/**
 * Version 2 keeps apart what is long or seldom needed: the commitments to each key (`k:`), what an attempt has come to (`E`),
 * each recovery (`q:`, and `Q` in brief), each proposal for domains (`p:`, and in `V` who votes for it), and what receipts are
 * about (`L`). While keys are generated the keys agreed so far count as the previous ones there: version 1 did not note
 * where those ended.
 */
export function from1To2(chain: Storage & Cryptography): void {
  splitKeyset(chain)
  splitCore(chain)
  splitVotes(chain)
}

function splitKeyset(chain: Storage & Cryptography): void {
  const keyset = stored<Keyset>(chain, 'K')
  const { epoch_id } = keyset
  const domains = keyset.domains.map(({ commitments, ...key }) => {
    chain.write(`k:${epoch_id}:${key.domain_id}`, encode(commitments))
    return key
  })
  chain.write('K', encode({ epoch_id, domains }))
  const registry = stored<{ domains: { id: U64; reconstruction_threshold: number }[] }>(chain, 'D')
  const live = registry.domains.slice(0, domains.length)
  chain.write(
    'L',
    encode({
      epoch_id,
      keyset_digest: keysetDigest(keyset, chain),
      domains: live.map(({ id, reconstruction_threshold }) => ({ domain_id: id, reconstruction_threshold })),
    }),
  )
}

function splitCore(chain: Storage): void {
  const core = stored<Core>(chain, 'S')
  const { phase } = core
  switch (phase.kind) {
    case 'Running':
      return
    case 'Recovery': {
      const recoveries = Object.entries(phase.recovering)
      for (const [account, record] of recoveries) chain.write(`q:${account}`, encode(record))
      const brief = recoveries.map(([account, { destination_node_info, expires_at }]) => [
        account,
        { tls_public_key: destination_node_info.tls_public_key, expires_at },
      ])
      chain.write('Q', encode(Object.fromEntries(brief)))
      const earliest_expiry = recoveries.map(([, { expires_at }]) => expires_at).reduce(earlier)
      chain.write('S', encode({ ...core, phase: { kind: 'Recovery', earliest_expiry } }))
      return
    }
    case 'Initializing': {
      const { generating_key } = phase
      if (generating_key.instance === null) return
      const { public_key, commitments, ...instance } = generating_key.instance
      if (instance.completed.length > 0) chain.write('E', encode({ public_key, commitments }))
      chain.write('S', encode({ ...core, phase: { ...phase, generating_key: { ...generating_key, instance } } }))
      return
    }
    default:
      throw new Error(`unknown phase ${JSON.stringify(phase satisfies never)}`)
  }
}

function splitVotes(chain: Storage & Cryptography): void {
  const text = chain.read('V')
  if (text === null) return
  const ballot: Record<string, number[]> = {}
  for (const [voter, domains] of Object.entries(decode<{ add_domains: Record<string, unknown> }>(text).add_domains)) {
    const proposal = writeJson(domains)
    const digest = toHex(chain.sha256Text(proposal))
    chain.write(`p:${digest}`, proposal)
    ballot[digest] = [...(ballot[digest] ?? []), Number(voter)]
  }
  if (Object.keys(ballot).length === 0) chain.remove('V')
  else chain.write('V', encode(ballot))
}

function stored<T>(storage: Storage, key: string): T {
  return decode<T>(storage.read(key) as string)
}

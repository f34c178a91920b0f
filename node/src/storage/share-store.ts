import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { publicKeyText } from '@holdfast/protocol/keyset-digest.ts'
import type { KeyForDomain, Keyset } from '@holdfast/protocol/contract-state.ts'
import { wipeKeyshares, type Keyshare } from '@holdfast/protocol/keyshare.ts'
import type { KeepShares, StoredShare } from '../ports.ts'
import { checkReplacement, type ShareSet } from './acceptance.ts'
import { equalBytes } from './equal-bytes.ts'
import { attemptName, type ShareDirectory } from './share-directory.ts'

/**
 * The node's shares: temporary while the contract has not concluded their attempt, permanent from then on. Reads answer
 * from memory and change nothing; writes come one after the other and are on disk before memory shows them.
 */
export async function openShareStore(directory: ShareDirectory): Promise<KeepShares> {
  let permanent = await directory.readPermanent()
  const temporaries = await directory.readTemporaries()
  const started = await directory.readStarted()
  let onTrial = await directory.readOnTrial()
  const exclusive = createQueue()

  const replacePermanent = async (candidate: ShareSet) => {
    if (checkReplacement(permanent, candidate) === 'unchanged') return
    await directory.writePermanent(candidate)
    permanent = candidate
  }
  const writeOnTrial = async (names: Set<string>) => {
    await directory.writeOnTrial(names)
    onTrial = names
  }
  const held = (epochId: bigint, key: KeyForDomain) =>
    permanent?.shares.find((stored) => isShareOf(stored, epochId, key))

  return {
    storeTemporary: (stored) =>
      exclusive(async () => {
        const { share } = stored
        const known = temporaries.get(attemptName(share))?.shares[0]
        if (known !== undefined) return refuseConflict(known, stored)
        const set = { epochId: share.epochId, shares: [stored] }
        await directory.writeTemporary(share, set)
        temporaries.set(attemptName(share), set)
      }),

    temporary: async (epochId, domainId, attemptId) =>
      temporaries.get(attemptName({ epochId, domainId, attemptId }))?.shares[0],

    markStarted: (epochId, domainId, attemptId) =>
      exclusive(async () => {
        const attempt = { epochId, domainId, attemptId }
        if (started.has(attemptName(attempt))) return false
        await directory.writeStarted(attempt)
        started.add(attemptName(attempt))
        return true
      }),

    promote: (keyset) =>
      exclusive(async () => {
        const epochId = keyset.epoch_id
        const news = keyset.domains
          .filter((key) => held(epochId, key) === undefined)
          .map((key) =>
            temporaries.get(attemptName(attemptOf(epochId, key)))?.shares.find((s) => isShareOf(s, epochId, key)),
          )
          .filter((stored) => stored !== undefined)
        if (news.length > 0) {
          const kept = permanent?.epochId === epochId ? permanent.shares : []
          await replacePermanent({ epochId, shares: sorted([...kept, ...news]) })
        }
        const superfluous = [...new Set([...temporaries.keys(), ...started])].filter((name) =>
          isConcluded(name, keyset, (key) => held(epochId, key) !== undefined),
        )
        await directory.forget(superfluous)
        for (const name of superfluous) {
          temporaries.delete(name)
          started.delete(name)
        }
        return news.map(({ share }) => share.domainId)
      }),

    importShares: (keyset, shares) => exclusive(() => replacePermanent(candidateOf(keyset, shares))),

    importOnTrial: (keyset, shares) =>
      exclusive(async () => {
        const candidate = candidateOf(keyset, shares)
        if (checkReplacement(permanent, candidate) === 'unchanged') return
        const before = new Set(permanent?.shares.map(({ share }) => attemptName(share)))
        const names = candidate.shares.map(({ share }) => attemptName(share))
        // Written first: a crash in between leaves names without shares, never a share that nobody destroys.
        await writeOnTrial(new Set(names.filter((name) => !before.has(name) || onTrial.has(name))))
        await replacePermanent(candidate)
      }),

    settleTrial: (verdict) =>
      exclusive(async () => {
        if (onTrial.size === 0) return []
        const held = permanent?.shares ?? []
        const about = held.filter(({ share }) => onTrial.has(attemptName(share)))
        if (verdict === 'destroy' && about.length > 0) {
          const rest = held.filter((stored) => !about.includes(stored))
          const left = rest.length === 0 ? undefined : { epochId: permanent?.epochId ?? 0n, shares: rest }
          await directory.writePermanent(left)
          permanent = left
          wipeKeyshares(about.map(({ share }) => share))
        }
        await writeOnTrial(new Set())
        return about.map(({ share }) => share.domainId)
      }),

    held,
    all: () => permanent?.shares ?? [],
  }
}

function candidateOf(keyset: Keyset, shares: Keyshare[]): ShareSet {
  return { epochId: keyset.epoch_id, shares: sorted(withKeys(keyset, shares)) }
}

function attemptOf(epochId: bigint, key: KeyForDomain) {
  return { epochId, domainId: key.domain_id, attemptId: key.attempt }
}

function isShareOf({ share, key, commitments }: StoredShare, epochId: bigint, wanted: KeyForDomain): boolean {
  return (
    share.epochId === epochId &&
    share.domainId === wanted.domain_id &&
    share.attemptId === wanted.attempt &&
    key === publicKeyText(wanted.key) &&
    (wanted.commitments === null || commitments?.join() === wanted.commitments.join())
  )
}

/** True for an attempt that is over: of an earlier epoch, or for a domain whose concluded key is held permanently. */
function isConcluded(name: string, keyset: Keyset, isHeld: (key: KeyForDomain) => boolean): boolean {
  const [epoch, domain] = name.split('_')
  if (BigInt(epoch ?? 0) < keyset.epoch_id) return keyset.domains.every(isHeld)
  const key = keyset.domains.find(({ domain_id }) => String(domain_id) === domain)
  return BigInt(epoch ?? 0) === keyset.epoch_id && key !== undefined && isHeld(key)
}

function withKeys(keyset: Keyset, shares: Keyshare[]): StoredShare[] {
  return keyset.domains.map(({ domain_id, key, commitments }) => {
    const share = shares.find(({ domainId }) => domainId === domain_id)
    if (share === undefined) {
      throw new HoldfastError(
        'KEYSHARE_MISSING',
        `cannot store the key shares: none for domain ${domain_id}; send the whole keyset`,
      )
    }
    return { share, key: publicKeyText(key), commitments }
  })
}

function sorted(shares: StoredShare[]): StoredShare[] {
  return shares.toSorted((a, b) => (a.share.domainId < b.share.domainId ? -1 : 1))
}

function refuseConflict(known: StoredShare, stored: StoredShare): void {
  if (known.key === stored.key && equalBytes(known.share.privateShare, stored.share.privateShare)) return
  throw new HoldfastError(
    'SHARE_CONFLICT',
    `cannot store a second share for attempt ${attemptName(stored.share)}: another is stored; the attempt must be aborted`,
  )
}

/** Runs what it is given one after the other; a failure does not stop those behind it. */
function createQueue(): <T>(task: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return (task) => {
    const result = last.then(task)
    last = result.catch(() => undefined)
    return result
  }
}

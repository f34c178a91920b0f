/**
 * What is not as it should be in a place or in the service's own memory of its repository.
 *
 * - `behind`: the place has never had it; it is written as soon as the place can be.
 * - `file-missing`, `file-damaged`: a snapshot's file is gone or is not what its manifest names.
 * - `manifest-missing`: a manifest that the place had is gone from the middle of the chain.
 * - `rolled-back`: the place had a newer end of the chain than it shows now.
 * - `manifest-damaged`, `head-damaged`: what stands there is no signed text of its kind.
 * - `forged-signature`: it looks whole, and the signature is not the service's.
 * - `forked`: two manifests of one number, both signed by this service: its home was rolled back or copied.
 * - `foreign-chain`: a chain that another key signed.
 * - `shredded-file`: a file of a snapshot that was destroyed is back.
 * - `other-identity`: a snapshot that the present age identity does not open.
 * - `unusable-file`: it has a snapshot's name, and no chain names it, and it could not be taken over.
 */
export const FINDING_KINDS = [
  'behind',
  'file-missing',
  'file-damaged',
  'manifest-missing',
  'rolled-back',
  'manifest-damaged',
  'head-damaged',
  'forged-signature',
  'forked',
  'foreign-chain',
  'shredded-file',
  'other-identity',
  'unusable-file',
] as const
export type FindingKind = (typeof FINDING_KINDS)[number]

/** One of them: which file, and in a sentence what was found and what it means. */
export type Finding = { kind: FindingKind; file: string; reason: string }

/** A finding and the place that it was made in. */
export type PlacedFinding = Finding & { place: string }

/** True for what only a fault of the disk or somebody's hand explains. */
export function isIncident({ kind }: Finding): boolean {
  return !['behind', 'other-identity', 'foreign-chain', 'unusable-file'].includes(kind)
}

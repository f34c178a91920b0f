import { InvalidArgumentError } from 'commander'

/** A distributed key to be made, in the contract's own words. */
export type NewDomain = { id: number; protocol: 'Frost'; reconstruction_threshold: number; purpose: 'Sign' }

/** Collects `ID:THRESHOLD` options. */
export function domains(text: string, previous: NewDomain[] | undefined): NewDomain[] {
  const match = /^([0-9]{1,15}):([0-9]{1,4})$/.exec(text)
  const threshold = Number(match?.[2])
  if (match === null || threshold < 2) {
    throw new InvalidArgumentError('Expected ID:THRESHOLD with a threshold of at least 2, such as 0:3.')
  }
  const id = Number(match[1])
  if (previous?.some((each) => each.id === id)) throw new InvalidArgumentError(`The id ${id} is given twice.`)
  return [...(previous ?? []), signingDomain(id, threshold)]
}

/** An Ed25519 signing key (FROST) that `threshold` shares sign with. */
export function signingDomain(id: number, threshold: number): NewDomain {
  return { id, protocol: 'Frost', reconstruction_threshold: threshold, purpose: 'Sign' }
}

/** Collects `ID=THRESHOLD` options. */
export function domainThresholds(text: string, previous: Map<bigint, number> | undefined): Map<bigint, number> {
  const match = /^([0-9]{1,20})=([0-9]{1,4})$/.exec(text)
  const threshold = Number(match?.[2])
  if (match === null || threshold < 2) {
    throw new InvalidArgumentError('Expected ID=THRESHOLD with a threshold of at least 2, such as 0=3.')
  }
  const id = BigInt(match[1] as string)
  if (previous?.has(id)) throw new InvalidArgumentError(`The id ${id} is given twice.`)
  return new Map(previous).set(id, threshold)
}

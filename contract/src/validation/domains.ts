import { refuse } from '../refusal.ts'
import { type Curve, type DomainConfig, type Protocol, PROTOCOLS, PURPOSES } from '../types.ts'
import { increment, type U64 } from '../u64.ts'
import { choice, fields, integer, list, show, u64 } from './arguments.ts'

/** Domains that one vote may add, and that the contract may hold. */
export const DOMAINS_MAX = 32

/** The curve a protocol's keys live on (near/mpc). */
export function curveOf(protocol: Protocol): Curve {
  switch (protocol) {
    case 'CaitSith':
    case 'DamgardEtAl':
      return 'Secp256k1'
    case 'Frost':
      return 'Edwards25519'
    case 'ConfidentialKeyDerivation':
      return 'Bls12381'
    default:
      throw new Error(`unknown protocol ${protocol satisfies never}`)
  }
}

/**
 * New domains as near/mpc names them: ids contiguous from `next`, purpose and protocol fit, 2 <= t <= n, 2t - 1 <= n for
 * DamgardEtAl, and t no higher than the governance threshold. near/mpc's older clients send `curve`: it must be right.
 * @throws Refusal INVALID_DOMAINS, INVALID_THRESHOLD, INVALID_ARGUMENT and the like
 */
export function newDomains(
  value: unknown,
  next: U64,
  existing: number,
  members: number,
  governance: number,
): DomainConfig[] {
  const given = list(value, 'domains', DOMAINS_MAX - existing)
  if (given.length === 0) refuse('INVALID_DOMAINS', 'the list of domains to add is empty')
  let id = next
  return given.map((entry, index) => {
    const domain = readDomain(entry, `domains[${index}]`)
    if (domain.id !== id) refuse('INVALID_DOMAINS', `domain ids must go on from ${id}, found ${domain.id}`)
    id = increment(id)
    checkThreshold(domain, members, governance)
    return domain
  })
}

function readDomain(entry: unknown, path: string): DomainConfig {
  const given = fields(entry, path, ['id', 'protocol', 'reconstruction_threshold', 'purpose'], ['curve'])
  const domain: DomainConfig = {
    id: u64(given.id, `${path}.id`),
    protocol: choice(given.protocol, `${path}.protocol`, PROTOCOLS),
    reconstruction_threshold: integer(
      given.reconstruction_threshold,
      `${path}.reconstruction_threshold`,
      0,
      2 ** 32 - 1,
    ),
    purpose: choice(given.purpose, `${path}.purpose`, PURPOSES),
  }
  const curve = curveOf(domain.protocol)
  if (given.curve !== undefined && given.curve !== null && given.curve !== curve) {
    refuse('INVALID_DOMAINS', `${domain.protocol} keys are on ${curve}, found ${show(given.curve)}`)
  }
  if (!fits(domain)) refuse('INVALID_DOMAINS', `protocol ${domain.protocol} does not serve purpose ${domain.purpose}`)
  return domain
}

function fits({ protocol, purpose }: DomainConfig): boolean {
  switch (purpose) {
    case 'Sign':
      return protocol !== 'ConfidentialKeyDerivation'
    case 'ForeignTx':
      return protocol === 'CaitSith'
    case 'CKD':
      return protocol === 'ConfidentialKeyDerivation'
    default:
      throw new Error(`unknown purpose ${purpose satisfies never}`)
  }
}

/** @throws Refusal INVALID_THRESHOLD */
export function checkThreshold(domain: DomainConfig, members: number, governance: number): void {
  const t = domain.reconstruction_threshold
  if (t < 2 || t > members) {
    refuse('INVALID_THRESHOLD', `domain ${domain.id} needs a reconstruction threshold from 2 to ${members}, found ${t}`)
  }
  if (domain.protocol === 'DamgardEtAl' && 2 * t - 1 > members) {
    refuse(
      'INVALID_THRESHOLD',
      `domain ${domain.id}: DamgardEtAl with t = ${t} needs ${2 * t - 1} nodes, found ${members}`,
    )
  }
  if (t > governance) {
    refuse(
      'INVALID_THRESHOLD',
      `domain ${domain.id} would need ${t} shares, more than the governance threshold ${governance}`,
    )
  }
}

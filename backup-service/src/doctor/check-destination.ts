import { doubtful, type Finding } from '@holdfast/protocol/doctor/finding.ts'
import type { TlsIdentity } from '@holdfast/protocol/tls-identity.ts'
import type { Network, RestoreRequest } from '../network/port.ts'
import { reachNode } from './reach-node.ts'

/**
 * Whether the node that is to be given the shares can be reached, and is the one that the request names. Nothing is asked of
 * it, and nothing sent: what it makes of the shares, only a delivery shows.
 */
export async function checkDestination(
  { claim, url, tlsPublicKey }: RestoreRequest,
  { network, keysharesPort, identity }: { network: Network; keysharesPort: number; identity: TlsIdentity },
  signal: AbortSignal,
): Promise<Finding[]> {
  const anew = `${network.howToWithdraw(claim)}, and ask anew with what is right; ${network.howToAskForRestore}`
  const wrongKey = `see that this address is your new node and that the ${claim} names that node's own TLS key; else ${anew}`
  const advice = { url: anew, silent: undefined, wrongKey }
  const { findings } = await reachNode({ name: 'new node', url, tlsPublicKey, keysharesPort, identity, advice }, signal)
  return findings
}

/**
 * What it means that the present node cannot be reached while another is to take its place: it may be lost, and the new one may
 * have its address already.
 */
export function beingReplaced(finding: Finding): Finding {
  if (finding.verdict !== 'wrong' || !['node port', 'node TLS key'].includes(finding.check)) return finding
  return doubtful(
    finding.check,
    `${finding.found}; a new node is to take its place`,
    'if it is lost, look at the checks of the new node, and whether its shares are backed up: holdfast backup status; if it is ' +
      `not: ${finding.todo}`,
  )
}

import { doubtful, failed, well, type Finding } from '@holdfast/protocol/doctor/finding.ts'
import { isHoldfastError } from '@holdfast/protocol/errors.ts'
import type { Json } from '@holdfast/protocol/json.ts'
import type { Keyset } from '@holdfast/protocol/contract-state.ts'
import { readKeyshares, wipeKeyshares } from '@holdfast/protocol/keyshare.ts'
import type { Participant } from '@holdfast/protocol/live-state.ts'
import { sleep } from '@holdfast/protocol/poll.ts'
import { proveKeyshares } from '@holdfast/protocol/share-proof.ts'
import type { TlsIdentity } from '@holdfast/protocol/tls-identity.ts'
import { mutualTlsNode } from '../adapters/mutual-tls-node.ts'
import { proofWords } from '../proof-words.ts'
import type { NodeAddress } from '../ports.ts'
import type { Registration } from '../registration/registration.ts'
import { explainAnswer, type OwnKey } from './explain-answer.ts'
import { reachNode } from './reach-node.ts'

const AGAIN_MS = 500

export type NodeToCheck = {
  participant: Participant
  keysharesPort: number
  identity: TlsIdentity
  /** The AES keys of near/mpc nodes; none for a Holdfast node, where the TLS session gives the key. */
  nearMpcKeys: { nearMpcKey?: Uint8Array; newNodeKey?: Uint8Array }
  ownKey: OwnKey
  /** What is live, also as the contract's own JSON; undefined where there are no keys yet. */
  live: { keyset: Keyset; json: Json } | undefined
  registration: Registration
  /** How long a node that closes is asked again, where the contract names this service: it may only be about to see that. */
  patienceMs: number
  /** What to do if a node that does not answer is lost, in one clause; undefined where that has been done. */
  lostAdvice: string | undefined
}

/**
 * Whether the operator's node hands out its shares: each step that a backup takes, so that the first that fails is named. It
 * asks for the live shares as the service does, which changes nothing, and forgets them; a near/mpc node counts that as a
 * backup served. Nothing is ever sent.
 */
export async function checkNode(wanted: NodeToCheck, signal: AbortSignal): Promise<Finding[]> {
  const { participant, keysharesPort, identity, lostAdvice: silent } = wanted
  const { url, tls_public_key: tlsPublicKey } = participant.info
  const advice = {
    url: 'its operator calls update_participant_url with {"url":"http://host:port"} and 1 yoctoNEAR',
    silent,
    wrongKey:
      'see that this address is your node and no other, nor a proxy that ends TLS; if the node has new keys, migrate or recover it',
  }
  const { findings, node } = await reachNode(
    { name: 'node', url, tlsPublicKey, keysharesPort, identity, advice },
    signal,
  )
  return node === undefined ? findings : [...findings, await ask(node, wanted, signal)]
}

async function ask(node: NodeAddress, wanted: NodeToCheck, signal: AbortSignal): Promise<Finding> {
  const { identity, nearMpcKeys, live, participant, registration } = wanted
  const asker = { registration, ownKey: wanted.ownKey }
  if (live === undefined)
    return doubtful('node answer', 'not asked: the network has no keys yet', 'look again once it has')
  try {
    const client = mutualTlsNode({ identity, ...nearMpcKeys })
    const fetch = () => client.fetchShares(node, live.json, signal)
    const text = await (registration.kind === 'registered' ? whileClosed(fetch, wanted.patienceMs, signal) : fetch())
    return proved(text, live.keyset, participant.participantId)
  } catch (error) {
    signal.throwIfAborted()
    return explainAnswer(error, asker)
  }
}

async function whileClosed<T>(act: () => Promise<T>, patienceMs: number, signal: AbortSignal): Promise<T> {
  const end = performance.now() + patienceMs
  for (;;) {
    try {
      return await act()
    } catch (error) {
      if (!isHoldfastError(error, 'PEER_CLOSED') || performance.now() >= end) throw error
    }
    await sleep(AGAIN_MS, signal)
  }
}

function proved(text: string, keyset: Keyset, participantId: number): Finding {
  const check = 'node answer'
  const todo = 'do not trust this node: look at its disk and log, and have the network reshare if its shares are lost'
  try {
    const shares = readKeyshares(text, 'the answer of the node')
    try {
      const verdicts = proveKeyshares(shares, keyset, participantId)
      const what = verdicts.length === 1 ? 'its share' : `each of its ${verdicts.length} shares`
      const words = proofWords(verdicts.every(({ verdict }) => verdict === 'genuine'))
      return well(check, `${what} of epoch ${keyset.epoch_id}: ${words}`)
    } finally {
      wipeKeyshares(shares)
    }
  } catch (error) {
    return failed(check, error, todo)
  }
}

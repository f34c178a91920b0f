import { createConnection } from 'node:net'
import { once } from 'node:events'
import { doubtful, failed, well, wrong, type Finding } from '@holdfast/protocol/doctor/finding.ts'
import { isHoldfastError } from '@holdfast/protocol/errors.ts'
import type { Json } from '@holdfast/protocol/json.ts'
import type { Keyset } from '@holdfast/protocol/contract-state.ts'
import { readKeyshares, wipeKeyshares } from '@holdfast/protocol/keyshare.ts'
import type { Participant } from '@holdfast/protocol/live-state.ts'
import { sleep, withDeadline } from '@holdfast/protocol/poll.ts'
import { proveKeyshares } from '@holdfast/protocol/share-proof.ts'
import { connectPinned } from '@holdfast/protocol/tls-channel.ts'
import type { TlsIdentity } from '@holdfast/protocol/tls-identity.ts'
import { mutualTlsNode } from '../adapters/mutual-tls-node.ts'
import { nodeAddress } from '../node-address.ts'
import { proofWords } from '../proof-words.ts'
import type { NodeAddress } from '../ports.ts'
import type { Registration } from '../registration/registration.ts'
import { explainAnswer, explainHandshake, type OwnKey } from './explain-answer.ts'

const CONNECT_MS = 5_000
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
}

/**
 * Whether the operator's node hands out its shares: each step that a backup takes, so that the first that fails is named. It
 * asks for the live shares as the service does, which changes nothing, and forgets them; a near/mpc node counts that as a
 * backup served. Nothing is ever sent.
 */
export async function checkNode(wanted: NodeToCheck, signal: AbortSignal): Promise<Finding[]> {
  const { participant, keysharesPort } = wanted
  const { url, tls_public_key: tlsKey } = participant.info
  const check = 'node address'
  let node: NodeAddress
  try {
    node = nodeAddress(url, tlsKey, keysharesPort)
  } catch (error) {
    return [
      failed(check, error, 'its operator calls update_participant_url with {"url":"http://host:port"} and 1 yoctoNEAR'),
    ]
  }
  const where = `${node.host}:${node.port}`
  const findings = [addressFinding(check, url, node)]
  const refused = await knock(node, signal)
  if (refused !== undefined) {
    const todo =
      `see that the node runs, that its key-share port is ${node.port} (near/mpc: migration_web_ui; keyshares_port in ` +
      `config.json), and that no firewall is between: nc -vz ${node.host} ${node.port}`
    return [...findings, wrong('node port', `${where} does not answer: ${refused}`, todo)]
  }
  findings.push(well('node port', `${where} takes connections`))
  return [...findings, ...(await ask(node, wanted, signal))]
}

function addressFinding(check: string, url: string, { host, port }: NodeAddress): Finding {
  const inContract = Number(new URL(url).port)
  const found = `${host}:${port}, host from the contract's url ${url}`
  if (inContract !== port) return well(check, found)
  return wrong(
    check,
    `${found}, whose port is that of the nodes among themselves`,
    'set keyshares_port in config.json to the port that serves key shares (near/mpc: migration_web_ui, mostly 8079 or 8081)',
  )
}

/** Why no TCP connection comes about; undefined where one does. */
async function knock({ host, port }: NodeAddress, signal: AbortSignal): Promise<string | undefined> {
  const socket = createConnection({ host, port })
  try {
    await withDeadline((stop) => once(socket, 'connect', { signal: stop }), CONNECT_MS, signal, 'connecting')
    return undefined
  } catch (error) {
    signal.throwIfAborted()
    return REASONS[(error as NodeJS.ErrnoException).code ?? ''] ?? String((error as Error).message)
  } finally {
    socket.destroy()
  }
}

const REASONS: Record<string, string> = {
  ECONNREFUSED: 'nothing listens there',
  DEADLINE_EXCEEDED: `no answer within ${CONNECT_MS / 1_000} s`,
  ENOTFOUND: 'its name is not known here (DNS)',
  EHOSTUNREACH: 'no route to it',
  ENETUNREACH: 'no route to it',
}

async function ask(node: NodeAddress, wanted: NodeToCheck, signal: AbortSignal): Promise<Finding[]> {
  const { identity, nearMpcKeys, live, participant, registration } = wanted
  const asker = { registration, ownKey: wanted.ownKey }
  try {
    const dial = { ...node, identity, expectedPeerKey: node.tlsPublicKey, deadlineMs: CONNECT_MS }
    const socket = await connectPinned({ ...dial, signal })
    socket.destroy()
  } catch (error) {
    signal.throwIfAborted()
    return [explainHandshake(error)]
  }
  const rightKey = well('node TLS key', `${node.tlsPublicKey}, as the contract says`)
  if (live === undefined)
    return [rightKey, doubtful('node answer', 'not asked: the network has no keys yet', 'look again once it has')]
  try {
    const client = mutualTlsNode({ identity, ...nearMpcKeys })
    const fetch = () => client.fetchShares(node, live.json, signal)
    const text = await (registration.kind === 'registered' ? whileClosed(fetch, wanted.patienceMs, signal) : fetch())
    return [rightKey, proved(text, live.keyset, participant.participantId)]
  } catch (error) {
    signal.throwIfAborted()
    return [rightKey, explainAnswer(error, asker)]
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

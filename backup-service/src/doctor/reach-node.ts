import { createConnection } from 'node:net'
import { once } from 'node:events'
import { failed, well, wrong, type Finding } from '@holdfast/protocol/doctor/finding.ts'
import type { Ed25519KeyText } from '@holdfast/protocol/near-key.ts'
import { withDeadline } from '@holdfast/protocol/poll.ts'
import { connectPinned } from '@holdfast/protocol/tls-channel.ts'
import type { TlsIdentity } from '@holdfast/protocol/tls-identity.ts'
import { nodeAddress } from '../node-address.ts'
import type { NodeAddress } from '../ports.ts'
import { explainHandshake } from './explain-answer.ts'

const CONNECT_MS = 5_000

export type NodeToReach = {
  /** What the checks are named by: `node`, `new node`. */
  name: string
  url: string
  tlsPublicKey: Ed25519KeyText
  keysharesPort: number
  identity: TlsIdentity
  advice: {
    /** Against a url that is none. */
    url: string
    /** Beside starting it and looking at firewalls, where the port does not answer; one clause. */
    silent: string | undefined
    /** Against another key than the expected. */
    wrongKey: string
  }
}

/** The steps to a node's key-share port, up to a TLS session with the right key; `node` is undefined where one of them failed. */
export async function reachNode(
  wanted: NodeToReach,
  signal: AbortSignal,
): Promise<{ findings: Finding[]; node: NodeAddress | undefined }> {
  const { name, url, advice, identity } = wanted
  const check = `${name} address`
  let node: NodeAddress
  try {
    node = nodeAddress(url, wanted.tlsPublicKey, wanted.keysharesPort)
  } catch (error) {
    return { findings: [failed(check, error, advice.url)], node: undefined }
  }
  const where = `${node.host}:${node.port}`
  const findings = [addressFinding(check, url, node)]
  const refused = await knock(node, signal)
  if (refused !== undefined) {
    const todo =
      `see that the node runs, that its key-share port is ${node.port} (near/mpc: migration_web_ui; keyshares_port in ` +
      `config.json), and that no firewall is between: nc -vz ${node.host} ${node.port}`
    const found = `${where} does not answer: ${refused}`
    const whole = advice.silent === undefined ? todo : `${todo}; ${advice.silent}`
    return { findings: [...findings, wrong(`${name} port`, found, whole)], node: undefined }
  }
  findings.push(well(`${name} port`, `${where} takes connections`))
  try {
    const dial = { ...node, identity, expectedPeerKey: node.tlsPublicKey, deadlineMs: CONNECT_MS }
    const socket = await connectPinned({ ...dial, signal })
    socket.destroy()
  } catch (error) {
    signal.throwIfAborted()
    return { findings: [...findings, explainHandshake(`${name} TLS key`, error, advice.wrongKey)], node: undefined }
  }
  findings.push(well(`${name} TLS key`, `${node.tlsPublicKey}, as the contract says`))
  return { findings, node }
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

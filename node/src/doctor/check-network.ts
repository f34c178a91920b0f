import { createServer, isIPv6 } from 'node:net'
import { errorMessage } from '@holdfast/protocol/errors.ts'
import { connectPinned } from '@holdfast/protocol/tls-channel.ts'
import { DEFAULT_MONITORING_HOST } from '@holdfast/protocol/monitoring/monitoring-config.ts'
import type { Participant } from '@holdfast/protocol/live-state.ts'
import type { Json } from '@holdfast/protocol/json.ts'
import type { NodeConfig } from '../config/config.ts'
import { nodeStatus } from '../control-client.ts'
import type { NodeIdentity } from '../identity/identity.ts'
import { LIMITS } from '../limits.ts'
import { peerOf } from '../mesh/peer.ts'
import { listen } from '../wiring/listen.ts'
import { doubtful, failed, well, wrong, type Finding } from '@holdfast/protocol/doctor/finding.ts'

/** The running node's own words, or that none runs and whether its ports are free; and its monitoring. */
export async function checkProcess(home: string, config: NodeConfig): Promise<Finding[]> {
  const { host, mesh_port, keyshares_port } = config.listen
  const { monitoring } = config
  const running = await nodeStatus(home).catch(() => undefined)
  if (running !== undefined) {
    return [
      well('process', `runs, phase ${String(running['phase'])}`),
      ...(monitoring === undefined ? [] : [await checkMonitoring(monitoring)]),
      ...peersSaid(running['peers']),
    ]
  }
  const ports = await Promise.all([
    checkPort(host, mesh_port, 'mesh_port'),
    checkPort(host, keyshares_port, 'keyshares_port'),
    ...(monitoring === undefined
      ? []
      : [checkPort(monitoring.host ?? DEFAULT_MONITORING_HOST, monitoring.port, 'monitoring.port')]),
  ])
  return [doubtful('process', 'no node runs with this home', `holdfast node run --home ${home}`), ...ports]
}

/** Whether the other participants answer under the keys that the contract names. For when no node runs to say it. */
export function checkPeers(participants: readonly Participant[], identity: NodeIdentity): Promise<Finding[]> {
  return Promise.all(
    participants.map(async (participant) => {
      const { accountId, address, tlsKey } = peerOf(participant)
      const check = `peer ${accountId}`
      if (address === undefined)
        return wrong(check, `its url ${participant.info.url} cannot be dialled`, 'its operator must mend it')
      const where = `${address.host}:${address.port}`
      try {
        const signal = AbortSignal.timeout(LIMITS.meshHandshakeMs)
        const dial = { ...address, identity: identity.tls, expectedPeerKey: tlsKey, deadlineMs: LIMITS.meshHandshakeMs }
        const socket = await connectPinned({ ...dial, signal })
        socket.destroy()
        return well(check, `answers at ${where} under its key`)
      } catch (error) {
        return doubtful(check, errorMessage(error), `see whether ${where} is reachable from here; ask its operator`)
      }
    }),
  )
}

/** Of a running node. That nobody hears it signs nothing less: doubtful at most. */
async function checkMonitoring({ host = DEFAULT_MONITORING_HOST, port }: Monitoring): Promise<Finding> {
  const check = 'monitoring'
  const where = `${isIPv6(host) ? `[${host}]` : host}:${port}`
  if (port === 0) return well(check, 'on a port that the system chose; the log has it')
  try {
    const answer = await fetch(`http://${where}/metrics`, { signal: AbortSignal.timeout(LIMITS.meshHandshakeMs) })
    const text = await answer.text()
    if (answer.status === 429) return well(check, `answers at ${where}, busy`)
    if (text.includes('holdfast_node_info{')) return well(check, `answers at ${where}`)
    return doubtful(check, `something else answers at ${where}`, 'see what uses the port (ss -ltnp), or choose another')
  } catch (error) {
    const todo = `see whether something else has the port (ss -ltnp) and what the log says of monitoring`
    return doubtful(check, `no answer at ${where}: ${errorMessage(error)}`, todo)
  }
}

async function checkPort(host: string, port: number, field: string): Promise<Finding> {
  const server = createServer()
  try {
    await listen(server, host, port, field)
    return well(`port ${port}`, `${host}:${port} is free (${field})`)
  } catch (error) {
    return failed(`port ${port}`, error, 'see what uses it: ss -ltnp')
  } finally {
    server.close()
  }
}

type Monitoring = NonNullable<NodeConfig['monitoring']>
type PeerSaid = { account_id?: Json; connected?: Json; recovering?: Json; left_out?: Json }

function peersSaid(peers: Json | undefined): Finding[] {
  if (!Array.isArray(peers)) return []
  return (peers as PeerSaid[]).map(({ account_id, connected, recovering, left_out }) => {
    const check = `peer ${String(account_id)}`
    if (connected === true) return well(check, 'connected')
    if (recovering === true) return doubtful(check, 'recovers', 'nothing: it comes back by itself')
    if (typeof left_out === 'string')
      return doubtful(check, left_out, 'have the clocks and RPC endpoints of both compared')
    return doubtful(check, 'not connected', 'see whether its address is reachable from here; ask its operator')
  })
}

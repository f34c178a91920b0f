import { randomInt } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLogger, type Logger } from '@holdfast/protocol/log.ts'
import { initNode, type NodeKeys } from '../../src/init-node.ts'
import type { NodeConfig } from '../../src/config/config.ts'
import type { ExitReason } from '../../src/run-node.ts'
import { runNodeService } from '../../src/wiring/node-service.ts'
import { FakeContract } from './fake-contract.ts'
import { twoFreePorts } from '../../../localnet/src/harness/two-free-ports.ts'

/** A node's machine: its home and what was put into it. */
export type Machine = { home: string; accountId: string; config: NodeConfig; keys: NodeKeys }
export type RunningNode = { machine: Machine; ended: Promise<ExitReason>; stop(): Promise<ExitReason> }

/** A loopback address that no other test is likely to use: ports chosen on it stay free until the node takes them. */
function ownAddress(): string {
  return `127.${randomInt(1, 255)}.${randomInt(0, 255)}.${randomInt(2, 255)}`
}

export async function makeMachine(accountId: string, changes: Partial<NodeConfig> = {}): Promise<Machine> {
  const home = await mkdtemp(join(tmpdir(), 'hf-node-'))
  const host = ownAddress()
  const [mesh_port, keyshares_port] = await twoFreePorts(host)
  const config: NodeConfig = {
    account_id: accountId,
    contract_id: 'holdfast.near',
    rpc_urls: ['http://127.0.0.1:1'],
    rpc_quorum: 1,
    listen: { host, mesh_port, keyshares_port },
    url: `http://${host}:${mesh_port}`,
    poll_interval_ms: 50,
    max_view_age_seconds: 300,
    cosign: { policy: 'participants' },
    ...changes,
  }
  return { home, accountId, config, keys: await initNode({ home, config }) }
}

export function startNode(machine: Machine, contract: FakeContract, log: Logger = silentLogger): RunningNode {
  const abort = new AbortController()
  const ended = runNodeService(machine.home, abort.signal, log, {
    openReader: () => contract.reader(),
    answers: (own) => own,
    openContract: async () => contract.caller(machine.accountId, machine.keys.signerPublicKey),
  })
  ended.catch(() => undefined)
  return {
    machine,
    ended,
    stop() {
      abort.abort()
      return ended
    },
  }
}

export function contractFor(machines: Machine[], threshold: number): FakeContract {
  const operators = machines.map(({ accountId, config, keys }) => ({
    accountId,
    url: config.url,
    tlsKey: keys.tlsPublicKey,
    signerKey: keys.signerPublicKey,
  }))
  return new FakeContract(operators, threshold)
}

/** A running network, its nodes started and stopped with the test. */
export async function startNetwork(
  t: { teardown(fn: () => Promise<void>): void },
  accounts: string[],
  threshold: number,
  log: Logger = silentLogger,
): Promise<{ machines: Machine[]; contract: FakeContract; nodes: RunningNode[] }> {
  const machines = await Promise.all(accounts.map((account) => makeMachine(account)))
  const contract = contractFor(machines, threshold)
  const nodes = machines.map((machine) => startNode(machine, contract, log))
  t.teardown(async () => {
    await Promise.all(nodes.map((node) => node.stop()))
    await removeMachines(machines)
  })
  return { machines, contract, nodes }
}

export async function removeMachines(machines: Machine[]): Promise<void> {
  await Promise.all(machines.map(({ home }) => rm(home, { recursive: true, force: true })))
}

/** Waits until `probe` gives something; fails with the last error or after `ms`. */
export async function eventually<T>(
  what: string,
  probe: () => T | undefined | Promise<T | undefined>,
  ms = 20_000,
): Promise<T> {
  const until = Date.now() + ms
  let trouble: unknown
  while (Date.now() < until) {
    try {
      const found = await probe()
      if (found !== undefined && (found as unknown) !== false) return found
    } catch (error) {
      trouble = error
    }
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  throw new Error(`${what} did not happen within ${ms} ms`, { cause: trouble })
}

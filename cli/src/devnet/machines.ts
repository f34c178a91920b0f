import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { initBackupService } from '@holdfast/backup-service/init-backup-service.ts'
import type { NodeConfig } from '@holdfast/node/config/config.ts'
import { initNode } from '@holdfast/node/init-node.ts'
import { holdfastCommand } from './child-processes.ts'
import type { Devnet } from './devnet.ts'
import { type BackupMachine, type Machine, type Operator, presentMachine } from './operator.ts'

/** Addresses of one operator's machines start at 2 + 10 × its number; a tenth machine has to share. */
const ADDRESSES_PER_OPERATOR = 10

/** Sets up a new machine for an operator's node: a new disk, a new address, new keys. Nothing runs yet. */
export async function addMachine(
  devnet: Devnet,
  operator: Operator,
  changes: Partial<Pick<NodeConfig, 'shares_from' | 'cosign'>> = {},
): Promise<Machine> {
  const number = operator.machines.length
  const name = `${operator.name}-${number + 1}`
  const block = devnet.operators.indexOf(operator) * ADDRESSES_PER_OPERATOR
  const address = devnet.addresses.address(2 + block + (number % ADDRESSES_PER_OPERATOR))
  const home = join(devnet.directory, 'machines', name)
  const { mesh, keyshares } = devnet.ports
  const { tlsPublicKey, signerPublicKey } = await initNode({
    home,
    config: {
      account_id: operator.accountId,
      contract_id: devnet.contractId,
      rpc_urls: [...devnet.chain.rpcUrls],
      rpc_quorum: devnet.rpcQuorum,
      listen: { host: address, mesh_port: mesh, keyshares_port: keyshares },
      url: `http://${address}:${mesh}`,
      poll_interval_ms: devnet.pollMs.node,
      max_view_age_seconds: devnet.maxViewAgeSeconds,
      // One person has all these nodes: what one asks for is what all want.
      cosign: { policy: 'participants' },
      ...changes,
    },
  })
  const machine: Machine = {
    name,
    address,
    home,
    tlsKey: tlsPublicKey,
    signerKey: signerPublicKey,
    process: undefined,
    startedAt: 0,
  }
  operator.machines.push(machine)
  return machine
}

/** Starts the node's process on its machine. */
export function startMachine(devnet: Devnet, machine: Machine): void {
  machine.startedAt = performance.now()
  machine.process = devnet.processes.start({
    name: `node ${machine.name}`,
    ...holdfastCommand('node', 'run', '--home', machine.home),
    logFile: logFile(devnet, `node-${machine.name}`),
  })
}

/** What a fire does: kill -9 and the disk gone. */
export async function destroyMachine(operator: Operator): Promise<Machine> {
  const machine = presentMachine(operator)
  await machine.process?.end('SIGKILL')
  await rm(machine.home, { recursive: true, force: true })
  return machine
}

/** Sets up an operator's backup service. Nothing runs yet. */
export async function addBackupMachine(devnet: Devnet, operator: Operator): Promise<BackupMachine> {
  const home = join(devnet.directory, 'backup', operator.name)
  const { tlsPublicKey, signerPublicKey } = await initBackupService({
    home,
    config: {
      account_id: operator.accountId,
      contract_id: devnet.contractId,
      rpc_urls: [...devnet.chain.rpcUrls],
      rpc_quorum: devnet.rpcQuorum,
      keyshares_port: devnet.ports.keyshares,
      poll_interval_ms: devnet.pollMs.backup,
      max_view_age_seconds: devnet.maxViewAgeSeconds,
      repository: 'repository',
    },
  })
  const backup: BackupMachine = {
    name: operator.name,
    home,
    tlsKey: tlsPublicKey,
    signerKey: signerPublicKey,
    process: undefined,
  }
  operator.backup = backup
  return backup
}

/** Starts the backup service's process. */
export function startBackupMachine(devnet: Devnet, backup: BackupMachine): void {
  backup.process = devnet.processes.start({
    name: `backup service ${backup.name}`,
    ...holdfastCommand('backup', 'run', '--home', backup.home),
    logFile: logFile(devnet, `backup-${backup.name}`),
  })
}

function logFile(devnet: Devnet, name: string): string {
  return join(devnet.directory, 'logs', `${name}.log`)
}

import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { spawn } from 'node:child_process'
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { readNearMpcHome } from '@holdfast/backup-service/import/near-mpc-home.ts'
import type { Machine } from '@holdfast/cli/devnet/operator.ts'
import type { Ed25519KeyText } from '@holdfast/protocol/near-key.ts'
import { createTlsIdentity } from '@holdfast/protocol/tls-identity.ts'
import type { NearMpcPeers } from './environment.ts'

export type ProgramRun = { code: number | null; output: string }

/** A node as near/mpc's clients are told of it. */
export type NodeAddress = { machine: Pick<Machine, 'address' | 'tlsKey'>; port: number; aesKeyHex: string }

/** One of near/mpc's programs in the hands of an operator. */
export type NearMpcClient = {
  readonly name: string
  readonly publicKey: Ed25519KeyText
  /** Fetches the shares of the keyset in a contract state; both are JSON. */
  get(node: NodeAddress, stateJson: string): Promise<{ run: ProgramRun; shares: string }>
  /** Sends what `get` has fetched. */
  put(node: NodeAddress): Promise<ProgramRun>
}

/** `backup-cli` with a home of its own and new keys. */
export async function newBackupCli(programs: NearMpcPeers, home: string): Promise<NearMpcClient & { home: string }> {
  await mkdir(home, { recursive: true })
  const made = await runProgram(programs.backupCli, ['--home-dir', home, 'generate-keys'])
  if (made.code !== 0) throw new TypeError(`backup-cli made no keys: ${made.output}`)
  const secrets = JSON.parse(await readFile(join(home, 'secrets.json'), 'utf8')) as { p2p_private_key: number[] }
  const onNode = (command: string, node: NodeAddress) =>
    runProgram(programs.backupCli, ['--home-dir', home, command, ...flagsFor(node)], {
      BACKUP_ENCRYPTION_KEY_HEX: node.aesKeyHex,
    })
  return {
    name: 'backup-cli',
    home,
    publicKey: createTlsIdentity(Uint8Array.from(secrets.p2p_private_key)).publicKeyText,
    async get(node, stateJson) {
      await writeFile(join(home, 'contract_state.json'), stateJson)
      return { run: await onNode('get-keyshares', node), shares: (await newestShares(home)) ?? '' }
    },
    put: (node) => onNode('put-keyshares', node),
  }
}

/** `peer-backup`: near/mpc's client library behind flags, with a new key. */
export async function newPeerBackup(
  programs: NearMpcPeers,
  directory: string,
): Promise<NearMpcClient & { putShares(node: NodeAddress, sharesJson: string): Promise<ProgramRun> }> {
  await mkdir(directory, { recursive: true })
  const secret = randomBytes(32)
  const files = { state: join(directory, 'state.json'), shares: join(directory, 'shares.json') }
  const onNode = ({ machine, port, aesKeyHex }: NodeAddress, command: string, ...more: string[]) =>
    runProgram(programs.peerBackup, [
      ...[command, '--addr', `${machine.address}:${port}`, '--node-pubkey', machine.tlsKey],
      ...['--my-secret', secret.toString('hex'), '--aes-key', aesKeyHex, ...more],
    ])
  return {
    name: 'peer-backup',
    publicKey: createTlsIdentity(secret).publicKeyText,
    async get(node, stateJson) {
      await writeFile(files.state, stateJson)
      const run = await onNode(node, 'get', '--state', files.state, '--out', files.shares)
      return { run, shares: run.code === 0 ? await readFile(files.shares, 'utf8') : '' }
    },
    put: (node) => onNode(node, 'put', '--shares', files.shares),
    async putShares(node, sharesJson) {
      const file = join(directory, 'other-shares.json')
      await writeFile(file, sharesJson)
      return onNode(node, 'put', '--shares', file)
    },
  }
}

/** The call in the near-cli command that `backup-cli register` prints. */
export async function printedRegistration(
  programs: NearMpcPeers,
  home: string,
  contractId: string,
  accountId: string,
): Promise<{ method: string; args: string }> {
  const { output } = await runProgram(programs.backupCli, [
    ...['--home-dir', home, 'register', '--mpc-contract-account-id', contractId],
    ...['--near-network', 'mpc-localnet', '--signer-account-id', accountId],
  ])
  const found = /\n\s+(\w+) \\\n\s+json-args '([^']+)'/.exec(output)
  if (found === null) throw new TypeError(`backup-cli printed no call: ${output}`)
  return { method: found[1] ?? '', args: found[2] ?? '' }
}

/**
 * `backup-cli run`, near/mpc's automatic backup, in a new home with the keys of another: reads the contract from an RPC
 * endpoint until it has stored something, then is asked to stop.
 */
export async function runUntilStored(
  programs: NearMpcPeers,
  keysFrom: string,
  node: NodeAddress,
  chain: { rpcUrl: string; contractId: string },
  waitForStored: (look: () => Promise<string | undefined>) => Promise<string>,
): Promise<{ run: ProgramRun; shares: string }> {
  const home = `${keysFrom}-run`
  await mkdir(home)
  await copyFile(join(keysFrom, 'secrets.json'), join(home, 'secrets.json'))
  const child = spawn(
    programs.backupCli,
    [
      ...['--home-dir', home, 'run', ...flagsFor(node), '--mpc-contract-account-id', chain.contractId],
      ...['--rpc-url', chain.rpcUrl, '--near-chain-id', 'localnet', '--poll-interval-seconds', '1'],
    ],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, BACKUP_ENCRYPTION_KEY_HEX: node.aesKeyHex },
    },
  )
  const output = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  try {
    const shares = await waitForStored(() => newestShares(home))
    child.kill('SIGTERM')
    const [out, err] = await output
    return { run: { code: child.exitCode, output: out + err }, shares }
  } catch (cause) {
    child.kill('SIGKILL')
    throw new Error(`backup-cli run stored nothing; it said: ${(await output).slice(0, 2).join('')}`, { cause })
  } finally {
    child.kill('SIGKILL')
  }
}

async function newestShares(home: string): Promise<string | undefined> {
  return (await readNearMpcHome(home)).found.find(({ file }) => file === 'key')?.keyshares
}

function flagsFor({ machine, port }: NodeAddress): string[] {
  return ['--mpc-node-address', `${machine.address}:${port}`, '--mpc-node-p2p-key', machine.tlsKey]
}

async function runProgram(program: string, args: string[], env: NodeJS.ProcessEnv = {}): Promise<ProgramRun> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } })
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { code: child.exitCode, output: out + err }
}

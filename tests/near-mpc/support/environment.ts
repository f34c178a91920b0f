import { access, constants } from 'node:fs/promises'
import { join } from 'node:path'
import { HoldfastError } from '@holdfast/protocol/errors.ts'

/** Paths of near/mpc's own programs. */
export type NearMpcPeers = {
  /** near/mpc's migration service, as a process: see peer-node.ts. */
  peerNode: string
  /** near/mpc's own client, everything given by flags. */
  peerBackup: string
  backupCli: string
}

/** Paths of what the live tests of near/mpc's whole network run beside Holdfast. */
export type NearMpcPrograms = NearMpcPeers & {
  /** near/mpc's deployed contract. */
  contractWasm: string
  /** A real NEAR node. */
  sandbox: string
}

export type NearMpcEnvironment<Programs = NearMpcPrograms> =
  | { kind: 'complete'; programs: Programs }
  /** Per variable that is not set: its name and what it should name. */
  | { kind: 'incomplete'; missing: string[] }

const VARIABLES = {
  NEAR_MPC_PEERS: "the folder with near/mpc's built programs peer-node, peer-backup and backup-cli",
  NEAR_MPC_CONTRACT_WASM: "the wasm of near/mpc's deployed contract, such as signer-3_14_1.wasm",
  NEAR_SANDBOX_BIN_PATH: 'a NEAR node with the sandbox feature, such as neard-sandbox',
}

type Env = Readonly<Record<string, string | undefined>>

/**
 * What the environment names. A variable that is not set is a reason to skip; one that names nothing is a mistake.
 * @throws HoldfastError `NEAR_MPC_PROGRAM_MISSING`
 */
export async function nearMpcEnvironment(env: Env = process.env): Promise<NearMpcEnvironment> {
  const missing = unset(env, ['NEAR_MPC_PEERS', 'NEAR_MPC_CONTRACT_WASM', 'NEAR_SANDBOX_BIN_PATH'])
  if (missing.length > 0) return { kind: 'incomplete', missing }
  const { NEAR_MPC_PEERS: peers = '', NEAR_MPC_CONTRACT_WASM: wasm = '', NEAR_SANDBOX_BIN_PATH: sandbox = '' } = env
  return {
    kind: 'complete',
    programs: {
      ...(await peersIn(peers)),
      contractWasm: await existing(wasm, 'NEAR_MPC_CONTRACT_WASM', constants.R_OK),
      sandbox: await existing(sandbox, 'NEAR_SANDBOX_BIN_PATH', constants.X_OK),
    },
  }
}

/** The same for tests that need near/mpc's programs alone. @throws HoldfastError `NEAR_MPC_PROGRAM_MISSING` */
export async function peersEnvironment(env: Env = process.env): Promise<NearMpcEnvironment<NearMpcPeers>> {
  const missing = unset(env, ['NEAR_MPC_PEERS'])
  if (missing.length > 0) return { kind: 'incomplete', missing }
  return { kind: 'complete', programs: await peersIn(env['NEAR_MPC_PEERS'] ?? '') }
}

function unset(env: Env, names: (keyof typeof VARIABLES)[]): string[] {
  return names.filter((name) => (env[name] ?? '') === '').map((name) => `${name} should name ${VARIABLES[name]}`)
}

async function peersIn(folder: string): Promise<NearMpcPeers> {
  const program = (name: string) => existing(join(folder, name), 'NEAR_MPC_PEERS', constants.X_OK)
  const [peerNode, peerBackup, backupCli] = await Promise.all([
    program('peer-node'),
    program('peer-backup'),
    program('backup-cli'),
  ])
  return { peerNode, peerBackup, backupCli }
}

async function existing(path: string, variable: keyof typeof VARIABLES, mode: number): Promise<string> {
  try {
    await access(path, mode)
    return path
  } catch {
    throw new HoldfastError(
      'NEAR_MPC_PROGRAM_MISSING',
      `${variable} leads to ${path}, which is not there or not for this user; it should name ${VARIABLES[variable]}`,
    )
  }
}

import { access, constants } from 'node:fs/promises'
import { join } from 'node:path'
import { HoldfastError } from '@holdfast/protocol/errors.ts'

/** Paths of what the live tests run beside Holdfast. */
export type NearMpcPrograms = {
  /** near/mpc's migration service, as a process: see peer-node.ts. */
  peerNode: string
  /** near/mpc's own client, everything given by flags. */
  peerBackup: string
  backupCli: string
  /** near/mpc's deployed contract. */
  contractWasm: string
  /** A real NEAR node. */
  sandbox: string
}

export type NearMpcEnvironment =
  | { kind: 'complete'; programs: NearMpcPrograms }
  /** Per variable that is not set: its name and what it should name. */
  | { kind: 'incomplete'; missing: string[] }

const VARIABLES = {
  NEAR_MPC_PEERS: "the folder with near/mpc's built programs peer-node, peer-backup and backup-cli",
  NEAR_MPC_CONTRACT_WASM: "the wasm of near/mpc's deployed contract, such as signer-3_14_1.wasm",
  NEAR_SANDBOX_BIN_PATH: 'a NEAR node with the sandbox feature, such as neard-sandbox',
}

/**
 * What the environment names. A variable that is not set is a reason to skip; one that names nothing is a mistake.
 * @throws HoldfastError `NEAR_MPC_PROGRAM_MISSING`
 */
export async function nearMpcEnvironment(
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<NearMpcEnvironment> {
  const { NEAR_MPC_PEERS: peers, NEAR_MPC_CONTRACT_WASM: wasm, NEAR_SANDBOX_BIN_PATH: sandbox } = env
  const missing = Object.entries(VARIABLES)
    .filter(([name]) => (env[name] ?? '') === '')
    .map(([name, what]) => `${name} should name ${what}`)
  if (missing.length > 0) return { kind: 'incomplete', missing }
  const program = (name: string): Promise<string> => existing(join(peers ?? '', name), 'NEAR_MPC_PEERS', constants.X_OK)
  const [peerNode, peerBackup, backupCli] = await Promise.all(['peer-node', 'peer-backup', 'backup-cli'].map(program))
  return {
    kind: 'complete',
    programs: {
      peerNode: peerNode ?? '',
      peerBackup: peerBackup ?? '',
      backupCli: backupCli ?? '',
      contractWasm: await existing(wasm ?? '', 'NEAR_MPC_CONTRACT_WASM', constants.R_OK),
      sandbox: await existing(sandbox ?? '', 'NEAR_SANDBOX_BIN_PATH', constants.X_OK),
    },
  }
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

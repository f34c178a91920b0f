import { BACKUP_SERVICE_METHODS, NODE_METHODS } from '@holdfast/contract/access-key-methods.ts'
import type { Json } from '@holdfast/protocol/json.ts'
import type { Ed25519KeyText } from '@holdfast/protocol/near-key.ts'
import type { NewDomain } from '../domain-option.ts'

/** One transaction that the operator's full-access key signs. Amounts in yoctoNEAR. */
export type OperatorAction =
  | {
      kind: 'add-key'
      publicKey: Ed25519KeyText
      methods: readonly string[]
      allowanceYocto: bigint | undefined
      /** Keys that are deleted in the same transaction. */
      replaces?: readonly Ed25519KeyText[]
    }
  | { kind: 'call'; method: string; args: Json; depositYocto: bigint; gasTgas?: number }
  /** Sends the contract its voted new code. `file` as below. */
  | { kind: 'deploy-update'; wasm: Uint8Array; file: string }
  /** Puts a contract on the account and initialises it, both or neither. `file` is for who does it by hand. */
  | { kind: 'deploy'; wasm: Uint8Array; file: string; initArgs: Json }

export type ServiceKeys = { tlsKey: Ed25519KeyText; signerKey: Ed25519KeyText; allowanceYocto?: bigint | undefined }

/** `replaces`: the signer keys of the account's earlier nodes, where those are to be deleted. */
export type NodeAuthorisation = ServiceKeys & {
  expiresInSeconds?: number | undefined
  replaces?: readonly Ed25519KeyText[]
}

/** Lets a node act for the account. */
export function planNodeKey(keys: Omit<NodeAuthorisation, 'tlsKey' | 'expiresInSeconds'>): OperatorAction[] {
  return [
    {
      kind: 'add-key',
      publicKey: keys.signerKey,
      methods: NODE_METHODS,
      allowanceYocto: keys.allowanceYocto,
      replaces: keys.replaces ?? [],
    },
  ]
}

/** Lets a node act for the account, and authorises its keys to take the account's place (protocol.md 2.4.1). */
export function planAuthorisation(keys: NodeAuthorisation): OperatorAction[] {
  return [
    ...planNodeKey(keys),
    {
      kind: 'call',
      method: 'authorize_node',
      args: {
        tls_public_key: keys.tlsKey,
        signer_account_pk: keys.signerKey,
        ...(keys.expiresInSeconds !== undefined && { expires_in_seconds: keys.expiresInSeconds }),
      },
      depositYocto: 1n,
    },
  ]
}

/** Lets a node act for the account, and orders the account's planned move to it (protocol.md 2.2). */
export function planMove(to: ServiceKeys & { url: string }): OperatorAction[] {
  const destination_node_info = { url: to.url, tls_public_key: to.tlsKey }
  return [
    ...planNodeKey(to),
    {
      kind: 'call',
      method: 'start_node_migration',
      args: { destination_node_info: { signer_account_pk: to.signerKey, destination_node_info } },
      depositYocto: 1n,
    },
  ]
}

/** Gives the account's planned move up. */
export function planMoveCancellation(): OperatorAction[] {
  return [{ kind: 'call', method: 'cancel_node_migration', args: {}, depositYocto: 1n }]
}

/** Names the account's backup service and lets it confirm deliveries. */
export function planRegistration(keys: ServiceKeys): OperatorAction[] {
  return [
    {
      kind: 'add-key',
      publicKey: keys.signerKey,
      methods: BACKUP_SERVICE_METHODS,
      allowanceYocto: keys.allowanceYocto,
    },
    {
      kind: 'call',
      method: 'register_backup_service',
      args: { backup_service_info: { public_key: keys.tlsKey, signer_account_pk: keys.signerKey } },
      depositYocto: 1n,
    },
  ]
}

/**
 * Names the account's backup service in near/mpc's contract (near-mpc.md 4.1): the service calls nothing there, so it gets no
 * access key. The gas is what near/mpc's own tool attaches.
 */
export function planNearMpcRegistration({ tlsKey }: Pick<ServiceKeys, 'tlsKey'>): OperatorAction[] {
  const args = { backup_service_info: { public_key: tlsKey } }
  return [{ kind: 'call', method: 'register_backup_service', args, depositYocto: 1n, gasTgas: 300 }]
}

/** Makes the network: deploys the contract, unless it is there and lacks only its `init`. */
export function planDeployment(plan: { code: { wasm: Uint8Array; file: string } | 'there already'; initArgs: Json }) {
  const { code, initArgs } = plan
  const action: OperatorAction =
    code === 'there already'
      ? { kind: 'call', method: 'init', args: initArgs, depositYocto: 0n }
      : { kind: 'deploy', ...code, initArgs }
  return [action]
}

/** A vote for new distributed keys. */
export function planDomainVote(domains: NewDomain[]): OperatorAction[] {
  return [{ kind: 'call', method: 'vote_add_domains', args: { domains }, depositYocto: 0n }]
}

/** A vote for another epoch, with the arguments that `proposeParameters` has made. */
export function planParameterVote(args: Json): OperatorAction[] {
  return [{ kind: 'call', method: 'vote_new_parameters', args, depositYocto: 0n }]
}

/** A vote to give a resharing up. */
export function planResharingCancellation(): OperatorAction[] {
  return [{ kind: 'call', method: 'vote_cancel_resharing', args: {}, depositYocto: 0n }]
}

/** A vote for new code of the contract, the first for it or a further one. `codeHash`: SHA-256 in lower-case hex. */
export function planUpdateVote(method: 'propose_update' | 'vote_update', codeHash: string): OperatorAction[] {
  return [{ kind: 'call', method, args: { code_hash: codeHash }, depositYocto: 0n }]
}

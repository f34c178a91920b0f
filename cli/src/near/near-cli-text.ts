import { type Json, stringifyJson } from '@holdfast/protocol/json.ts'

/** What the equivalent near-cli-rs commands are printed for. */
export type NearCliNetwork = 'mainnet' | 'testnet' | (string & {})

/** near-cli-rs: add a function-call access key limited to one contract and the given methods. */
export function addKeyText(key: {
  accountId: string
  contractId: string
  methods: readonly string[]
  publicKey: string
  allowanceYocto: bigint | undefined
  network: NearCliNetwork
}): string {
  const limit = key.allowanceYocto === undefined ? 'unlimited' : quote(`${nearText(key.allowanceYocto)} NEAR`)
  return [
    `near account add-key ${key.accountId} grant-function-call-access --allowance ${limit}`,
    `--contract-account-id ${key.contractId} --function-names ${quote(key.methods.join(','))}`,
    `use-manually-provided-public-key ${key.publicKey}`,
    `network-config ${key.network} sign-with-keychain send`,
  ].join(' ')
}

/** near-cli-rs: delete access keys of an account. */
export function deleteKeysText(accountId: string, publicKeys: readonly string[], network: NearCliNetwork): string {
  return (
    `near account delete-keys ${accountId} public-keys ${publicKeys.join(',')} ` +
    `network-config ${network} sign-with-keychain send`
  )
}

/** near-cli-rs: call a method with the account's full-access key. `depositYocto` 0n or 1n here; 100 Tgas unless told. */
export function callText(call: {
  accountId: string
  contractId: string
  method: string
  args: Json
  depositYocto: bigint
  gasTgas?: number | undefined
  network: NearCliNetwork
}): string {
  return [
    `near contract call-function as-transaction ${call.contractId} ${call.method}`,
    `json-args ${quote(stringifyJson(call.args))} prepaid-gas '${call.gasTgas ?? 100} Tgas'`,
    `attached-deposit '${call.depositYocto} yoctoNEAR' sign-as ${call.accountId}`,
    `network-config ${call.network} sign-with-keychain send`,
  ].join(' ')
}

/** near-cli-rs: put a contract on an account and initialise it, in one transaction. */
export function deployText(deployment: {
  accountId: string
  file: string
  initArgs: Json
  network: NearCliNetwork
}): string {
  return [
    `near contract deploy ${deployment.accountId} use-file ${quote(deployment.file)}`,
    `with-init-call init json-args ${quote(stringifyJson(deployment.initArgs))} prepaid-gas '100 Tgas'`,
    `attached-deposit '0 NEAR' network-config ${deployment.network} sign-with-keychain send`,
  ].join(' ')
}

/** near-cli-rs: send the contract its new code, which is the whole input of the call. */
export function deployUpdateText(update: {
  accountId: string
  contractId: string
  file: string
  network: NearCliNetwork
}): string {
  return [
    `near contract call-function as-transaction ${update.contractId} deploy_update`,
    `file-args ${quote(update.file)} prepaid-gas '300 Tgas' attached-deposit '0 NEAR'`,
    `sign-as ${update.accountId} network-config ${update.network} sign-with-keychain send`,
  ].join(' ')
}

/** An amount in NEAR, exact, without trailing zeros. */
export function nearText(yocto: bigint): string {
  const digits = yocto.toString().padStart(25, '0')
  const fraction = digits.slice(-24).replace(/0+$/, '')
  return digits.slice(0, -24) + (fraction === '' ? '' : `.${fraction}`)
}

/** For a POSIX shell. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

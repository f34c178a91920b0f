import { hashText, bytesToKey, ZERO_HASH } from '../primitives/bytes.ts'
import { emptyAccount, keyStorage } from '../runtime/accounts.ts'
import { RECORD_BYTES } from '../runtime/fees.ts'
import type { AccountState, World } from '../state/world.ts'
import type { Permission } from '../transaction/action.ts'
import { argumentError } from './errors.ts'
import { isObject, requireAccountId, requireBase64, requirePublicKey, requireString, type Params } from './params.ts'

type Change = (world: World) => void

function requireObject(params: Params, name: string): Params {
  const value = params[name]
  if (!isObject(value)) throw argumentError(`missing field \`${name}\``)
  return value
}

function requireAmount(params: Params, name: string): bigint {
  const text = requireString(params, name)
  if (!/^\d+$/.test(text)) throw argumentError(`invalid value: string "${text}", expected a number of yoctoNEAR`)
  return BigInt(text)
}

/** A count as JSON has it: a number, or digits when it is too large for one. */
function requireCount(params: Params, name: string): bigint {
  const value = params[name]
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return BigInt(value)
  if (typeof value === 'string' && /^\d+$/.test(value)) return BigInt(value)
  throw argumentError(`missing field \`${name}\``)
}

function parsePermission(value: unknown): Permission {
  if (value === 'FullAccess') return { kind: 'full' }
  if (!isObject(value)) throw argumentError('missing field `permission`')
  const call = requireObject(value, 'FunctionCall')
  const names = call['method_names']
  if (!Array.isArray(names) || names.some((name) => typeof name !== 'string'))
    throw argumentError('missing field `method_names`')
  return {
    kind: 'call',
    allowance: call['allowance'] === null ? null : requireAmount(call, 'allowance'),
    receiverId: requireAccountId(call, 'receiver_id'),
    methodNames: names as string[],
  }
}

/** The account a record belongs to; a record without one is refused. */
function edit(world: World, id: string, change: (account: AccountState) => AccountState): void {
  world.put(id, change(world.get(id) ?? emptyAccount(0n)))
}

function accountRecord(record: Params): Change {
  const id = requireAccountId(record, 'account_id')
  const account = requireObject(record, 'account')
  const amount = requireAmount(account, 'amount')
  const locked = requireAmount(account, 'locked')
  const storageUsage = Number(requireCount(account, 'storage_usage'))
  const codeHash = requireString(account, 'code_hash')
  return (world) =>
    edit(world, id, (old) => {
      const code = codeHash === ZERO_HASH || old.code?.hash !== codeHash ? null : old.code
      return { ...old, amount, locked, storageUsage, code }
    })
}

function accessKeyRecord(record: Params): Change {
  const id = requireAccountId(record, 'account_id')
  const key = requirePublicKey(record, 'public_key')
  const fields = requireObject(record, 'access_key')
  const access = { nonce: requireCount(fields, 'nonce'), permission: parsePermission(fields['permission']) }
  return (world) =>
    edit(world, id, (old) => {
      const before = old.keys.get(key.text)
      const freed = before === undefined ? 0 : keyStorage(key, before)
      return {
        ...old,
        storageUsage: old.storageUsage - freed + keyStorage(key, access),
        keys: new Map(old.keys).set(key.text, access),
      }
    })
}

function contractRecord(record: Params): Change {
  const id = requireAccountId(record, 'account_id')
  const wasm = requireBase64(record, 'code')
  return (world) =>
    edit(world, id, (old) => ({
      ...old,
      storageUsage: old.storageUsage - (old.code?.wasm.length ?? 0) + wasm.length,
      code: { wasm, hash: hashText(wasm) },
    }))
}

function dataRecord(record: Params): Change {
  const id = requireAccountId(record, 'account_id')
  const keyBytes = requireBase64(record, 'data_key')
  const value = requireBase64(record, 'value')
  const key = bytesToKey(keyBytes)
  return (world) =>
    edit(world, id, (old) => {
      const before = old.data.get(key)
      const freed = before === undefined ? 0 : keyBytes.length + before.length + RECORD_BYTES
      return {
        ...old,
        storageUsage: old.storageUsage - freed + keyBytes.length + value.length + RECORD_BYTES,
        data: new Map(old.data).set(key, value),
      }
    })
}

const KINDS: Readonly<Record<string, (record: Params) => Change>> = {
  Account: accountRecord,
  AccessKey: accessKeyRecord,
  Contract: contractRecord,
  Data: dataRecord,
}

/** Reads nearcore's StateRecord: one member named for its kind. @throws RpcError for another kind or a missing field */
export function parseStateRecord(value: unknown): Change {
  if (!isObject(value)) throw argumentError('invalid type: expected a map')
  const [kind, ...others] = Object.keys(value)
  const parse = kind === undefined ? undefined : KINDS[kind]
  if (kind === undefined || others.length > 0 || parse === undefined)
    throw argumentError(`unknown variant \`${kind}\`, the localnet takes ${Object.keys(KINDS).join(', ')}`)
  return parse(requireObject(value, kind))
}

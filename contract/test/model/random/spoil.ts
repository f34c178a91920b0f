import type { Json } from '../../../../protocol/src/json.ts'
import type { Call } from '../execute.ts'
import { hash, madeUpKey, name, passerBy, signerKey, STRANGERS, tlsKey, url } from './cast.ts'
import type { Dice } from './dice.ts'
import type { Idea, Scene } from './step.ts'

/** What may be left out of the arguments. */
const OPTIONAL = ['signer_account_pk', 'expires_in_seconds', 'init_config', 'commitments']

/** The fields of the arguments that the method cannot do without. */
function requiredOf({ method, args }: Pick<Call, 'method' | 'args'>): string[] {
  return method === 'migrate' ? [] : Object.keys(args as object).filter((field) => !OPTIONAL.includes(field))
}

/** The idea as a call: mostly as it is, else with somebody or something wrong. */
export function call(idea: Idea, { now, height }: Pick<Scene, 'now' | 'height'>, dice: Dice): Call {
  const { method, account, args, key = signerKey(dice), deposit = 0n } = idea
  const whole: Call = { method, account, args, key, deposit, now, height }
  return dice.percent(75) ? whole : dice.pick(SPOILERS)(whole, dice)
}

type Spoiler = (call: Call, dice: Dice) => Call

const SPOILERS: readonly Spoiler[] = [
  (call, dice) => ({ ...call, account: anybody(dice) }),
  (call, dice) => ({ ...call, key: dice.percent(50) ? signerKey(dice) : tlsKey(dice) }),
  (call, dice) => ({ ...call, deposit: dice.pick([0n, 1n, 7n, 10n ** 25n]) }),
  (call, dice) => ({ ...call, through: `relay.${anybody(dice)}` }),
  (call, dice) => ({ ...call, args: tweaked(call.args, dice) }),
  (call, dice) => ({ ...call, args: tweaked(call.args, dice) }),
  (call, dice) => damaged(call, dice),
]

function anybody(dice: Dice): string {
  return dice.weighed([
    [6, name(dice.below(10))],
    [3, dice.pick(STRANGERS)],
    [1, passerBy(dice)],
  ])
}

/** Arguments that are no arguments of the method any more. */
function damaged(call: Call, dice: Dice): Call {
  // The code that is brought to be deployed is no list of arguments.
  if (typeof call.args === 'string') return call
  const required = requiredOf(call)
  const kinds = [
    'UNKNOWN_ARGUMENT',
    ...(required.length > 0 ? (['MISSING_ARGUMENT', 'INVALID_ARGUMENT'] as const) : []),
  ] as const
  return { ...call, damage: dice.pick(kinds) }
}

/** The arguments of a call as they are sent: what `damage` says is done to them here. */
export function sentArguments(call: Call): Json {
  const { args, damage, now } = call
  if (damage === undefined) return args
  if (damage === 'UNKNOWN_ARGUMENT') return { ...(args as object), surprise: 1 }
  const fields = args as { [field: string]: Json }
  const required = requiredOf(call)
  // The clock is as good as dice here, and the call stays a plain value.
  const hit = required[Number(now % BigInt(required.length))] as string
  if (damage === 'INVALID_ARGUMENT') return { ...fields, [hit]: true }
  if (now % 2n === 0n) return { ...fields, [hit]: null }
  return Object.fromEntries(Object.entries(fields).filter(([field]) => field !== hit))
}

/** One value somewhere in it is another one of its kind. */
function tweaked(args: Json, dice: Dice): Json {
  const paths = leaves(args)
  return paths.length === 0 ? args : replaced(args, dice.pick(paths), dice)
}

type Path = readonly (string | number)[]

function leaves(value: Json): Path[] {
  if (value === null || typeof value !== 'object') return [[]]
  // Of a list of many numbers, as a point is, one stands for all.
  const entries =
    Array.isArray(value) && typeof value[0] === 'number' ? [[0, value[0]] as const] : Object.entries(value)
  return entries.flatMap(([key, inner]) => leaves(inner).map((path) => [key, ...path]))
}

function replaced(value: Json, [key, ...rest]: Path, dice: Dice): Json {
  if (key === undefined) return other(value, dice)
  if (Array.isArray(value))
    return value.map((item, i) => (String(i) === String(key) ? replaced(item, rest, dice) : item))
  const object = value as { [field: string]: Json }
  return { ...object, [key]: replaced(object[key] as Json, rest, dice) }
}

const WORDS = [
  ['Frost', 'CaitSith', 'DamgardEtAl', 'ConfidentialKeyDerivation'],
  ['Sign', 'CKD', 'ForeignTx'],
  ['Edwards25519', 'Secp256k1', 'Bls12381'],
  ['stored', 'drilled'],
] as const

function other(value: Json, dice: Dice): Json {
  if (typeof value === 'bigint') return value > 0n && dice.percent(50) ? value - 1n : value + 1n
  if (typeof value === 'number') return value > 0 && dice.percent(50) ? value - 1 : value + 1
  if (typeof value !== 'string') return value
  const words: readonly string[] | undefined = WORDS.find((list) => (list as readonly string[]).includes(value))
  if (words !== undefined) return dice.pick(words)
  if (value.startsWith('http')) return url(dice)
  if (value.startsWith('ed25519:')) return tlsKey(dice)
  if (value.includes(':')) return someGroupKey(value, dice)
  if (/^[0-9a-f]{64}$/.test(value)) return dice.percent(50) ? hash(dice) : SMALL_ORDER
  if (/^0[23][0-9a-f]{64}$/.test(value)) return dice.percent(50) ? `02${hash(dice)}` : value.toUpperCase()
  return name(dice.below(10))
}

/** A canonical point of Edwards25519 that is not of prime order. */
const SMALL_ORDER = '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'

function someGroupKey(before: string, dice: Dice): string {
  const protocol = before.startsWith('bls') ? 'ConfidentialKeyDerivation' : 'CaitSith'
  return madeUpKey({ id: 0n, protocol, reconstruction_threshold: 2n, purpose: '' }, dice.between(1, 6)).public_key
}

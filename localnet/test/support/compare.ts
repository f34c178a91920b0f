/** Numbers that belong to the recorded run: only their type is compared. */
const RUN_NUMBERS = new Set([
  'ak_nonce',
  'block_height',
  'block_ordinal',
  'earliest_block_height',
  'epoch_height',
  'epoch_start_height',
  'height',
  'height_created',
  'height_included',
  'latest_block_height',
  'nonce',
  'prev_height',
  'timestamp',
  'tx_nonce',
  'uptime_sec',
])
/** Texts that belong to the recorded run or machine. */
const RUN_TEXTS = new Set([
  'build',
  'commit',
  'earliest_block_time',
  'genesis_time',
  'latest_block_time',
  'node_public_key',
  'rpc_addr',
  'rustc_version',
  'signature',
  'timestamp_nanosec',
  'version',
])
const HASH = /(?<![1-9A-HJ-NP-Za-km-z:])[1-9A-HJ-NP-Za-km-z]{43,44}(?![1-9A-HJ-NP-Za-km-z])/g
const SIGNATURE = /ed25519:[1-9A-HJ-NP-Za-km-z]{85,88}/g
/** The recorded contract is JavaScript: its panics come with a stack. */
const STACK = /(\\n|\n) {4}at [^"]*?(?=( \}\)|"|$))/gs

export type CompareOptions = {
  /** Same text for the same key of both runs: public keys by their role. */
  readonly nameKeys: (text: string) => string
  /** Paths (dots, `*` for list indices) whose values may differ, because they follow from the contract's gas. */
  readonly loose: ReadonlySet<string>
}

function normalise(text: string, options: CompareOptions): string {
  return options.nameKeys(text).replace(STACK, '').replace(SIGNATURE, '<signature>').replace(HASH, '<hash>')
}

function typeOf(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'list' : typeof value
}

/** Whether an outcome ran a contract: its gas is that contract's own. */
function ranContract(outcome: unknown): boolean {
  const metadata = (outcome as { metadata?: { gas_profile?: unknown[] | null } } | null)?.metadata
  return (metadata?.gas_profile?.length ?? 0) > 0
}

/** Lists of keys are sorted by the keys' bytes, which are another run's: sorted by their roles instead. */
function byName(keys: readonly unknown[], options: CompareOptions): unknown[] {
  const name = (entry: unknown): string => options.nameKeys(String((entry as { public_key?: unknown }).public_key))
  return [...keys].sort((a, b) => (name(a) < name(b) ? -1 : 1))
}

/**
 * What differs between a recorded answer and ours, as `path: recorded ≠ ours`. Everything must be equal but what the
 * tables above name; lists must be equal in length and order.
 */
export function differences(recorded: unknown, ours: unknown, options: CompareOptions, path = ''): string[] {
  const general = path.replace(/\.\d+/g, '.*')
  const key = general.split('.').at(-1) ?? ''
  if (options.loose.has(general)) return []
  const difference = (): string[] => [`${path}: ${JSON.stringify(recorded)} ≠ ${JSON.stringify(ours)}`]
  if (typeOf(recorded) !== typeOf(ours)) return difference()
  if (Array.isArray(recorded) && Array.isArray(ours)) {
    if (key === 'proof') return []
    if (key === 'gas_profile') return recorded.length > 0 === ours.length > 0 ? [] : difference()
    if (recorded.length !== ours.length) return difference()
    if (key === 'keys') return differences(byName(recorded, options), byName(ours, options), options, `${path}.sorted`)
    return recorded.flatMap((member, index) => differences(member, ours[index], options, `${path}.${index}`))
  }
  if (typeof recorded === 'object' && recorded !== null) {
    const called = ranContract(recorded) && ranContract(ours)
    const left = recorded as Record<string, unknown>
    const right = ours as Record<string, unknown>
    const names = [...new Set([...Object.keys(left), ...Object.keys(right)])].sort()
    return names.flatMap((name) => {
      if (called && (name === 'gas_burnt' || name === 'tokens_burnt')) return []
      const at = path === '' ? name : `${path}.${name}`
      if (!(name in left) || !(name in right)) return [`${at}: ${name in left ? 'missing' : 'not in the recording'}`]
      return differences(left[name], right[name], options, at)
    })
  }
  if (typeof recorded === 'number' && (RUN_NUMBERS.has(key) || /^num_(expected|produced)/.test(key))) return []
  if (typeof recorded === 'number' && /^(gas_used)$/.test(key) && general.includes('chunks')) return []
  if (typeof recorded === 'string' && typeof ours === 'string') {
    if (RUN_TEXTS.has(key)) return []
    return normalise(recorded, options) === normalise(ours, options) ? [] : difference()
  }
  if (typeof recorded === 'number' && /num_(expected|produced)/.test(general)) return []
  return recorded === ours ? [] : difference()
}

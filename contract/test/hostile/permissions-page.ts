import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { CALLER_NAMES, CALLERS, type CallerName } from './callers.ts'
import { type MethodRules, type Outcome, outcomeOf } from './permission-rules.ts'
import { PERMISSIONS } from './permissions.ts'
import { STATES, type StateName } from './states.ts'

/** The page that shows the table. `node contract/test/hostile/permissions-page.ts` writes it anew. */
export const PAGE = join(import.meta.dirname, '../../PERMISSIONS.md')

const INTRODUCTION = `# Who may call what

Every method, every state, every kind of caller: what the contract answers to a call whose arguments are right. This page
is written out of the table that \`npm test\` executes cell by cell on the compiled contract
(\`test/hostile/permissions.ts\`); \`node contract/test/hostile/permissions-page.ts\` writes it anew. What arguments must be
like, and what is answered to wrong ones: [README](README.md).

The participant that is examined is the leader. Its node has been replaced once; it has registered a backup service,
authorised another node and begun a migration to that node. The other participant has none of these.

- **allowed**: executed. **no change**: executed, but there is nothing to do or nothing new.
- \`CODE\`: the contract refuses and nothing is written.
- _MethodNameMismatch_, _DepositWithFunctionCall_: the chain refuses the access key before the contract is asked.
  _Function is not payable_: near-sdk-js refuses a deposit where none belongs.
- Through a contract on its own account a participant's function-call key for that contract can attach a deposit, if the
  contract lets it: an operator's account is no place for a contract that pays for others.
- Right deposit: 1 yoctoNEAR where the method wants the full-access key proved, else none. A wrong one is none or 1
  yoctoNEAR, the other way round.
`

const VIEWS = `## Views

Views answer everybody, also as methods in a transaction and through other contracts. The deposit of such a transaction
stays with the contract: near-sdk-js does not refuse it, and a view that looks at the deposit cannot be called as a view.
A change method called as a view is refused by the chain (\`predecessor_account_id is not allowed in view calls\`).
`

/** The page as it must be. */
export async function permissionsPage(): Promise<string> {
  const changes = Object.entries(PERMISSIONS).filter(([, { kind }]) => kind === 'change')
  const views = Object.entries(PERMISSIONS).filter(([, { kind }]) => kind === 'view')
  const always = new Map<CallerName, Outcome>()
  for (const caller of CALLER_NAMES) {
    const outcomes = new Set(changes.flatMap(([, rules]) => STATES.map((state) => outcomeOf(rules, caller, state))))
    const [only] = outcomes
    if (outcomes.size === 1 && only !== undefined) always.set(caller, only)
  }
  const everywhere = [...always].map(([caller, outcome]) => `- ${CALLERS[caller].title}: ${shown(outcome)}`)
  const text = [
    INTRODUCTION,
    '## Change methods\n\nTo these callers every method gives the same answer in every state:\n',
    ...everywhere,
    '',
    ...sections(changes, [...always.keys()]),
    VIEWS,
    ...sections(views, ['nodePays']),
  ].join('\n')
  return format(text, { ...(await resolveConfig(PAGE)), parser: 'markdown' })
}

/** One section for all methods that answer alike. */
function sections(methods: [string, MethodRules][], omitted: readonly CallerName[]): string[] {
  return merged(methods, ([, rules]) => table(rules, omitted)).map((alike) => {
    const [[, rules]] = alike as [[string, MethodRules]]
    return `### ${alike.map(([method]) => `\`${method}\``).join(', ')}\n\n${table(rules, omitted)}\n`
  })
}

function table(rules: MethodRules, omitted: readonly CallerName[]): string {
  const answers = (state: StateName) => CALLER_NAMES.map((caller) => outcomeOf(rules, caller, state))
  const columns = merged(STATES, answers).sort((a, b) => Number(isRest(a)) - Number(isRest(b)))
  const lines = merged(
    CALLER_NAMES.filter((caller) => !omitted.includes(caller)),
    (caller) => columns.map(([state]) => outcomeOf(rules, caller, state as StateName)),
  )
  const rest = columns.length === 1 ? 'any state' : 'every other state'
  const head = ['caller', ...columns.map((states) => (isRest(states) ? rest : states.join('; ')))]
  const rows = lines.map((callers) => [
    callers.map((caller) => CALLERS[caller].title).join('; '),
    ...columns.map(([state]) => shown(outcomeOf(rules, callers[0] as CallerName, state as StateName))),
  ])
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

/** More than half of the states are the rest, and stand last. */
function isRest(states: readonly StateName[]): boolean {
  return states.length > STATES.length / 2
}

/** What is alike stands together, in the order of its first. */
function merged<T>(items: readonly T[], feature: (item: T) => unknown): T[][] {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const key = JSON.stringify(feature(item))
    groups.set(key, [...(groups.get(key) ?? []), item])
  }
  return [...groups.values()]
}

function shown(outcome: Outcome): string {
  if (outcome === 'allowed') return '**allowed**'
  if (outcome === 'no change') return outcome
  return /^[A-Z_]+$/.test(outcome) ? `\`${outcome}\`` : `_${outcome}_`
}

if (import.meta.main) writeFileSync(PAGE, await permissionsPage())

/** The page as it stands. */
export function writtenPage(): string {
  return readFileSync(PAGE, 'utf8')
}

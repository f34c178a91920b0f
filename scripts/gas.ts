import { readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { buildNearVm } from '../localnet/near-vm/build.ts'
import { openEngine } from '../localnet/src/vm/open-engine.ts'
import { buildContract } from './build-contract.ts'
import { DEFAULT_OUT } from './contract-build/paths.ts'
import { GAS_DOCUMENT, withTable } from './gas/document.ts'
import { measure } from './gas/measure.ts'
import type { Price } from './gas/price.ts'
import { profileTable, priceTable } from './gas/table.ts'

const HELP = `npm run gas [-- --json | --profile | --write] [-- --participants 2,10,100] [-- --domains 1,2,10]

What every method of the contract costs on NEAR's own VM with mainnet's parameters: the gas its execution burns and the
bytes by which the contract's storage grows, each at the dearest call of the method in the whole life of a network of that
size. Not in it: the fees of the transaction and its receipt (0.3 and 0.9 Tgas, not taken from the gas a wallet attaches) and
what a node charges for walking its storage trie (0.02 to 0.03 Tgas a call). Without cargo on this machine there is nothing
to measure with: then it says so and succeeds.

  --json       a line per measurement: {"method","participants","domains","tgas","storage_bytes"}
  --profile    where the gas of the dearest call goes
  --write      put the table into docs/gas.md, at all sizes
  --wasm FILE  measure this one instead of the contract as it is built from the sources
`
/** The sizes the goals are set for. */
const PARTICIPANTS = [2, 10, 100]
const DOMAINS = [1, 2, 10]

if (import.meta.main) {
  try {
    await main()
  } catch (error) {
    console.error(`cannot measure: ${(error as Error).message}`)
    process.exitCode = 1
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      participants: { type: 'string', default: PARTICIPANTS.join() },
      domains: { type: 'string', default: DOMAINS.join() },
      wasm: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return console.log(HELP)
  const vmBuild = await buildNearVm()
  if (vmBuild.kind === 'no-cargo') {
    console.error("skipped: measuring gas needs cargo (Rust), to build NEAR's VM; it is not on this machine's PATH")
    return
  }
  if (values.wasm === undefined) await buildContract(DEFAULT_OUT)
  const wasm = readFileSync(values.wasm ?? join(DEFAULT_OUT, 'holdfast.wasm'))
  const sizes = numbers(values.participants).flatMap((participants) =>
    numbers(values.domains).map((domains) => ({ participants, domains })),
  )
  const engine = openEngine('near')
  try {
    const prices = measure(engine, wasm, sizes)
    if (values.write) {
      writeFileSync(GAS_DOCUMENT, withTable(readFileSync(GAS_DOCUMENT, 'utf8'), priceTable(prices, wasm.length)))
      console.log(`written: ${relative(process.cwd(), GAS_DOCUMENT)}`)
    } else if (values.json) for (const price of prices) console.log(jsonLine(price))
    else console.log(values.profile ? profileTable(prices) : priceTable(prices, wasm.length))
  } finally {
    await engine.close()
  }
}

function jsonLine({ method, participants, domains, tgas, storageBytes }: Price): string {
  return JSON.stringify({ method, participants, domains, tgas: Number(tgas.toFixed(3)), storage_bytes: storageBytes })
}

function numbers(text: string): number[] {
  return text.split(',').map((part) => {
    const number = Number(part)
    if (!Number.isInteger(number) || number < 1) {
      throw new Error(`a list of whole numbers from 1 is needed, as in 2,10,100; found ${text}`)
    }
    return number
  })
}

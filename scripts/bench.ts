import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs, styleText } from 'node:util'
import { compiledContract } from '@holdfast/cli/devnet/contract-wasm.ts'
import { shutdownSignal } from '@holdfast/cli/shutdown.ts'
import { renderTable } from '@holdfast/cli/terminal/table.ts'
import { wrapText } from '@holdfast/cli/terminal/wrap.ts'
import { measureLargeNetwork } from './bench/large-network.ts'
import type { Measurement } from './bench/measurement.ts'
import { clientTable, compareWithNearMpc, type NearMpcComparison } from './bench/near-mpc.ts'
import { describeRun } from './bench/run-description.ts'
import { measureShares, sharesMeasurements, sharesTable, type SharesRow } from './bench/shares.ts'
import { measureSmallNetwork } from './bench/small-network.ts'
import { measureThresholdNetworks } from './bench/threshold-network.ts'

/**
 * `npm run bench [-- --json]`: the speed goals against what is measured here and now, each with how it was measured.
 * Exit code 1 if a goal is missed.
 */
const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } })
const directory = await mkdtemp(join(tmpdir(), 'holdfast-bench-'))
const signal = shutdownSignal()
const say = (what: string): void => void process.stderr.write(`${what}\n`)
try {
  const wasm = await compiledContract(signal)
  const run = describeRun(wasm.sha256)
  const shares = await measureShares({ directory, wasm: wasm.bytes, signal, say })
  const nearMpc = await compareWithNearMpc({ directory, signal, say })
  const measurements = [
    ...sharesMeasurements(shares),
    ...(nearMpc.kind === 'measured' ? nearMpc.measurements : []),
    ...(await measureSmallNetwork({ directory, wasm: wasm.bytes, signal, say })),
    ...(await measureLargeNetwork({ directory, wasm: wasm.bytes, signal, say })),
    ...(await measureThresholdNetworks({ directory, wasm: wasm.bytes, signal, say })),
  ]
  if (values.json) console.log(JSON.stringify({ run, shares, near_mpc: nearMpc, measurements }))
  else print(run, shares, nearMpc, measurements)
  if (measurements.some(({ met }) => met === false)) process.exitCode = 1
} finally {
  await rm(directory, { recursive: true, force: true })
}
process.exit()

function print(
  run: Record<string, string>,
  shares: SharesRow[],
  nearMpc: NearMpcComparison,
  measurements: Measurement[],
): void {
  for (const [name, value] of Object.entries(run)) console.log(`${name.padEnd(10)} ${value}`)
  console.log()
  const table = sharesTable(shares)
  console.log(renderTable(table.header, table.rows))
  console.log()
  console.log(nearMpcText(nearMpc))
  console.log()
  const verdict = ({ met }: Measurement): string => {
    if (met === null) return ''
    return met ? styleText('green', 'met') : styleText('red', 'missed')
  }
  const rows = measurements.map((each) => [each.name, each.measured, each.goal, verdict(each)])
  console.log(renderTable(['what', 'measured', 'goal', ''], rows))
  console.log('\nHow each is measured:')
  const columns = process.stdout.columns ?? 100
  for (const { name, how } of measurements) console.log(`  ${wrapText(`${name}: ${how}`, columns - 2, '    ')}`)
}

function nearMpcText(comparison: NearMpcComparison): string {
  if (comparison.kind === 'skipped') return `near/mpc's own client: not measured; ${comparison.missing.join('; ')}`
  const { header, rows } = clientTable(comparison.rows)
  return renderTable(header, rows)
}

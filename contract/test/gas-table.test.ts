import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openEngine } from '../../localnet/src/vm/open-engine.ts'
import { testWithNearVm } from '../../localnet/test/support/near-vm.ts'
import { buildContract } from '../../scripts/build-contract.ts'
import { DEFAULT_OUT } from '../../scripts/contract-build/paths.ts'
import { GAS_DOCUMENT, readTable } from '../../scripts/gas/document.ts'
import { measure } from '../../scripts/gas/measure.ts'

/** Any change of the contract moves its price a little: loading it costs by the byte. */
const TOLERANCE = 0.03
const TOLERATED_TGAS = 0.1

testWithNearVm('docs/gas.md - should say what NEAR’s VM measures, for every method', async (t) => {
  t.timeout(120_000)
  await buildContract(DEFAULT_OUT)
  const table = readTable(readFileSync(GAS_DOCUMENT, 'utf8'))
  const engine = openEngine('near')
  try {
    const sizes = [
      { participants: 2, domains: 1 },
      { participants: 10, domains: 2 },
    ]
    const prices = measure(engine, readFileSync(join(DEFAULT_OUT, 'holdfast.wasm')), sizes)
    t.deepEqual([...table.keys()], [...new Set(prices.map(({ method }) => method))].sort())
    for (const { method, participants, domains, tgas, storageBytes } of prices) {
      const [documented, bytes] = table.get(method)?.get(`${participants} × ${domains}`) ?? [NaN, NaN]
      const what = `${method} with ${participants} × ${domains}: ${tgas} Tgas, ${documented} in docs/gas.md; npm run gas -- --write`
      t.true(Math.abs(documented - tgas) <= Math.max(TOLERATED_TGAS, TOLERANCE * tgas), what)
      t.is(bytes, storageBytes, what)
    }
  } finally {
    await engine.close()
  }
})

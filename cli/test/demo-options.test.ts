import { join } from 'node:path'
import test from 'ava'
import { chooseThreshold, demoCommand } from '../src/demo/demo-command.ts'
import { counted } from '../src/terminal/plural.ts'

for (const [nodes, threshold] of [
  [2, 2],
  [5, 3],
  [7, 5],
] as const) {
  test(`demo - should ask ${threshold} of ${nodes} machines to sign unless told otherwise`, (t) => {
    t.is(chooseThreshold({ nodes }), threshold)
  })
}

test('demo - should refuse a threshold above the machines or below 60 % of them', (t) => {
  t.throws(() => chooseThreshold({ nodes: 3, threshold: 4 }), { code: 'USAGE', message: /more than the 3 machines/ })
  t.throws(() => chooseThreshold({ nodes: 10, threshold: 5 }), { code: 'USAGE', message: /at least 6/ })
})

test('demo - should refuse a home that is a file, as a mistake on the command line', async (t) => {
  for (const home of [import.meta.filename, join(import.meta.filename, 'below')]) {
    await t.throwsAsync(demoCommand({ nodes: 2, domains: 1, blockMs: 600, home }), { code: 'USAGE', message: /--home/ })
  }
})

test('numbers - should agree with their nouns', (t) => {
  t.deepEqual([counted(1, 'public key'), counted(2, 'public key')], ['1 public key', '2 public keys'])
})

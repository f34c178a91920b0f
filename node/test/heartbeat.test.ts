import test from 'ava'
import { createLogger } from '@holdfast/protocol/log.ts'
import { unfitness, type Beat } from '../src/mesh/beat.ts'
import { peerOf } from '../src/mesh/peer.ts'
import { openMeshNode, type MeshNode, type MeshOptions } from './support/mesh-node.ts'
import { eventually } from './support/network.ts'

const NOW = 1_800_000_000_000
const own: Beat = { clockMs: NOW, block: { height: 100n, timestampMs: NOW - 2_000 } }
const at = (clockOffMs: number, blockOffMs: number): Beat => ({
  clockMs: NOW + clockOffMs,
  block: { height: 100n, timestampMs: NOW - 2_000 + blockOffMs },
})
for (const [what, peer, reason] of [
  ['a clock and a view like ours', at(0, 0), undefined],
  ['a clock at the limit', at(30_000, 0), undefined],
  ['a view at the limit', at(0, -60_000), undefined],
  ['a clock ahead', at(31_000, 0), /clock is 31 s ahead of ours, allowed are 30 s/],
  ['a clock behind', at(-31_000, 0), /clock is 31 s behind ours/],
  ['a view behind', at(0, -61_000), /view of the chain is 61 s behind ours \(it is at block 100/],
  ['a view ahead', at(0, 61_000), /61 s ahead of ours/],
  ['no view', { clockMs: NOW, block: null }, /no view of the contract/],
] as const) {
  test(`heartbeat with ${what} - should ${reason === undefined ? 'be well' : 'leave the peer out'}`, (t) => {
    const found = unfitness(own, peer, NOW)
    if (reason === undefined) t.is(found, undefined)
    else t.regex(found ?? '', reason)
  })
}
test('node without a view of its own - should judge the clock alone', (t) => {
  t.is(unfitness({ clockMs: NOW, block: null }, at(0, 61_000), NOW), undefined)
  t.truthy(unfitness({ clockMs: NOW, block: null }, at(31_000, 0), NOW))
})

async function pair(t: { teardown(fn: () => void): void }, options: MeshOptions = {}): Promise<[MeshNode, MeshNode]> {
  const a = await openMeshNode(0, { beatEveryMs: 20, ...options })
  const b = await openMeshNode(1, { beatEveryMs: 20 })
  t.teardown(() => [a, b].forEach((node) => node.close()))
  a.mesh.setPeers([peerOf(b.participant)])
  b.mesh.setPeers([peerOf(a.participant)])
  return [a, b]
}

test('peer whose clock goes wrong - should be left out by name, and come back by itself', async (t) => {
  const lines: string[] = []
  const log = createLogger({ name: 'node', level: 'warn', stream: { write: (line: string) => void lines.push(line) } })
  const [a, b] = await pair(t, { log })
  await eventually('the connection', () => a.mesh.connected().length === 1 || undefined)
  b.clockOffMs = 120_000
  await eventually('its exclusion', () => a.mesh.connected().length === 0 || undefined)
  t.regex(a.mesh.leftOut().get('node1.near') ?? '', /120 s ahead/)
  t.true(lines.some((line) => line.includes('left out') && line.includes('node1.near')))
  const asked = a.mesh.ask(1, 'none', null, { signal: new AbortController().signal, timeoutMs: 1_000 })
  await t.throwsAsync(async () => asked, { code: 'PEER_NOT_CONNECTED' })
  b.clockOffMs = 0
  await eventually('its return', () => a.mesh.connected().length === 1 || undefined)
  t.is(a.mesh.leftOut().size, 0)
})

test('peer whose view of the chain stands still - should be left out until it follows again', async (t) => {
  const [a, b] = await pair(t)
  a.block = { height: 500n, timestampMs: NOW }
  b.block = { height: 300n, timestampMs: NOW - 100_000 }
  await eventually('its exclusion', () => a.mesh.leftOut().has('node1.near') || undefined)
  t.deepEqual(a.mesh.connected(), [])
  b.block = a.block
  await eventually('its return', () => a.mesh.connected().length === 1 || undefined)
})

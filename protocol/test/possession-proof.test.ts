import { randomBytes } from 'node:crypto'
import test from 'ava'
import { ed25519, ED25519_TORSION_SUBGROUP } from '@noble/curves/ed25519.js'
import { CURVE_FACTS, CURVES, scalarFromBytes, scalarToBytes, type CurvePoint } from '../src/curves.ts'
import { provePossession, provesPossession, type PossessionStatement } from '../src/possession-proof.ts'

const STATEMENT: Omit<PossessionStatement, 'curve'> = {
  challenge: 'ab'.repeat(32),
  contractId: 'mpc.near',
  accountId: 'alice.near',
  participantId: 3,
  epochId: 5n,
  domainId: 1n,
  attemptId: 2n ** 60n,
}

for (const curve of CURVES) {
  const facts = CURVE_FACTS[curve]
  const share = scalarToBytes(BigInt(`0x${randomBytes(31).toString('hex')}`) + 1n, facts.endianness)
  const publicShare = facts.multiplyBase(scalarFromBytes(share, facts.endianness))
  const statement = { ...STATEMENT, curve }

  test(`a ${curve} share - should be proved without being shown, differently each time`, (t) => {
    const proofs = [provePossession(statement, share), provePossession(statement, share)]
    t.true(proofs.every((proof) => provesPossession(statement, publicShare, proof)))
    t.not(proofs[0]?.c, proofs[1]?.c)
    t.false(JSON.stringify(proofs).includes(Buffer.from(share).toString('hex').slice(0, 16)))
  })

  test(`a proof for a ${curve} share - should hold for its statement and share only`, (t) => {
    const proof = provePossession(statement, share)
    const others: PossessionStatement[] = [
      { ...statement, challenge: 'ac'.repeat(32) },
      { ...statement, contractId: 'other.near' },
      { ...statement, accountId: 'bob.near' },
      { ...statement, participantId: 4 },
      { ...statement, epochId: 6n },
      { ...statement, domainId: 2n },
      { ...statement, attemptId: 0n },
    ]
    for (const other of others)
      t.false(provesPossession(other, publicShare, proof), JSON.stringify(Object.values(other).map(String)))
    t.false(provesPossession(statement, facts.multiplyBase(7n), proof))
  })

  test(`a changed or malformed proof for a ${curve} share - should show nothing`, (t) => {
    const { c, r } = provePossession(statement, share)
    const order = facts.order.toString(16).padStart(64, '0')
    const zero = '0'.repeat(64)
    const beyond = (BigInt(`0x${r}`) + facts.order).toString(16)
    const forged = [
      { c: r, r: c },
      { c, r: zero },
      { c: zero, r },
      { c: order, r },
      { c, r: order },
      { c, r: beyond },
      { c: c.slice(2), r },
      { c, r: '' },
      { c, r: r.replace(/.$/, (last) => (last === '0' ? '1' : '0')) },
    ]
    for (const proof of forged) t.false(provesPossession(statement, publicShare, proof), JSON.stringify(proof))
    t.false(provesPossession(statement, facts.zero, { c, r }))
  })
}

test('a public share with a part of small order - should be refused, whatever the proof', (t) => {
  const statement = { ...STATEMENT, curve: 'Ed25519' as const }
  const share = scalarToBytes(12345n, 'little')
  const small = ed25519.Point.fromHex(ED25519_TORSION_SUBGROUP[4] ?? '', true) as CurvePoint
  const publicShare = CURVE_FACTS.Ed25519.multiplyBase(12345n).add(small)
  t.false(small.is0())
  for (let tries = 0; tries < 16; tries++) {
    t.false(provesPossession(statement, publicShare, provePossession(statement, share)))
  }
})

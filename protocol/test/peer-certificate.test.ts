import { X509Certificate } from 'node:crypto'
import test from 'ava'
import { checkPeerCertificate, type PeerRole } from '../src/peer-certificate.ts'
import {
  BACKUP,
  CLIENT_CERTIFICATES,
  NODE,
  SERVER_CERTIFICATES,
  type RecordedCertificate,
} from './support/tls-vectors.ts'

const check = ({ chain }: RecordedCertificate, role: PeerRole, now?: number) =>
  checkPeerCertificate(new X509Certificate(chain[0] ?? new Uint8Array()), role, now)

for (const [role, own, certificates] of [
  ['client', BACKUP, CLIENT_CERTIFICATES],
  ['server', NODE, SERVER_CERTIFICATES],
] as const) {
  for (const certificate of certificates.filter(({ chain }) => chain.length === 1)) {
    const { name, accepted } = certificate
    const otherKey = name.includes('another key')
    test(`a ${role} certificate "${name}" - should be judged as near/mpc does`, (t) => {
      const result = check(certificate, role)
      if (otherKey) {
        t.not(result.kind === 'accepted' ? result.key : '', own.publicKeyText)
      } else if (accepted) {
        t.deepEqual(result, { kind: 'accepted', key: own.publicKeyText })
      } else {
        t.is(result.kind, 'refused', JSON.stringify(result))
      }
    })
  }
}

test('a certificate - should be refused outside its validity', (t) => {
  const [leaf] = CLIENT_CERTIFICATES
  if (leaf === undefined) return t.fail()
  t.is(check(leaf, 'client', Date.UTC(1974, 11, 31)).kind, 'refused')
  t.is(check(leaf, 'client', Date.UTC(4096, 1, 1)).kind, 'refused')
})

test('a certificate that cannot be read - should be refused, not thrown at the server', (t) => {
  const unreadable = {
    get publicKey(): never {
      throw new Error('unsupported')
    },
  }
  t.is(checkPeerCertificate(unreadable as unknown as X509Certificate, 'client').kind, 'refused')
})

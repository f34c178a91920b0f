import { readFileSync } from 'node:fs'
import { cpus, loadavg, release, totalmem } from 'node:os'
import { join } from 'node:path'

/** The machine and the versions that the numbers belong to. */
export function describeRun(wasmSha256: string): Record<string, string> {
  const all = cpus()
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8')) as {
    version: string
  }
  return {
    date: new Date().toISOString(),
    machine: `${all.length} × ${all[0]?.model.trim() ?? 'unknown CPU'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}`,
    load: `${loadavg()[0]?.toFixed(2)} at the start (average of the last minute)`,
    versions: `Holdfast ${version}, Node.js ${process.versions.node}, V8 ${process.versions.v8}, OpenSSL ${process.versions.openssl}`,
    contract: `SHA-256 ${wasmSha256}`,
  }
}

import type { Devnet } from '@holdfast/cli/devnet/devnet.ts'

/** Sets everything that is wrong with one endpoint of the embedded chain; `{}` mends it. See localnet/README.md. */
export async function setFaults(devnet: Devnet, endpoint: number, faults: object): Promise<void> {
  const response = await fetch(`${devnet.chain.controlUrl}/fault`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ endpoint, faults }),
  })
  if (!response.ok) throw new Error(`the faults were not set: ${await response.text()}`)
}

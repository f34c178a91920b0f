import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import * as v from 'valibot'
import { writeDurably } from '@holdfast/protocol/durable-file.ts'
import { parseJson, stringifyJson } from '@holdfast/protocol/json.ts'

/** Which endpoints once answered rightly, and for which chain. */
export type ProvedEndpoints = {
  chainId: string | undefined
  has(url: string): boolean
  add(url: string, chainId: string | undefined): Promise<void>
}

const schema = v.object({
  format: v.literal('holdfast/proved-endpoints/1'),
  chain_id: v.nullable(v.string()),
  proved: v.array(v.string()),
})

/**
 * Reads `<home>/proved-endpoints.json`; a file that is missing or torn proves nothing. Only hashes are kept: a URL may hold
 * an API key. Another contract is another proof.
 */
export async function readProvedEndpoints(file: string, contractId: string): Promise<ProvedEndpoints> {
  const found = await readFile(file, 'utf8')
    .then((text) => v.parse(schema, parseJson(text, file)))
    .catch(() => undefined)
  let chainId = found?.chain_id ?? undefined
  const proved = new Set(found?.proved)
  const idOf = (url: string): string => createHash('sha256').update(`${contractId}\n${url}`).digest('hex')
  return {
    get chainId() {
      return chainId
    },
    has: (url) => proved.has(idOf(url)),
    async add(url, found) {
      if (proved.has(idOf(url)) && (found === undefined || found === chainId)) return
      proved.add(idOf(url))
      chainId ??= found
      const content = { format: 'holdfast/proved-endpoints/1', chain_id: chainId ?? null, proved: [...proved] }
      await writeDurably(file, `${stringifyJson(content)}\n`)
    },
  }
}

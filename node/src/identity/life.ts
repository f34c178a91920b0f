import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { removeDurably, writeDurably } from '@holdfast/protocol/durable-file.ts'
import { HoldfastError } from '@holdfast/protocol/errors.ts'
import { parseJson, stringifyJson } from '@holdfast/protocol/json.ts'

export const TOMBSTONE_FILE = 'tombstone.json'
const TOOK_PART_FILE = 'took-part.json'
const CONCLUDING_FILE = 'concluding.json'

/** Why this machine must not run again, as written in its tombstone. */
export type Tombstone = {
  why: string
  account_id: string
  own_tls_public_key: string
  found_tls_public_key: string
  block_height: bigint
  at: string
}

/** Refuses to go on where this node was replaced (protocol.md 2.4.4). @throws HoldfastError `TOMBSTONE` */
export async function refuseTombstone(home: string): Promise<void> {
  const path = join(home, TOMBSTONE_FILE)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  throw new HoldfastError(
    'TOMBSTONE',
    `refusing to start: this node was replaced, its tombstone ${path} says: ${text.replace(/\s+/g, ' ').slice(0, 600)}. ` +
      'Its shares may be deleted. If the operator wants this very machine back in the place of the other: ' +
      `holdfast node unbury --home ${home}, then holdfast migrate, or holdfast authorise if the other is lost`,
  )
}

/**
 * Takes a node's tombstone away, and the notes that it took part: it is then a machine that may ask for its account's place
 * once the operator has authorised its keys anew, and waits until then. The tombstone goes last, so that a crash in between
 * leaves a node that refuses to start.
 * @returns what the tombstone said, or undefined where there was none and nothing was changed
 */
export async function removeTombstone(home: string): Promise<string | undefined> {
  const path = join(home, TOMBSTONE_FILE)
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) return undefined
  for (const file of [TOOK_PART_FILE, CONCLUDING_FILE, TOMBSTONE_FILE]) await removeDurably(join(home, file))
  return text
}

export async function writeTombstone(home: string, tombstone: Tombstone): Promise<string> {
  const path = join(home, TOMBSTONE_FILE)
  await writeDurably(path, `${stringifyJson(tombstone, 2)}\n`)
  return path
}

/** Whether this node ever took part under its present keys. */
export async function tookPartBefore(home: string): Promise<boolean> {
  return access(join(home, TOOK_PART_FILE)).then(
    () => true,
    () => false,
  )
}

/** Notes durably that this node takes part: from now on, another TLS key for its account means that it was replaced. */
export async function noteTookPart(
  home: string,
  fact: { tls_public_key: string; block_height: bigint },
): Promise<void> {
  await writeDurably(join(home, TOOK_PART_FILE), `${stringifyJson(fact)}\n`)
}

/** What this node was about to conclude, seen at `block_height`, and the incarnation of its account that the conclusion makes. */
export type Concluding = { tls_public_key: string; incarnation: bigint; block_height: bigint }

/**
 * Notes durably, before the call, that this node concludes its recovery: if it is killed before it sees the effect and is
 * replaced meanwhile, it must still know that it took part. A recovery that was cancelled leaves the incarnation as it was.
 */
export async function noteConcluding(home: string, concluding: Concluding): Promise<void> {
  await writeDurably(join(home, CONCLUDING_FILE), `${stringifyJson(concluding)}\n`)
}

/** The incarnation of the noted recovery, or undefined. A note that cannot be read counts as any: it stops the node. */
export async function concludedAs(home: string): Promise<bigint | undefined> {
  const path = join(home, CONCLUDING_FILE)
  try {
    const note = parseJson(await readFile(path, 'utf8'), path) as Partial<Concluding> | null
    return BigInt(note?.incarnation ?? 0n)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : 0n
  }
}

/**
 * The newest block whose view this node has noted something of, 0 where it has not. Endpoints that lag may show an older
 * one after a restart, from before this node had its account's place: by that it would take itself for replaced.
 */
export async function notedHeight(home: string): Promise<bigint> {
  const heights = await Promise.all([TOOK_PART_FILE, CONCLUDING_FILE].map((file) => heightIn(join(home, file))))
  return heights.reduce((newest, height) => (height > newest ? height : newest), 0n)
}

/** A note that is missing or cannot be read has no height. */
async function heightIn(path: string): Promise<bigint> {
  try {
    const note = parseJson(await readFile(path, 'utf8'), path) as Partial<Pick<Concluding, 'block_height'>> | null
    return BigInt(note?.block_height ?? 0n)
  } catch {
    return 0n
  }
}

import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { isTemporaryName } from '@holdfast/protocol/durable-file.ts'
import { errorMessage, HoldfastError, isHoldfastError } from '@holdfast/protocol/errors.ts'
import { keysetDigest } from '@holdfast/protocol/keyset-digest.ts'
import type { Files, SealAtRest } from '../ports.ts'
import {
  parseManifest,
  serializeManifest,
  sha256,
  slotOf,
  storedKeys,
  type Owner,
  type ReceivedShares,
  type Snapshot,
} from './snapshot.ts'
import type { SnapshotContent } from './snapshot-content.ts'

/** A file that is not a usable snapshot. It is left where it is, and named to the operator. */
export type Damage = { file: string; reason: string }
export type Contents = { snapshots: Snapshot[]; damaged: Damage[] }

export type Repository = {
  /** Removes what writes left behind that a crash cut off. Once, before anything is stored. */
  sweep(): Promise<void>
  /**
   * Everything held, oldest verification first. A whole snapshot whose manifest is missing or damaged is decrypted,
   * proved and taken in again.
   * @throws HoldfastError `REPOSITORY_UNREADABLE`
   */
  contents(): Promise<Contents>
  /**
   * Parses, proves, encrypts and writes shares, reads them back, decrypts, compares and proves again, and only then lets them
   * take their slot. At a crash anywhere the old snapshots are intact and the new one is whole or absent.
   * @throws HoldfastError `INVALID_KEYSHARE` `KEYSHARE_*` `READ_BACK_DIFFERS` `DISK_FULL` `REPOSITORY_UNWRITABLE`
   */
  store(received: ReceivedShares, signal: AbortSignal): Promise<Snapshot>
  /** Opens one snapshot for real, for nothing but to know that it can be. Errors as `load`. */
  check(snapshot: Snapshot, signal: AbortSignal): Promise<void>
  /** Decrypts and proves one snapshot. @throws HoldfastError `SNAPSHOT_DAMAGED` `SNAPSHOT_UNDECRYPTABLE` `KEYSHARE_*` */
  load(snapshot: Snapshot): Promise<SnapshotContent>
}

/** Refuses a directory that cannot be listed. @throws HoldfastError `REPOSITORY_UNREADABLE` */
export async function checkRepository(files: Files, directory: string): Promise<void> {
  await listDirectory(files, directory)
}

export function createRepository(directory: string, owner: Owner, files: Files, seal: SealAtRest): Repository {
  const path = (name: string): string => join(directory, name)

  async function sweep(): Promise<void> {
    const leftovers = (await listDirectory(files, directory)).filter(isTemporaryName)
    for (const name of leftovers) await files.remove(path(name)).catch(() => undefined)
  }

  async function contents(): Promise<Contents> {
    const names = await listDirectory(files, directory)
    const found: Contents = { snapshots: [], damaged: [] }
    for (const name of names) {
      if (name.includes(DAMAGED)) found.damaged.push({ file: name, reason: 'set aside earlier, replaced since' })
      if (name.endsWith('.json') && !names.includes(name.replace(/json$/, 'age'))) {
        found.damaged.push({ file: name, reason: `its snapshot ${name.replace(/json$/, 'age')} is missing` })
      }
      if (!name.endsWith('.age')) continue
      try {
        found.snapshots.push(await examine(name.slice(0, -'.age'.length), names))
      } catch (error) {
        found.damaged.push({ file: name, reason: errorMessage(error) })
      }
    }
    found.snapshots.sort((a, b) => a.verifiedAtMs - b.verifiedAtMs)
    return found
  }

  async function examine(slot: string, names: string[]): Promise<Snapshot> {
    const ciphertext = await files.read(path(`${slot}.age`))
    const snapshot = names.includes(`${slot}.json`) ? await readManifest(slot) : undefined
    if (snapshot === undefined) return adopt(slot, ciphertext)
    if (sha256(ciphertext) !== snapshot.ciphertextSha256) {
      // A crash between the two renames of a repeated backup leaves a whole new file beside the older manifest.
      return adopt(slot, ciphertext)
    }
    if (snapshot.sealedFor.identityId !== seal.identityId) throw sealedForAnother(slot, snapshot.sealedFor.recipient)
    return snapshot
  }

  async function readManifest(slot: string): Promise<Snapshot | undefined> {
    try {
      return parseManifest(owner, slot, new TextDecoder().decode(await files.read(path(`${slot}.json`))))
    } catch (error) {
      if (isHoldfastError(error)) return undefined
      throw error
    }
  }

  async function adopt(slot: string, ciphertext: Uint8Array): Promise<Snapshot> {
    const { content, provedGenuine } = await openOwn(slot, ciphertext)
    const snapshot = await describe(content, provedGenuine, ciphertext)
    // The snapshot counts without it too: on a full disk the manifest has to wait.
    await replace(`${slot}.json`, Buffer.from(serializeManifest(owner, snapshot))).catch(() => undefined)
    return snapshot
  }

  /** Opens what lies in a slot, and refuses what belongs in another. */
  async function openOwn(slot: string, ciphertext: Uint8Array): ReturnType<typeof openAndProve> {
    const opened = await openAndProve(ciphertext, `the snapshot ${slot}.age`)
    const own = slotOf(owner, opened.content.keyset, opened.content.participantId)
    if (own === slot) return opened
    throw new HoldfastError('SNAPSHOT_INVALID', `the snapshot ${slot}.age holds what belongs in ${own}.age`)
  }

  async function openAndProve(
    ciphertext: Uint8Array,
    what: string,
  ): Promise<{ content: SnapshotContent; provedGenuine: boolean }> {
    const { parseContent, proveContent } = await loadContentCode()
    const content = parseContent(owner, await seal.open(ciphertext), what)
    return { content, provedGenuine: proveContent(content) }
  }

  async function describe(content: SnapshotContent, provedGenuine: boolean, ciphertext: Uint8Array): Promise<Snapshot> {
    return {
      slot: slotOf(owner, content.keyset, content.participantId),
      epochId: content.keyset.epoch_id,
      participantId: content.participantId,
      keysetDigest: keysetDigest(content.keyset),
      keys: storedKeys(content.keyset),
      provedGenuine,
      ciphertextSha256: sha256(ciphertext),
      sealedFor: { recipient: await seal.recipient(), identityId: seal.identityId },
      verifiedAtMs: Date.now(),
    }
  }

  async function store(received: ReceivedShares, signal: AbortSignal): Promise<Snapshot> {
    const { parseReceived, proveContent, serializeContent } = await loadContentCode()
    signal.throwIfAborted()
    const content = parseReceived(received)
    const provedGenuine = proveContent(content)
    const plaintext = serializeContent(owner, content)
    const ciphertext = await seal.seal(plaintext)
    const slot = slotOf(owner, content.keyset, content.participantId)
    return writing(`${slot}.age`, async () => {
      await setDamagedAside(slot)
      await replace(`${slot}.age`, ciphertext, async (written) => {
        if ((await seal.open(written)) !== plaintext) {
          throw new HoldfastError(
            'READ_BACK_DIFFERS',
            `cannot keep the new snapshot ${slot}.age: what was read back differs from what was written; check the disk`,
          )
        }
        await openAndProve(written, `the new snapshot ${slot}.age`)
      })
      const snapshot = await describe(content, provedGenuine, ciphertext)
      await replace(`${slot}.json`, Buffer.from(serializeManifest(owner, snapshot)))
      return snapshot
    })
  }

  /** A file of this slot that cannot be used is kept under another name before a good one takes its place. */
  async function setDamagedAside(slot: string): Promise<void> {
    const names = await listDirectory(files, directory)
    if (!names.includes(`${slot}.age`)) return
    try {
      // Opened, not only looked at: what its manifest says of it may be the very thing that is wrong.
      await openOwn(slot, await files.read(path(`${slot}.age`)))
    } catch (error) {
      if (!isHoldfastError(error)) throw error
      await files.rename(path(`${slot}.age`), path(`${slot}${DAMAGED}${randomBytes(6).toString('hex')}`))
      await files.syncDirectory(directory)
    }
  }

  /** Temporary file, fsync, read back and check, rename, fsync of the directory. */
  async function replace(
    name: string,
    content: Uint8Array,
    check: (written: Uint8Array) => Promise<void> = async () => undefined,
  ): Promise<void> {
    const temporary = path(`.${name}.${randomBytes(6).toString('hex')}.tmp`)
    try {
      await files.create(temporary, content)
      await files.sync(temporary)
      await check(await files.read(temporary))
      await files.rename(temporary, path(name))
    } catch (error) {
      await files.remove(temporary).catch(() => undefined)
      throw error
    }
    await files.syncDirectory(directory)
  }

  async function load(snapshot: Snapshot): Promise<SnapshotContent> {
    const what = `the snapshot ${snapshot.slot}.age`
    const ciphertext = await files.read(path(`${snapshot.slot}.age`)).catch((error: unknown) => {
      throw new HoldfastError('SNAPSHOT_DAMAGED', `cannot read ${what} (${systemCode(error)}); put it back from a copy`)
    })
    const found = sha256(ciphertext)
    if (found !== snapshot.ciphertextSha256) {
      throw new HoldfastError(
        'SNAPSHOT_DAMAGED',
        `cannot use ${what}: its SHA-256 is ${found}, expected ${snapshot.ciphertextSha256}; put it back from a copy`,
      )
    }
    return (await openAndProve(ciphertext, what)).content
  }

  async function check(snapshot: Snapshot, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const { keyshares } = await load(snapshot)
    for (const { privateShare } of keyshares) privateShare.fill(0)
  }

  return { sweep, contents, store, load, check }
}

function sealedForAnother(slot: string, recipient: string): HoldfastError {
  return new HoldfastError(
    'SNAPSHOT_OTHER_IDENTITY',
    `the snapshot ${slot}.age opens with another age identity than the present one: it is sealed for the recipient ` +
      `${recipient.slice(0, 32)}…; put that identity back and start again; if it is gone for good, move the file out of ` +
      'the repository once the live keyset is backed up',
  )
}

const DAMAGED = '.damaged-'

/** The curves are megabytes of code: a service that is covered never loads them. */
function loadContentCode() {
  return import('./snapshot-content.ts')
}

async function listDirectory(files: Files, directory: string): Promise<string[]> {
  try {
    return (await files.list(directory)).toSorted()
  } catch (error) {
    throw new HoldfastError(
      'REPOSITORY_UNREADABLE',
      `cannot read the repository ${directory} (${systemCode(error)}); mount its disk or correct its owner and mode, ` +
        'then start again',
    )
  }
}

/** Gives a failed write its name; what else went wrong passes through. */
async function writing<T>(name: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write()
  } catch (error) {
    if (isHoldfastError(error)) throw error
    const code = systemCode(error)
    if (code === 'ENOSPC' || code === 'EDQUOT') {
      throw new HoldfastError(
        'DISK_FULL',
        `cannot write ${name}: the repository's disk is full (${code}); free some room`,
      )
    }
    throw new HoldfastError(
      'REPOSITORY_UNWRITABLE',
      `cannot write ${name} (${code}); check the repository's disk and mode`,
    )
  }
}

function systemCode(error: unknown): string {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined
  return code ?? 'unknown error'
}

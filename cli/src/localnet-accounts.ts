import { dirname, join } from 'node:path'
import { writeDurably } from '@holdfast/protocol/durable-file.ts'
import { createTransactionSender } from '@holdfast/protocol/transaction-sender.ts'
import { waitForFinalKeys } from './devnet/final-keys.ts'
import { createAccountActions, newKey } from './devnet/new-account.ts'
import { credentialsJson, readNearCredentials } from './near/credentials.ts'

/** An account of a chain of one's own, with the file of its full-access key. */
export type LocalAccount = { accountId: string; keyFile: string }

/**
 * Creates funded accounts below the first one, which `rootKeyFile` is of, and writes their key files beside it. A name
 * without a dot gets the first account's name after it. Ends when the keys are final.
 * @throws those of the chain
 */
export async function createLocalAccounts(
  chain: { rpcUrl: string; signal: AbortSignal },
  rootKeyFile: string,
  names: readonly string[],
): Promise<LocalAccount[]> {
  const root = await readNearCredentials(rootKeyFile)
  const sender = createTransactionSender({
    endpoints: [chain.rpcUrl],
    accountId: root.accountId,
    signerSeed: root.seed,
  })
  try {
    const accounts = names.map((name) => ({
      accountId: name.includes('.') ? name : `${name}.${root.accountId}`,
      ...newKey(),
    }))
    await Promise.all(
      accounts.map(({ accountId, publicKey }) =>
        sender.send(accountId, createAccountActions(publicKey), { signal: chain.signal }),
      ),
    )
    await waitForFinalKeys(chain, accounts)
    return await Promise.all(
      accounts.map(async (account) => {
        const keyFile = join(dirname(rootKeyFile), `${account.accountId}.json`)
        await writeDurably(keyFile, credentialsJson(account))
        return { accountId: account.accountId, keyFile }
      }),
    )
  } finally {
    sender.close()
  }
}

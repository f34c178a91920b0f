import { join, resolve } from 'node:path'

/** Where everything of one backup service lies below its home directory. */
export type HomePaths = {
  config: string
  identity: string
  ageIdentity: string
  status: string
  /** What was last seen of the operator, and what is still to be told. */
  notifications: string
  /** Which RPC endpoints once answered rightly. */
  provedEndpoints: string
  /** What the newest verification, drill and receipts came to. */
  checks: string
  /** The recovery of this operator that the service has seen. */
  restoreRequest: string
  /** What the operator said to it. */
  restoreAnswers: string
  /** Directory of the service's own copy of the repository's chain. */
  chain: string
  /** Locked for every change of the repository. */
  repositoryLock: string
}

export function homePaths(home: string): HomePaths {
  return {
    config: join(home, 'config.json'),
    identity: join(home, 'identity.json'),
    ageIdentity: join(home, 'age-identity.txt'),
    status: join(home, 'status.json'),
    notifications: join(home, 'notifications.json'),
    provedEndpoints: join(home, 'proved-endpoints.json'),
    checks: join(home, 'checks.json'),
    restoreRequest: join(home, 'restore-request.json'),
    restoreAnswers: join(home, 'restore-answers'),
    chain: join(home, 'chain'),
    repositoryLock: join(home, 'repository.lock'),
  }
}

/** A path from the config: relative ones start at the home directory. */
export function inHome(home: string, path: string): string {
  return resolve(home, path)
}

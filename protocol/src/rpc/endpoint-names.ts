/**
 * What endpoints are called in logs, status and metrics: the host (and port), for paths and queries hold API keys. Several of
 * one host are told apart by a number, so that one's trouble is not taken for the other's.
 */
export function distinctNames(hosts: readonly string[]): string[] {
  return hosts.map((host, index) => {
    const before = hosts.slice(0, index).filter((other) => other === host).length
    return before === 0 ? host : `${host} (${before + 1})`
  })
}

import type { EndpointEvent } from './ports.ts'

/** What is known of each endpoint; tells `onEndpoint` when it changes, so that repeated trouble is told once. */
export type EndpointHealth = {
  report(endpoint: number, kind: EndpointEvent['kind'], detail: string): void
  /** Whether a read should wait a little for this endpoint once a quorum has answered. */
  isPrompt(endpoint: number): boolean
  setPrompt(endpoint: number, prompt: boolean): void
}

/** Health of the endpoints with these names; all are taken to be well until told otherwise. */
export function createEndpointHealth(
  names: readonly string[],
  onEndpoint: (event: EndpointEvent) => void,
): EndpointHealth {
  const kinds = names.map((): EndpointEvent['kind'] => 'recovered')
  const prompt = names.map(() => true)
  return {
    report(endpoint, kind, detail) {
      const name = names[endpoint]
      if (name === undefined || kinds[endpoint] === kind) return
      kinds[endpoint] = kind
      onEndpoint({ endpoint: name, kind, detail })
    },
    isPrompt: (endpoint) => prompt[endpoint] === true,
    setPrompt(endpoint, value) {
      prompt[endpoint] = value
    },
  }
}

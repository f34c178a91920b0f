/** A JSON-RPC answer with its HTTP status. */
export type RpcAnswer = { status: number; body: Record<string, unknown> }

/** Sends one JSON-RPC request as it is. */
export async function post(url: string, request: unknown): Promise<RpcAnswer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request),
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

/** Calls a method and returns its result; throws what came instead. */
export async function rpc<T>(url: string, method: string, params: unknown): Promise<T> {
  const { body } = await post(url, { jsonrpc: '2.0', id: 'test', method, params })
  if (body['error'] !== undefined) throw new Error(JSON.stringify(body['error']))
  return body['result'] as T
}

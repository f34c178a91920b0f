import { METHODS, type Method } from './methods.ts'
import type { Schema } from './schema.ts'
import { TYPES } from './types.ts'

/** What the ABI says of the build. */
export interface AbiMetadata {
  readonly name: string
  readonly version: string
  readonly authors: readonly string[]
  readonly build: { readonly compiler: string; readonly builder: string }
  /** SHA-256 of the wasm in base58. The ABI inside the wasm cannot have it. */
  readonly wasm_hash?: string
}

/** The contract's ABI as near-abi 0.4.0 has it: https://github.com/near/abi. */
export function nearAbi(metadata: AbiMetadata): object {
  return {
    schema_version: '0.4.0',
    metadata,
    body: {
      functions: Object.entries(METHODS).map(([name, method]) => abiFunction(name, method)),
      root_schema: {
        $schema: 'http://json-schema.org/draft-07/schema#',
        title: 'String',
        type: 'string',
        definitions: TYPES,
      },
    },
  }
}

function abiFunction(name: string, { kind, modifiers, doc, args, result }: Method): object {
  const names = Object.entries(args ?? {})
  return {
    name,
    doc,
    kind,
    ...(modifiers === undefined ? {} : { modifiers }),
    ...(names.length === 0
      ? {}
      : {
          params: { serialization_type: 'json', args: names.map(([arg, type_schema]) => ({ name: arg, type_schema })) },
        }),
    ...(result === undefined ? {} : { result: json(result) }),
  }
}

function json(type_schema: Schema): object {
  return { serialization_type: 'json', type_schema }
}

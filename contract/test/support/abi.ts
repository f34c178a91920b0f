import { Ajv, type ValidateFunction } from 'ajv'
import { argumentsSchema, METHODS } from '../../abi/methods.ts'
import type { Schema } from '../../abi/schema.ts'
import { TYPES } from '../../abi/types.ts'

const ajv = new Ajv({ strict: false, formats: { uint64: true } })
const compiled = new Map<string, ValidateFunction>()

/** What the ABI has against these arguments of a method, or null. */
export function againstArguments(method: string, args: unknown): string | null {
  const schema = METHODS[method]?.args
  if (schema === undefined || schema === null) throw new Error(`the ABI has no arguments of ${method}`)
  return against(`${method}()`, () => argumentsSchema(schema), args)
}

/** What the ABI has against this answer of a view, or null. */
export function againstResult(method: string, answer: unknown): string | null {
  const schema = METHODS[method]?.result
  if (schema === undefined) throw new Error(`the ABI has no answer of ${method}`)
  return against(method, () => schema, answer)
}

function against(name: string, schema: () => Schema, value: unknown): string | null {
  let validate = compiled.get(name)
  if (validate === undefined) {
    validate = ajv.compile({ ...schema(), definitions: TYPES })
    compiled.set(name, validate)
  }
  return validate(value) ? null : ajv.errorsText(validate.errors)
}

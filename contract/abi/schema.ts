/** The part of JSON Schema (draft 7) that the ABI is written in. */
export interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly format?: string
  readonly pattern?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly enum?: readonly (string | null)[]
  readonly items?: Schema | readonly Schema[]
  readonly minItems?: number
  readonly maxItems?: number
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | Schema
  readonly anyOf?: readonly Schema[]
  readonly description?: string
}

/** An object with exactly these fields; those whose name ends with `?` may be left out. */
export function object(fields: Readonly<Record<string, Schema>>): Schema {
  const entries = Object.entries(fields)
  return {
    type: 'object',
    properties: Object.fromEntries(entries.map(([name, schema]) => [name.replace('?', ''), schema])),
    required: entries.map(([name]) => name).filter((name) => !name.endsWith('?')),
    additionalProperties: false,
  }
}

/** An object with any names and values of one kind. */
export function map(values: Schema): Schema {
  return { type: 'object', additionalProperties: values }
}

export function list(items: Schema, maxItems?: number): Schema {
  return { type: 'array', items, ...(maxItems === undefined ? {} : { maxItems }) }
}

/** A list of exactly these entries. */
export function tuple(...items: Schema[]): Schema {
  return { type: 'array', items, minItems: items.length, maxItems: items.length }
}

export function text(pattern: string, description?: string): Schema {
  return { type: 'string', pattern, ...(description === undefined ? {} : { description }) }
}

export function integer(minimum: number, maximum?: number): Schema {
  return { type: 'integer', minimum, ...(maximum === undefined ? {} : { maximum }) }
}

export function oneOf(...texts: string[]): Schema {
  return { type: 'string', enum: texts }
}

export function nullable(schema: Schema): Schema {
  return { anyOf: [schema, { type: 'null' }] }
}

export function anyOf(...schemas: Schema[]): Schema {
  return { anyOf: schemas }
}

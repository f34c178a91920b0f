import { toJsonSchema, type ConversionConfig, type JsonSchema } from '@valibot/to-json-schema'
import { format, resolveConfig } from 'prettier'
import type * as v from 'valibot'
import { OUTPUT_SCHEMAS } from '@holdfast/backup-service/output-schemas.ts'

/** The published JSON schemas of `holdfast backup COMMAND --json`, file name and text, from the schemas that the code checks with. */
export async function generateBackupSchemas(): Promise<Map<string, string>> {
  const style = await resolveConfig(import.meta.filename)
  const files = Object.entries(OUTPUT_SCHEMAS).map(async ([command, schema]) => {
    const { $schema, ...rest } = toJsonSchema(schema, CONVERSION)
    const text = JSON.stringify({ $schema, title: `holdfast backup ${command} --json`, ...rest })
    return [`${command}.json`, await format(text, { ...style, parser: 'json' })] as const
  })
  return new Map(await Promise.all(files))
}

const CONVERSION: ConversionConfig = {
  typeMode: 'input',
  ignoreActions: ['transform'],
  overrideSchema: ({ valibotSchema }) => override(valibotSchema as v.GenericSchema),
}

/** What the library has no rule for. */
function override(schema: v.GenericSchema): JsonSchema | undefined {
  if (schema.type === 'bigint' || isU64(schema)) return { type: 'integer', minimum: 0 }
  if (!isCounts(schema)) return undefined
  return {
    type: 'object',
    propertyNames: { enum: [...schema.key.options] },
    additionalProperties: { type: 'number' },
  }
}

/** 64-bit integers are plain JSON numbers, whatever reads them into. */
function isU64(schema: v.GenericSchema): boolean {
  if (schema.type !== 'union' || !('options' in schema)) return false
  return (schema.options as v.GenericSchema[]).some(({ type }) => type === 'bigint')
}

type Counts = v.RecordSchema<v.PicklistSchema<string[], undefined>, v.NumberSchema<undefined>, undefined>

function isCounts(schema: v.GenericSchema): schema is Counts {
  return schema.type === 'record' && 'key' in schema && (schema.key as v.GenericSchema).type === 'picklist'
}

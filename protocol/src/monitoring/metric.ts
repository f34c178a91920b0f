/** One metric as Prometheus sees it. `labels` are fixed; where one has a closed set of values, all of them are always there. */
export type MetricDescription = {
  type: 'gauge' | 'counter'
  help: string
  labels: readonly string[]
}

/** Every metric of a program, by name: its documentation, alert rules and dashboard name no others. */
export type MetricTable = Readonly<Record<string, MetricDescription>>

/** One value of one metric. */
export type Sample<Name extends string = string> = { name: Name; labels: Record<string, string>; value: number }

export function sample<Name extends string>(
  name: Name,
  value: number | boolean,
  labels: Record<string, string> = {},
): Sample<Name> {
  return { name, labels, value: Number(value) }
}

/** Every possible value of a label, 1 for the one that holds: a rule never meets a series that is not there. */
export function oneOf<Name extends string>(
  name: Name,
  label: string,
  values: readonly string[],
  holds: string | undefined,
  others: Record<string, string> = {},
): Sample<Name>[] {
  return values.map((value) => sample(name, value === holds, { ...others, [label]: value }))
}

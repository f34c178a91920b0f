/** The map with an entry more, or another one in its place, at the end of its order. */
export function put<Key, Value>(map: ReadonlyMap<Key, Value>, key: Key, value: Value): ReadonlyMap<Key, Value> {
  return new Map([...without(map, key), [key, value]])
}

export function without<Key, Value>(map: ReadonlyMap<Key, Value>, key: Key): ReadonlyMap<Key, Value> {
  return only(map, (other) => other !== key)
}

export function only<Key, Value>(map: ReadonlyMap<Key, Value>, keep: (key: Key) => boolean): ReadonlyMap<Key, Value> {
  return new Map([...map].filter(([key]) => keep(key)))
}

export function add<Item>(set: ReadonlySet<Item>, item: Item): ReadonlySet<Item> {
  return new Set([...set, item])
}

/**
 * The keys in the order in which a JSON object lists them: accounts whose whole name is a number below 2^32 - 1 first (only
 * NEAR's registrar can create such), then the others as they came.
 */
export function listed(map: ReadonlyMap<string, unknown>): string[] {
  return Object.keys(Object.fromEntries(map))
}

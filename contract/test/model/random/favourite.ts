/** Of these, the one that is there most often; alike is what has the same text. */
export function favourite<Item>(items: readonly Item[], textOf: (item: Item) => string): Item | undefined {
  const votes = Map.groupBy(items, textOf)
  const [most] = [...votes.values()].sort((a, b) => b.length - a.length)
  return most?.[0]
}

const UNKNOWN = 100

/** How wide the output may be, in columns: the terminal's width, or 100 where there is none, or one that does not say (0). */
export function columnsOf(stream: { columns?: number }): number {
  return stream.columns === undefined || stream.columns === 0 ? UNKNOWN : stream.columns
}

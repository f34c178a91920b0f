/** What was opened, closed in reverse order; a second close does nothing, and one that throws does not stop the others. */
export function createClosers(): { add(close: () => void): void; closeAll(): void } {
  const closers: (() => void)[] = []
  return {
    add(close) {
      closers.push(close)
    },
    closeAll() {
      for (let close = closers.pop(); close !== undefined; close = closers.pop()) {
        try {
          close()
        } catch {
          // The process is about to end; what could not be closed ends with it.
        }
      }
    },
  }
}

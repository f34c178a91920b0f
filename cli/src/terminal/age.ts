const STEPS: [seconds: number, unit: string][] = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'min'],
  [1, 's'],
]

/** How long ago an ISO time was, in its largest whole unit: `3 h ago`; `just now` below a second and for the future. */
export function ago(isoTime: string, nowMs: number): string {
  const seconds = Math.floor((nowMs - Date.parse(isoTime)) / 1000)
  const [size, unit] = STEPS.find(([each]) => seconds >= each) ?? [0, '']
  return size === 0 ? 'just now' : `${Math.floor(seconds / size)} ${unit} ago`
}

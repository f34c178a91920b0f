import type { JudgeMessage } from '../ports.ts'

/** Agrees to whatever an active participant asks for. */
export const ANY_PARTICIPANT: JudgeMessage = { judge: async () => ({ kind: 'agreed' }) }

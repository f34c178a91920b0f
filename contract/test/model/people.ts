import type { Model, Parameters, Participant } from './model.ts'

/** Who takes part in the epoch that is live. */
export function participant(model: Model, account: string): Participant | undefined {
  return member(model.running.parameters, account)
}

export function member(parameters: Parameters, account: string): Participant | undefined {
  return parameters.participants.find((one) => one.account === account)
}

export function takesPart(model: Model, account: string): boolean {
  return participant(model, account) !== undefined
}

/** Who is to take part in the epoch to come. */
export function prospective({ phase }: Model, account: string): Participant | undefined {
  return phase.kind === 'Resharing' ? member(phase.proposal.parameters, account) : undefined
}

/** The participant with this account has another node, url or incarnation; one revision more. */
export function replaced(model: Model, next: Participant): Model {
  const { running } = model
  const participants = running.parameters.participants.map((one) => (one.account === next.account ? next : one))
  const parameters = { ...running.parameters, participants }
  return { ...model, running: { ...running, parameters, revision: running.revision + 1n } }
}

/** Who is recovering now; nobody, unless in Recovery. */
export function recovering(model: Model) {
  return model.phase.kind === 'Recovery' ? model.phase.recovering : new Map<string, never>()
}

import type { App } from '../../app.ts';

const REASONS = {
  unsealed: 'its steps were not taken through this server',
  not_journalled: 'the journal does not know both of its steps',
} as const;

/**
 * What stands in the database and was not written by this server, a sentence each: somebody else writes there. Changes that no
 * two people made, clients in production by none, and ways in for operators that nobody opened.
 */
export async function forged({
  approvals,
  relyingParties,
  apiClients,
  operators,
}: Pick<App['parts'], 'approvals' | 'relyingParties' | 'apiClients' | 'operators'>): Promise<string[]> {
  const [changes, clients, programs, passkeys] = await Promise.all([
    approvals.forgeries(),
    relyingParties.withoutRequest(),
    apiClients.forged(),
    operators.forgedPasskeys(),
  ]);
  return [
    ...changes.map(
      ({ request: { number, kind, subject }, why }) =>
        `change ${number} (${kind} ${subject}) is no change by two people: ${REASONS[why]}. Undo what it made`,
    ),
    ...clients.map((id) => `the client ${id} is in production, and no change request made it so: disable it`),
    ...programs.map(
      ({ id, operatorId }) => `the API client ${id} of operator ${operatorId} was not registered here: revoke it`,
    ),
    ...passkeys.map(({ id, operatorId }) => `the passkey ${id} of operator ${operatorId} was not bound here`),
  ];
}

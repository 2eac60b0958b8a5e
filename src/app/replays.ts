import type { Replay } from '../oidc/storage/known-rows.ts';
import type { Write } from '../platform/unit-of-work.ts';
import type { Domain } from './domain.ts';

/**
 * What is written when a spent code or refresh token comes back and its grant is revoked: the journal's event, and a notice to
 * the person, whose access ended because somebody seems to hold a copy of it (RFC 9700 §4.14.2, abuse case 8).
 */
export async function replayWrites(
  { journal, notices, recoveries, relyingParties, subscribers }: Domain,
  { kind, clientId, accountId }: Replay,
): Promise<Write[]> {
  const about = { ...(accountId ? { subscriberId: accountId } : {}), ...(clientId ? { clientId } : {}) };
  const event = journal.append({
    type: kind === 'authorization_code' ? 'code.replayed' : 'refresh.replayed',
    actor: { kind: 'client', ...(clientId ? { id: clientId } : {}) },
    ...about,
  });
  const person = accountId ? await subscribers.find(accountId) : undefined;
  const client = clientId ? await relyingParties.find(clientId) : undefined;
  if (!person || !client) return [event];
  const relyingParty = client.relyingParty.name[person.locale];
  return [event, ...notices.queueToAll('access_ended', await recoveries.addresses.reachable(person), { relyingParty })];
}

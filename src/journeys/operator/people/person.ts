import { may } from '../../../domain/operators/index.ts';
import { one } from '../page-parts.ts';
import { goTo, type Visit } from '../visit.ts';
import { locksOn } from './locks.ts';
import { personPage } from './models.ts';
import { personSeen } from './person-seen.ts';
import { readReference } from './reference.ts';

const SIGN_INS = ['authentication.succeeded', 'authentication.failed'] as const;

const NOTICES = ['locked', 'lifted', 'lifted-one', 'lift-over', 'ground-missing', 'reason-missing', 'own'];

/** A person, by a reference of this session. That somebody looks is written down first. */
export async function showPerson(visit: Visit): Promise<void> {
  const { ctx, parts, acting } = visit;
  const reference = ctx.params.reference ?? '';
  const read = readReference(visit, reference);
  const subscriber = read && (await parts.subscribers.find(read.subscriberId));
  if (!read || !subscriber) return goTo(visit, '/operator/people?notice=over');
  const { id } = subscriber;
  const seen = await personSeen(visit, { subscriberId: id, reason: read.reason, page: 'person' });
  const notice = one(ctx.query.notice);
  const [lowered, locks, authenticators, signIns] = await Promise.all([
    parts.subscribers.anewGround(subscriber),
    parts.subscribers.locks(id),
    parts.authenticators.of(id),
    parts.journal.query({ subscriberId: id, types: [...SIGN_INS], limit: 10 }),
  ]);
  parts.views.show(
    ctx,
    personPage,
    {
      ...visit.frame,
      ...seen,
      accountLevel: subscriber.accountLevel,
      lowered: lowered ?? null,
      state: subscriber.state,
      reason: read.reason,
      until: read.until,
      ...locksOn(visit, reference, subscriber.state, locks),
      notice: notice && NOTICES.includes(notice) ? `console.person.notice.${notice}` : null,
      authenticators: authenticators.map(({ kind, status, createdAt, lastUsedAt }) => ({
        ...{ kind, status, createdAt },
        lastUsedAt: lastUsedAt ?? null,
      })),
      signIns: signIns.map(({ at, clientId, type }) => ({
        at,
        clientId: clientId ?? null,
        succeeded: type === 'authentication.succeeded',
      })),
      counterUrl: may(acting.roles, 'recovery.begin') ? `/operator/people/${reference}/counter` : null,
      lockRequestUrl:
        subscriber.state !== 'closed' && may(acting.roles, 'lock_requests.receive')
          ? `/operator/people/${reference}/lock-request`
          : null,
      journalUrl: may(acting.roles, 'journal.view') ? `/operator/journal?person=${reference}` : null,
    },
    // No language link: the address is no place to come back to.
    { path: null },
  );
}

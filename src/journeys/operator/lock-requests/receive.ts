import { z } from 'zod';
import { ASKED_FOR, type AskedLock } from '../../../domain/lock-requests/index.ts';
import { parseForm } from '../../../platform/forms.ts';
import type { Choice } from '../page-parts.ts';
import { personSeen } from '../people/person-seen.ts';
import { readReference } from '../people/reference.ts';
import { formOf, goTo, type Visit } from '../visit.ts';
import { newLockRequestPage } from './models.ts';

const PATTERN = '/operator/people/:reference/lock-request';
const text = (missing: string, most: number) =>
  z.string(missing).trim().min(3, missing).max(most, 'console.lock-request.long');
const requestFields = z.object({
  what: z.enum(ASKED_FOR, 'console.lock-request.what.missing'),
  lock: z.string().optional(),
  authority: text('console.lock-request.authority.missing', 200),
  document: text('console.lock-request.document.missing', 100),
  statement: text('console.lock-request.statement.missing', 2_000),
});

/** Who asks to lift says which lock; where there is none the answer says so. */
const requestForm = (locks: readonly AskedLock[]) =>
  requestFields.refine(
    ({ what, lock }) => what === 'lock' || locks.length === 0 || locks.some(({ id }) => id === lock),
    {
      ...{ path: ['lock'], message: 'console.lock-request.lifts.missing' },
    },
  );

/** The locks to choose from; one that is alone is chosen. */
const lockChoices = (locks: readonly AskedLock[], entered: string | undefined): readonly Choice[] =>
  locks.length === 0
    ? []
    : [
        { value: '', label: 'console.lock-request.lifts.choose', chosen: false },
        ...locks.map(({ id, document, authority }) => ({
          ...{ value: id, label: { text: authority === undefined ? document : `${document} · ${authority}` } },
          chosen: entered === undefined ? locks.length === 1 : entered === id,
        })),
      ];

interface Again {
  readonly errors?: object;
  readonly entered?: Record<string, string>;
  readonly refused?: string;
}

/** The paper is on the desk: what it says, of whom. */
export async function showNewLockRequest(visit: Visit, again: Again = {}): Promise<void> {
  const { ctx, parts } = visit;
  const reference = ctx.params.reference ?? '';
  const read = readReference(visit, reference);
  if (!read) return goTo(visit, '/operator/people?notice=over');
  const seen = await personSeen(visit, { ...read, page: 'lock_request' });
  const entered = again.entered ?? {};
  const locks = await parts.lockRequests.askedLocks(read.subscriberId);
  parts.views.show(
    ctx,
    newLockRequestPage,
    {
      ...visit.frame,
      ...seen,
      personUrl: `/operator/people/${reference}`,
      form: { ...formOf(visit, PATTERN), action: PATTERN.replace(':reference', reference) },
      errors: { ...again.errors },
      whats: ASKED_FOR.map((value) => ({
        ...{ value, label: `console.lock-request.what.${value}`, chosen: entered.what === value },
      })),
      locks: lockChoices(locks, entered.lock),
      entered: {
        authority: entered.authority ?? '',
        document: entered.document ?? '',
        statement: entered.statement ?? '',
      },
      refused: again.refused ? `console.lock-request.refused.${again.refused}` : null,
    },
    { path: null, status: again.refused ? 409 : again.errors ? 422 : 200 },
  );
}

/** Takes it in: the clock of the first term begins. */
export async function receiveLockRequest(visit: Visit): Promise<void> {
  const { ctx, parts, acting } = visit;
  const read = readReference(visit, ctx.params.reference ?? '');
  if (!read) return goTo(visit, '/operator/people?notice=over');
  const locks = await parts.lockRequests.askedLocks(read.subscriberId);
  const parsed = parseForm(ctx, requestForm(locks));
  if (!parsed.ok) return showNewLockRequest(visit, { errors: parsed.errors, entered: parsed.entered });
  const by = { kind: 'operator', id: acting.operatorId } as const;
  const { lock, ...said } = parsed.values;
  const answer = await parts.lockRequests.receive({ ...said, lockId: lock, subscriberId: read.subscriberId, by });
  if (!answer.received)
    return showNewLockRequest(visit, { refused: answer.reason, entered: { ...said, lock: lock ?? '' } });
  return goTo(visit, `/operator/lock-requests/${answer.id}?notice=received`);
}

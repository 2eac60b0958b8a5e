import type { JournalEntry } from '../../../domain/audit/index.ts';
import type { Authenticator } from '../../../domain/authenticators/index.ts';
import { CaseTaken, type SecurityCase } from '../../../domain/cases/index.ts';
import { EidError } from '../../../platform/errors.ts';
import { cardOf } from '../methods.ts';
import { formOf, goTo } from '../page-parts.ts';
import { stepUpUrl, type Visitor } from '../visitor.ts';
import { deviceOf } from './device.ts';
import { waysOf } from './history.ts';
import { disownPage } from './models.ts';

/** So many step-ups of it are looked at, the newest. */
const MOST_PROOFS = 500;

/** A sign-in of mine, and what it was made with. */
interface SignIn {
  readonly session: string;
  readonly entry: JournalEntry;
  /** The kinds that it was made with, and what was proven in it later. */
  readonly ways: readonly string[];
  readonly freezes: readonly Authenticator[];
  readonly keeps: readonly Authenticator[];
  /** Whether who reports has just proven as much as a change of authenticators takes. */
  readonly steppedUp: boolean;
  /** The case of an earlier report. */
  readonly reported: SecurityCase | undefined;
}

/**
 * The sign-in that an address names. What it was made with may be frozen, but for what this session was proven with as well:
 * who reports holds that, and must not be shut out by reporting (abuse case 37). The page says so, and leads to the lock. Less
 * than a step-up freezes nothing: a thief with one factor would put the owner's others out of use (abuse cases 37, 44).
 */
async function signInOf({ ctx, parts, subscriber, proofs, sessionUid }: Visitor): Promise<SignIn> {
  const session = ctx.params.session ?? '';
  // By its reference: a session of long ago may have opened what still stands.
  const ofSession = { subscriberId: subscriber.id, session } as const;
  const [[entry], later, bound, steppedUp, cases] = await Promise.all([
    parts.journal.query({ ...ofSession, types: ['session.started'], limit: 1 }),
    parts.journal.query({ ...ofSession, types: ['session.stepped_up'], limit: MOST_PROOFS }),
    parts.authenticators.of(subscriber.id),
    parts.authenticators.isSteppedUp(subscriber.id, { by: 'subscriber', proofs }),
    parts.cases.of(subscriber.id),
  ]);
  if (!entry || session === parts.sessionReference(sessionUid)) throw new EidError('http.not_found');
  // Whoever had the session may have proven more in it than what it began with.
  const within = [...later, entry];
  const named = new Set(within.flatMap(({ detail }) => (detail?.authenticators as string[] | undefined) ?? []));
  const used = bound.filter(({ id, status }) => status === 'active' && named.has(id));
  const held = new Set(proofs.map(({ authenticatorId }) => authenticatorId));
  return {
    ...{ session, entry, steppedUp },
    reported: cases.find((one) => one.session === session),
    ways: [...new Set(within.toReversed().flatMap(({ detail }) => waysOf(detail)))],
    freezes: used.filter(({ id }) => !held.has(id)),
    keeps: used.filter(({ id }) => held.has(id)),
  };
}

const pathOf = (session: string): string => `/account/history/${session}/disown`;

/** Asks once more, and says what it does. */
export async function showDisown(visitor: Visitor): Promise<void> {
  const { session, entry, ways, freezes, keeps, steppedUp, reported } = await signInOf(visitor);
  if (reported && (reported.closed || freezes.length === 0))
    return goTo(visitor, '/account/history?notice=disowned-before');
  visitor.parts.views.show(
    visitor.ctx,
    disownPage,
    {
      form: reported && !steppedUp ? null : formOf(visitor, pathOf(session), 'disown'),
      at: entry.at,
      device: deviceOf(entry.detail),
      ways,
      freezes: freezes.map((one) => cardOf(one)),
      keeps: keeps.map((one) => cardOf(one)),
      stepUpUrl: steppedUp || freezes.length === 0 ? null : await stepUpUrl(visitor, 'history'),
    },
    { path: pathOf(session) },
  );
}

/**
 * "This was not me": that session ends with all that rests on it, a case is opened, and every confirmed address is told, in one
 * statement. After a step-up what the sign-in was made with is frozen too; said again after one, it is added to the open case.
 */
export async function disown(visitor: Visitor): Promise<void> {
  const { parts, subscriber } = visitor;
  const { session, entry, freezes, steppedUp, reported } = await signInOf(visitor);
  const frozen = steppedUp ? freezes.map(({ id }) => id) : [];
  if (reported && (reported.closed || frozen.length === 0))
    return goTo(visitor, '/account/history?notice=disowned-before');
  const writes = reported
    ? parts.cases.widen(reported, frozen)
    : parts.cases.open({ subscriberId: subscriber.id, session, signedInAt: entry.at, frozen }).writes;
  try {
    await parts.write([
      ...writes,
      // What it was granted for offline use outlives a session that is over.
      ...(reported ? [] : await parts.endingOne(subscriber.id, session)),
      ...(await parts.authenticators.freeze(subscriber.id, frozen)),
      ...(reported ? [] : await parts.tell('sign_in_disowned', subscriber)),
    ]);
  } catch (error) {
    if (error instanceof CaseTaken) return goTo(visitor, '/account/history?notice=disowned-before');
    throw error;
  }
  return goTo(visitor, `/account/history?notice=${frozen.length > 0 ? 'disowned' : 'disowned-only'}`);
}

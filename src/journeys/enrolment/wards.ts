import type { Context } from 'koa';
import { z } from 'zod';
import { FORM_SECONDS } from '../../domain/authenticators/index.ts';
import { type Guardianship, guardianshipPolicyAt, holdAt } from '../../domain/guardianships/index.ts';
import type { Subscriber } from '../../domain/subscribers/index.ts';
import { type FieldErrors, parseForm } from '../../platform/forms.ts';
import type { Message } from '../../platform/messages.ts';
import { wantedFor } from '../wanted-proof.ts';
import { agreeField } from './form.ts';
import { besideDate, identityFields, identityOf, typedOf } from './identity-fields.ts';
import { type Wards, wardPage, wardsPage } from './models.ts';
import { type EnrolmentParts, goTo, type Visit } from './visit.ts';

/**
 * What a guardian does for a child below 14, or for an adult whom a court has put in their care (Decree 69/2024 Art. 7, 10): with their own
 * account of level 2, and a fresh proof.
 */
export const WARDS = {
  all: '/account/wards',
  one: '/account/wards/new',
  lock: '/account/wards/lock',
  unlock: '/account/wards/unlock',
} as const;

const NOTICES = ['submitted', 'locked', 'unlocked', 'still_locked', 'not_held'] as const;

/** Somebody who is signed in. */
export interface Guardian extends Pick<Visit, 'locale'> {
  readonly ctx: Context;
  readonly parts: EnrolmentParts;
  readonly subscriber: Subscriber;
  readonly session: NonNullable<Awaited<ReturnType<EnrolmentParts['session']>>>;
}

export async function guardianOf(
  ctx: Context,
  parts: EnrolmentParts,
  locale: 'vi' | 'en',
): Promise<Guardian | undefined> {
  const session = await parts.session(ctx);
  const subscriber = session && (await parts.subscribers.find(session.accountId));
  return session && subscriber?.state === 'active' ? { ctx, parts, subscriber, session, locale } : undefined;
}

const mayApply = ({ subscriber }: Guardian): boolean => subscriber.accountLevel === 2;

export async function showWards(guardian: Guardian): Promise<void> {
  const { ctx, parts, subscriber } = guardian;
  const applications = await parts.applications.ofGuardian(subscriber.id);
  const own = (await parts.guardianships.ofPerson(subscriber.id)).filter(
    ({ guardianId }) => guardianId === subscriber.id,
  );
  // What no application of the list has made: it is older than the list goes back. Of one that is over nothing is left to show.
  const older = own.filter(
    (one) =>
      holdAt(one, parts.clock.now()) !== 'ended' && !applications.some(({ accountId }) => accountId === one.wardId),
  );
  const rows = [
    ...applications,
    ...older.map(({ wardId, beganAt }) => ({
      ...{ accountId: wardId, reference: '', submittedAt: beganAt, dueAt: beganAt },
      state: 'APPROVED' as const,
    })),
  ];
  const wards = await Promise.all(
    rows.map(async ({ accountId, reference, state, submittedAt, dueAt }) => {
      const found = own.find(({ wardId }) => wardId === accountId);
      const hold = found && holdAt(found, parts.clock.now());
      // Without level 2 that counts a guardian sees no more of a child than they wrote down themselves.
      const seen = found && hold !== 'ended' && mayApply(guardian);
      const account = seen ? await parts.subscribers.find(found.wardId) : undefined;
      const holds = hold === 'holding' && found !== undefined;
      return {
        ...(await locking(guardian, holds ? found : undefined, account)),
        ...{ name: account?.fullName ?? null, reference, state, submittedAt, dueAt, hold: hold ?? null },
        byCourt: hold === 'holding' && found?.basis === 'guardian_of_adult',
        until: hold === 'holding' ? (found?.until ?? null) : null,
        // Where nobody has taken it over, and it is over all the same.
        relieved: hold === 'ended' && found !== undefined && !found.handedOver,
        takesOverOn:
          hold === 'holding' && account && found?.basis !== 'guardian_of_adult'
            ? birthdayOf(account.birthdate, parts.clock.now())
            : null,
        viewUntil: hold === 'view_only' ? (found?.handedOver?.viewUntil ?? null) : null,
      };
    }),
  );
  parts.views.show(ctx, wardsPage, {
    ...{ wards, newUrl: WARDS.one, backUrl: '/account', mayApply: mayApply(guardian) },
    notice: noticeOf(ctx),
  });
}

function noticeOf({ query }: Context): Message | null {
  const word = NOTICES.find((one) => one === query.notice);
  return word ? `wards.notice.${word}` : null;
}

/** What the guardian can do about the locks of an account that they hold. */
async function locking(
  { parts, session }: Guardian,
  held: Guardianship | undefined,
  account: Subscriber | undefined,
): Promise<Pick<Wards['wards'][number], 'locked' | 'lockUrl' | 'unlock'>> {
  const locked = account?.state === 'locked';
  if (!held || !account || account.state === 'closed') return { locked, lockUrl: null, unlock: null };
  const ward = held.applicationId;
  const mayUnlock = locked && (await parts.wardLocks.mayUnlock(account.id));
  return {
    locked,
    lockUrl: locked ? null : `${WARDS.lock}?ward=${ward}`,
    unlock: mayUnlock ? { action: WARDS.unlock, csrf: parts.csrf.token(session.uid, WARDS.unlock), ward } : null,
  };
}

/** Of whom an account is that this guardian holds, by the application that made it. */
export async function nameHeld(guardian: Guardian, applicationId: string): Promise<string | undefined> {
  const { parts, subscriber } = guardian;
  if (!mayApply(guardian)) return undefined;
  const held = (await parts.guardianships.ofPerson(subscriber.id)).find(
    (one) => one.guardianId === subscriber.id && one.applicationId === applicationId,
  );
  if (!held || holdAt(held, parts.clock.now()) !== 'holding') return undefined;
  return (await parts.subscribers.find(held.wardId))?.fullName;
}

/** The day on which somebody is old enough to take an account over; of a partial birth date nobody knows it. */
function birthdayOf(birthdate: string, now: Date): string | null {
  const [, year, rest] = /^(\d{4})(-\d{2}-\d{2})$/.exec(birthdate) ?? [];
  return year && rest ? `${Number(year) + guardianshipPolicyAt(now).takesOverFromYears}${rest}` : null;
}

/**
 * What the form carries that is begun with a fresh proof, as a change of the account takes; it is filled in for a quarter of an
 * hour on its strength. Without one, away to it.
 */
async function begins({ ctx, parts, subscriber, session }: Guardian): Promise<string | undefined> {
  const { begun } = (ctx.request.body ?? {}) as { begun?: unknown };
  const change = { subscriberId: subscriber.id, sessionKey: session.uid, act: 'ward' };
  const sealed = typeof begun === 'string' ? begun : undefined;
  const authority = parts.authenticators.finishing({ ...change, proofs: session.proofs, begun: sealed });
  const begins = await parts.authenticators.beginChange({ ...change, authority, seconds: FORM_SECONDS });
  if (begins !== undefined) return begins;
  const asked = await parts.authenticators.stepUp(subscriber.id);
  // Where it cannot be reached the page of the authenticators says so, and how to go on.
  if (!asked.withinReach) goTo({ ctx }, '/account/authenticators?notice=out-of-reach');
  else goTo({ ctx }, parts.signInUrl('add-ward', wantedFor(asked)));
  return undefined;
}

/** What was typed of a ward, and whether a court's decision was named. */
const typedOfWard = (entered: Readonly<Record<string, string | undefined>>) => ({
  ...typedOf(entered as Readonly<Record<string, string>>),
  court: entered.court === 'yes',
});

export async function showWard(guardian: Guardian, errors: FieldErrors = {}, typed = typedOfWard({})): Promise<void> {
  const { ctx, parts, session } = guardian;
  if (!mayApply(guardian)) return goTo(guardian, WARDS.all);
  const begun = await begins(guardian);
  if (begun === undefined) return;
  const form = { action: WARDS.one, csrf: parts.csrf.token(session.uid, WARDS.one), errors, begun };
  parts.views.show(ctx, wardPage, { ...form, ...typed, backUrl: WARDS.all }, { path: WARDS.one });
}

export async function takeWard(guardian: Guardian): Promise<void> {
  const { ctx, parts, subscriber, locale } = guardian;
  if (!mayApply(guardian)) return goTo(guardian, WARDS.all);
  if ((await begins(guardian)) === undefined) return;
  const parsed = parseForm(ctx, z.object({ ...identityFields, agree: agreeField, court: z.literal('yes').optional() }));
  if (!parsed.ok) return showWard(guardian, besideDate(parsed.errors), typedOfWard(parsed.entered));
  const read = identityOf(parsed.values, parts.clock.now());
  if ('errors' in read) return showWard(guardian, read.errors, typedOfWard(parsed.values));
  const submitted = await parts.applications.submitForWard(
    subscriber,
    { ...read.identity, byCourt: parsed.values.court === 'yes' },
    locale,
  );
  if (submitted.submitted) return goTo(guardian, `${WARDS.all}?notice=submitted`);
  const why = { of_age: 'wards.of-age', too_many: 'sign-up.summary.too-many', incomplete: 'fields.check' } as const;
  return showWard(guardian, { form: why[submitted.reason] }, typedOfWard(parsed.values));
}

import type { Authenticator } from '../../domain/authenticators/index.ts';
import { inGroups } from '../../domain/authenticators/index.ts';
import { hoursOf, ONLINE_METHODS, type OnlineMethod, type Recovery } from '../../domain/recovery/index.ts';
import type { FieldErrors } from '../../platform/forms.ts';
import type { Message } from '../../platform/messages.ts';
import { passkeyOptions } from '../shared-machine.ts';
import { waitOf } from '../throttled.ts';
import { completePage, identifyPage, methodsPage, waitingPage } from './models.ts';
import { goTo, keepHolder, tokenOf, type Visit } from './visit.ts';

/** What has just happened, as `?notice=` names it; anything else is ignored. */
const NOTICES = new Map([
  ['over', 'recover.notice.over'],
  ['refused', 'recover.notice.refused'],
]);

/** The page at which this browser's recovery stands; who has none says who they are. */
export async function showRecover(visit: Visit): Promise<void> {
  const { ctx, parts, holder } = visit;
  const stand = holder === undefined ? undefined : await parts.recoveries.standing(holder);
  if (!stand) {
    if (holder !== undefined) keepHolder(visit, undefined);
    const notice = NOTICES.get(String(ctx.query.notice)) ?? (holder === undefined ? null : 'recover.notice.over');
    return showIdentify(visit, { notice });
  }
  const { recovery, next } = stand;
  if (recovery.state === 'proven_one')
    return showMethods(visit, { identifier: '', methods: next, proven: recovery.first as OnlineMethod });
  if (recovery.state === 'waiting') return showWaiting(visit, recovery);
  return showComplete(visit);
}

/** Who are you? The same page for everybody (abuse case 41). */
export function showIdentify(
  visit: Visit,
  {
    errors = {},
    identifier = '',
    notice = null,
  }: { errors?: FieldErrors; identifier?: string; notice?: Message | null } = {},
): void {
  const action = '/recover/identify';
  const model = { action, csrf: tokenOf(visit, action), errors, identifier, notice };
  visit.parts.views.show(visit.ctx, identifyPage, model, { path: '/recover' });
}

/** Every method there is, whoever was named: what an account has is told to nobody who has proven nothing. */
export function showMethods(
  visit: Visit,
  shown: { identifier: string; methods: readonly OnlineMethod[]; proven: OnlineMethod | null; notice?: Message },
): void {
  const action = '/recover/method';
  const model = { errors: {}, notice: null, ...shown, action, csrf: tokenOf(visit, action) };
  visit.parts.views.show(visit.ctx, methodsPage, model, { path: '/recover' });
}

/** One way was asked for too often, perhaps by others: when it can be again, beside the ways that are open (abuse cases 37 and 40). */
export async function showTooMany(visit: Visit, identifier: string, retryAfter = 60): Promise<void> {
  const stand = visit.holder === undefined ? undefined : await visit.parts.recoveries.standing(visit.holder);
  if (stand && stand.recovery.state !== 'proven_one') return goTo(visit, '/recover');
  const ways = stand
    ? { identifier: '', methods: stand.next, proven: stand.recovery.first as OnlineMethod }
    : { identifier, methods: ONLINE_METHODS, proven: null };
  showMethods(visit, { ...ways, notice: { key: 'recover.notice.throttled', values: waitOf(retryAfter) } });
  visit.ctx.status = 429;
  visit.ctx.set('Retry-After', String(Math.max(1, retryAfter)));
}

function showWaiting(visit: Visit, { waitsUntil }: Recovery): void {
  const until = waitsUntil!;
  const minutes = Math.max(1, Math.ceil((until.getTime() - visit.parts.clock.now().getTime()) / 60_000));
  const action = '/recover/cancel';
  const model = {
    ...{ until, hours: Math.floor(minutes / 60), minutes: minutes % 60, code: inGroups(visit.holder ?? '') },
    cancel: { action, csrf: tokenOf(visit, action) },
  };
  visit.parts.views.show(visit.ctx, waitingPage, model, { path: '/recover' });
}

/**
 * The new passkey, and what is lost: everything that was not proven here, unless the person says that they have it. `ticked` is
 * what they have said already, where the page comes back with an error.
 */
export async function showComplete(visit: Visit, errors: FieldErrors = {}, ticked?: readonly string[]): Promise<void> {
  const { ctx, parts, holder = '', token } = visit;
  const stand = await parts.recoveries.standing(holder);
  const begun = stand && (await parts.recoveries.begin(holder, token));
  if (!stand || !begun?.begun) return goTo(visit, '/recover?notice=over');
  const { recovery, subscriber } = stand;
  const bound = await parts.authenticators.of(subscriber.id);
  const form = (action: string) => ({ action, csrf: tokenOf(visit, action) });
  const phone = recovery.provenPhone;
  const codesTo = phone && (await parts.authenticators.codesTo(subscriber.id, phone)) ? phone : undefined;
  const model = {
    ...form('/recover/complete'),
    ...{
      errors,
      name: subscriber.fullName,
      challengeId: begun.challengeId ?? '',
      options: passkeyOptions(visit.ctx.req, begun.request as object),
    },
    bound: bound.map((one) => ({
      ...{ id: one.id, kind: one.kind, name: one.name === one.kind ? null : one.name },
      ending: one.message?.to.slice(-3) ?? one.card?.ending ?? null,
      lost: ticked ? ticked.includes(one.id) : isLost(one, recovery, codesTo),
    })),
    password: phone ? { ...form('/recover/complete-password'), ending: phone.slice(-3) } : null,
    reproofing: subscriber.recordedLevel === 2,
    code: hoursOf(recovery) === 0 ? inGroups(holder) : null,
    cancel: form('/recover/cancel'),
  };
  parts.views.show(ctx, completePage, model, { path: '/recover' });
}

/** `codesTo`: the telephone that was proven, where sign-in codes go to it. That to another one says nothing of them. */
function isLost({ kind, message }: Authenticator, { first, second }: Recovery, codesTo: string | undefined): boolean {
  if (kind === 'passkey') return first !== 'passkey' && second !== 'passkey';
  // One that was stolen beside the phone would stay half of the next recovery.
  if (kind === 'recovery-code') return first !== 'printed-code' && second !== 'printed-code';
  if (kind === 'message-otp') return codesTo === undefined || message?.to.slice(-3) !== codesTo.slice(-3);
  return kind !== 'chip-card';
}

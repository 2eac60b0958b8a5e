import { z } from 'zod';
import { parseIdentifier } from '../../domain/subscribers/index.ts';
import { EidError } from '../../platform/errors.ts';
import { type FieldErrors, fields, parseForm, pressed } from '../../platform/forms.ts';
import { allowCamera } from '../../platform/headers.ts';
import { pictureIn } from '../face-form.ts';
import { throttled } from '../throttled.ts';
import { besideDate, identityFields, identityOf, typedOf, typedOfIdentity } from './identity-fields.ts';
import {
  codePage,
  facePage,
  identityPage,
  phonePage,
  privacyPage,
  startPage,
  submittedPage,
  summaryPage,
  tooYoungPage,
} from './models.ts';
import { askingOf, goTo, tokenOf, type Visit } from './visit.ts';

/** The pages of the form, one after the other. Nothing that they show depends on whether a number exists (abuse case 41). */
export const PAGES = {
  start: '/sign-up',
  identity: '/sign-up/identity',
  phone: '/sign-up/phone',
  code: '/sign-up/code',
  privacy: '/sign-up/privacy',
  face: '/sign-up/face',
  summary: '/sign-up/summary',
  submitted: '/sign-up/submitted',
} as const;

const common = (visit: Visit, path: string, errors: FieldErrors) => ({
  action: path,
  csrf: tokenOf(visit, path),
  errors,
});

export function showStart({ ctx, parts }: Visit): void {
  parts.views.show(ctx, startPage, { nextUrl: PAGES.identity });
}

export async function showIdentity(visit: Visit, errors: FieldErrors = {}, typed?: ReturnType<typeof typedOf>) {
  const { ctx, parts, token } = visit;
  const draft = typed ? undefined : await parts.applications.draft(token);
  const shown = typed ?? (draft ? typedOfIdentity(draft.identity) : typedOf({}));
  parts.views.show(
    ctx,
    identityPage,
    { ...common(visit, PAGES.identity, errors), step: 1, ...shown },
    { path: PAGES.identity },
  );
}

export async function takeIdentity(visit: Visit): Promise<void> {
  const { ctx, parts, token, locale } = visit;
  const parsed = parseForm(ctx, z.object(identityFields));
  if (!parsed.ok) return showIdentity(visit, besideDate(parsed.errors), typedOf(parsed.entered));
  const read = identityOf(parsed.values, parts.clock.now());
  if ('errors' in read) return showIdentity(visit, read.errors, typedOf(parsed.values));
  const kept = await parts.applications.identify(token, read.identity, locale);
  if (kept === 'too_young')
    return parts.views.show(ctx, tooYoungPage, { wardsUrl: '/account/wards' }, { path: PAGES.identity });
  goTo(visit, PAGES.phone);
}

/** The draft of this browser, or away to the first page: half an hour has passed, or nothing was begun. */
async function draftOf(visit: Visit) {
  const draft = await visit.parts.applications.draft(visit.token);
  if (!draft) goTo(visit, PAGES.identity);
  return draft;
}

export async function showPhone(visit: Visit, errors: FieldErrors = {}, typed?: string): Promise<void> {
  const draft = await draftOf(visit);
  if (!draft) return;
  const model = { ...common(visit, PAGES.phone, errors), step: 2, phone: typed ?? draft.phone ?? '' };
  visit.parts.views.show(visit.ctx, phonePage, model, { path: PAGES.phone });
}

const phoneForm = z.object({
  phone: z.string('sign-up.phone.missing').trim().min(1, 'sign-up.phone.missing').max(64, 'sign-up.phone.form'),
});

export async function takePhone(visit: Visit): Promise<void> {
  const { ctx, parts, token } = visit;
  const parsed = parseForm(ctx, phoneForm);
  if (!parsed.ok) return showPhone(visit, parsed.errors, parsed.entered.phone ?? '');
  const phone = parseIdentifier(parsed.values.phone);
  if (phone?.kind !== 'phone') return showPhone(visit, { phone: 'sign-up.phone.form' }, parsed.values.phone);
  const asked = await parts.applications.askPhone(token, phone.value, askingOf(visit));
  if (asked.asked) return goTo(visit, PAGES.code);
  if (asked.reason === 'over') return goTo(visit, PAGES.identity);
  return showPhone(visit, { phone: throttled(asked.retryAfter) }, parsed.values.phone);
}

/** Many codes went there already: how long it takes, in whole minutes. */
export async function showCode(visit: Visit, errors: FieldErrors = {}, notice: string | null = null): Promise<void> {
  const draft = await draftOf(visit);
  if (!draft) return;
  if (!draft.phone) return goTo(visit, PAGES.phone);
  const lede = { key: 'sign-up.code.lede', values: { ending: draft.phone.slice(-3) } };
  const model = { ...common(visit, PAGES.code, errors), step: 2, lede, resend: true, notice };
  visit.parts.views.show(visit.ctx, codePage, model, { path: PAGES.code });
}

export const codeForm = z.object({ code: fields.code });
/** What to say of a code that was not taken. */
export const NOT_CONFIRMED = { wrong: 'rejected.code.wrong', over: 'sign-up.code.over' } as const;

export async function takeCode(visit: Visit): Promise<void> {
  const { ctx, parts, token } = visit;
  if (pressed(ctx, 'resend')) {
    const draft = await draftOf(visit);
    if (!draft?.phone) return;
    const asked = await parts.applications.askPhone(token, draft.phone, askingOf(visit));
    if (asked.asked) return showCode(visit, {}, 'message-code.sent-again');
    return asked.reason === 'over'
      ? goTo(visit, PAGES.identity)
      : showCode(visit, { code: throttled(asked.retryAfter) });
  }
  const parsed = parseForm(ctx, codeForm);
  if (!parsed.ok) return showCode(visit, parsed.errors);
  const confirmed = await parts.applications.confirmPhone(token, parsed.values.code);
  // Pressed twice, the other press has confirmed it.
  const done = confirmed === 'over' && (await parts.applications.draft(token))?.phoneConfirmed === true;
  if (confirmed !== 'confirmed' && !done) return showCode(visit, { code: NOT_CONFIRMED[confirmed] });
  goTo(visit, PAGES.privacy);
}

export async function showPrivacy(visit: Visit, errors: FieldErrors = {}): Promise<void> {
  const draft = await draftOf(visit);
  if (!draft) return;
  if (!draft.phoneConfirmed) return goTo(visit, PAGES.phone);
  const model = { ...common(visit, PAGES.privacy, errors), step: 3 };
  visit.parts.views.show(visit.ctx, privacyPage, model, { path: PAGES.privacy });
}

/** Silence is no consent: nothing goes on without the tick (Law 91/2025 Art. 9). */
export const agreeField = z.literal('yes', 'sign-up.privacy.agree.missing');

export async function takePrivacy(visit: Visit): Promise<void> {
  const parsed = parseForm(visit.ctx, z.object({ agree: agreeField }));
  if (!parsed.ok) return showPrivacy(visit, parsed.errors);
  goTo(visit, (await visit.parts.applications.consent(visit.token)) ? PAGES.face : PAGES.identity);
}

export async function showFace(visit: Visit, errors: FieldErrors = {}): Promise<void> {
  const draft = await draftOf(visit);
  if (!draft) return;
  if (!draft.consented) return goTo(visit, PAGES.privacy);
  allowCamera(visit.ctx);
  const model = { ...common(visit, PAGES.face, errors), step: 4, backUrl: PAGES.privacy };
  visit.parts.views.show(visit.ctx, facePage, model, { path: PAGES.face });
}

/** What to say of a picture that was not taken. */
export const NOT_TAKEN = {
  unreadable: 'face.unreadable',
  too_large: 'face.too-large',
  too_small: 'face.too-small',
} as const;

export async function takeFace(visit: Visit): Promise<void> {
  const bytes = pictureIn(visit.ctx);
  if (!bytes) return showFace(visit, { picture: 'face.missing' });
  const taken = await visit.parts.applications.picture(visit.token, bytes);
  if (taken.taken) return goTo(visit, PAGES.summary);
  if (taken.reason === 'over') return goTo(visit, PAGES.identity);
  if (taken.reason === 'busy') throw new EidError('http.busy', { facts: { retryAfter: 5 } });
  return showFace(visit, { picture: NOT_TAKEN[taken.reason] });
}

export async function showSummary(visit: Visit, errors: FieldErrors = {}): Promise<void> {
  const draft = await draftOf(visit);
  if (!draft) return;
  if (!draft.picture) return goTo(visit, PAGES.face);
  const { identity, phone = '' } = draft;
  const { accountType, identityNumber, fullName, birthdate } = identity;
  visit.parts.views.show(
    visit.ctx,
    summaryPage,
    {
      ...common(visit, PAGES.summary, errors),
      ...{ step: 5, accountType, identityNumber, fullName, birthdate, phone },
    },
    { path: PAGES.summary },
  );
}

export async function submit(visit: Visit): Promise<void> {
  const submitted = await visit.parts.applications.submit(visit.token);
  if (submitted.submitted) return goTo(visit, PAGES.submitted);
  if (submitted.reason === 'too_many') return showSummary(visit, { form: 'sign-up.summary.too-many' });
  // Something is missing: the page that asks for it sends on to the next.
  return goTo(visit, PAGES.summary);
}

export async function showSubmitted(visit: Visit): Promise<void> {
  const standing = await visit.parts.applications.standing(visit.token);
  if (!standing) return goTo(visit, '/sign-up/status');
  const { reference, dueAt } = standing;
  visit.parts.views.show(visit.ctx, submittedPage, { reference, dueAt, statusUrl: '/sign-up/application' });
}

import { z } from 'zod';
import { inGroups, isPrinted, plainCode } from '../../../domain/authenticators/index.ts';
import { dateTime } from '../../../platform/formats.ts';
import { type FieldErrors, parseForm } from '../../../platform/forms.ts';
import type { Message } from '../../../platform/messages.ts';
import { notesOf } from '../../../platform/request.ts';
import { drawn } from '../../card-reading.ts';
import { formOf, goTo } from '../page-parts.ts';
import { sendToStepUp, type Visitor } from '../visitor.ts';
import { recoveryCodesPage } from './models.ts';

const SHEET = '/account/recovery-codes';

/** The codes of the page, as it was given them: a page that is shown again must show the same. */
const codes = z
  .string()
  .max(400)
  .transform((text) => text.split(' ').map(plainCode))
  .refine((all) => all.length > 0 && all.length <= 20 && all.every((code) => isPrinted(code)));
const sheetForm = z.object({
  challenge: z.string().max(4096),
  codes,
  code: z.string('account.codes.missing').min(1, 'account.codes.missing').max(100, 'account.codes.form'),
});

/** A new sheet of codes, after a fresh proof. The old one stays good until this one counts. */
export async function showRecoveryCodes(visitor: Visitor): Promise<void> {
  const { parts, subscriber } = visitor;
  const begun = await parts.authenticators.begin({
    ...{ kind: 'recovery-code', purpose: 'bind', sessionKey: visitor.sessionUid },
    ...{ subscriber: toBind(visitor), subscriberId: subscriber.id, locale: subscriber.locale },
    authority: { by: 'subscriber', proofs: visitor.proofs },
  });
  if (!begun.begun) return sendToStepUp(visitor, 'recovery-codes');
  return show(visitor, (begun.request as { codes: string[] }).codes, begun.challengeId ?? '');
}

async function show(visitor: Visitor, sheet: readonly string[], challengeId: string, error?: Message): Promise<void> {
  const { ctx, parts, subscriber } = visitor;
  const bound = await parts.authenticators.of(subscriber.id);
  const url = `${parts.cards.issuer}/help#phone`;
  const errors: FieldErrors = error ? { code: error } : {};
  const model = {
    ...formOf(visitor, SHEET, 'recovery-codes'),
    ...{ errors, codes: sheet, challengeId, madeAt: parts.clock.now(), backUrl: '/account/recovery' },
    replaces: bound.some(({ kind }) => kind === 'recovery-code'),
    download: formOf(visitor, `${SHEET}/download`, 'recovery-codes-download'),
    help: { url, qr: drawn(url) },
  };
  parts.views.show(ctx, recoveryCodesPage, model, { path: null });
}

/** One was typed back: the sheet counts, and the old one is worth nothing any more. */
export async function takeRecoveryCodes(visitor: Visitor): Promise<void> {
  const { ctx, parts } = visitor;
  const body = ctx.request.body as Record<string, string>;
  const given = codes.safeParse(body.codes);
  if (!given.success) return goTo(visitor, `${SHEET}/new`);
  const sheet = given.data.map(inGroups);
  const parsed = parseForm(ctx, sheetForm);
  if (!parsed.ok) return show(visitor, sheet, body.challenge ?? '', parsed.errors.code ?? 'account.codes.form');
  const { challenge: challengeId, code } = parsed.values;
  const verdict = await parts.authenticators.bind({
    ...{ kind: 'recovery-code', sessionKey: visitor.sessionUid, challengeId, response: { code } },
    ...{ subscriber: toBind(visitor), authority: { by: 'subscriber', proofs: visitor.proofs } },
    // What is typed at a recovery has opened no session: there is nothing to end.
  });
  if (verdict.verified) return goTo(visitor, '/account/recovery?notice=codes-made');
  if (verdict.reason === 'step_up_needed') return sendToStepUp(visitor, 'recovery-codes');
  if (verdict.reason === 'expired' || verdict.reason === 'replayed') return goTo(visitor, `${SHEET}/new`);
  return show(visitor, sheet, challengeId, 'account.codes.wrong');
}

/** The codes of the page as a text file: nothing of them is kept here, the page has sent them back. */
export async function downloadRecoveryCodes(visitor: Visitor): Promise<void> {
  const { ctx, parts } = visitor;
  const given = codes.safeParse((ctx.request.body as Record<string, string>).codes);
  if (!given.success) return goTo(visitor, `${SHEET}/new`);
  const say = (key: string, values = {}) => parts.views.messages.t(notesOf(ctx.req).locale, key, values);
  const lines = [
    say('account.codes.heading'),
    say('account.codes.made', { time: dateTime(parts.clock.now()) }),
    '',
    ...given.data.map((code, index) => `${index + 1}. ${inGroups(code)}`),
    '',
    say('account.codes.once'),
    `${parts.cards.issuer}/recover`,
  ];
  ctx.set('Content-Disposition', 'attachment; filename="recovery-codes.txt"');
  ctx.set('Cache-Control', 'no-store');
  ctx.type = 'text/plain; charset=utf-8';
  ctx.body = `\uFEFF${lines.join('\r\n')}\r\n`;
}

const toBind = ({ subscriber: { id, fullName, locale } }: Visitor) => ({
  ...{ id, label: fullName, displayName: fullName, locale },
  ownData: [],
});

import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { may } from '../../../domain/operators/index.ts';
import type { CardRules } from '../../../domain/proofing/index.ts';
import { parseForm } from '../../../platform/forms.ts';
import type { Message } from '../../../platform/messages.ts';
import { whyNot } from '../changes/amend.ts';
import { changeUrl } from '../changes/list.ts';
import { type Said, spoken } from '../changes/spoken.ts';
import { formOf, goTo, type Visit } from '../visit.ts';
import { type NationalPage, nationalPage } from './models.ts';

/** PEM, or base64 alone, as people paste it. */
const pinning = z.object({
  certificate: z
    .string()
    .max(32_768)
    .transform((text) => text.replace(/-----(BEGIN|END) CERTIFICATE-----/g, '').replace(/\s+/g, '')),
  reason: z.string().trim().max(500).default(''),
});
const agreeing = pinning.pick({ reason: true });
const removing = z.object({
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  reason: z.string().trim().max(500).default(''),
});

interface Again {
  readonly entered?: { readonly certificate: string; readonly reason: string };
  readonly faults?: readonly Said[];
  readonly refused?: Message;
}

/** The authorities that vouch for our own cards, and what has to be looked after. */
export async function showNational(visit: Visit, again: Again = {}): Promise<void> {
  const { ctx, parts, acting } = visit;
  const now = parts.clock.now();
  const [{ certificates }, warnings, rules] = await Promise.all([
    parts.trustStore.list(),
    parts.trustStore.warnings(now),
    parts.trustStore.rules(),
  ]);
  const proposes = may(acting.roles, 'trust.propose');
  parts.views.show(
    ctx,
    nationalPage,
    {
      ...visit.frame,
      certificates: certificates
        .filter(({ national }) => national)
        .map(({ sha256, subject, notBefore, notAfter }) => ({
          ...{ sha256, subject, notBefore, notAfter },
          state: notAfter < now ? ('expired' as const) : ('active' as const),
        })),
      warnings: warnings.map(({ what, subject, at, blocking }) => ({ what, subject, at: at ?? null, blocking })),
      rules: rulesOf(rules.inForce),
      agreement:
        proposes && !isDeepStrictEqual(rules.wanted, rules.agreed)
          ? { ...formOf(visit, '/operator/trust/rules'), settings: rulesOf(rules.wanted).map(({ setting }) => setting) }
          : null,
      form: proposes ? formOf(visit, '/operator/trust') : null,
      removal: proposes ? formOf(visit, '/operator/trust/remove') : null,
      entered: again.entered ?? { certificate: '', reason: '' },
      faults: spoken(again.faults ?? [], parts.views.messages),
      refused: again.refused ?? null,
    },
    { path: '/operator/trust', status: again.faults ? 422 : again.refused ? 409 : 200 },
  );
}

/** Each rule in words, and as a setting says it. */
const rulesOf = ({
  CARD_TRUST,
  CARD_STATUS,
  CRL_STALE_DAYS,
  CARD_STATUS_FRESHNESS,
  FACE_PAD_REQUIRED,
}: CardRules): NationalPage['rules'] => [
  { text: `console.national.rule.${CARD_TRUST}`, days: null, setting: `CARD_TRUST=${CARD_TRUST}` },
  { text: `console.national.rule.${CARD_STATUS}`, days: null, setting: `CARD_STATUS=${CARD_STATUS}` },
  { text: 'console.national.rule.days', days: CRL_STALE_DAYS, setting: `CRL_STALE_DAYS=${CRL_STALE_DAYS}` },
  {
    ...{ text: 'console.national.rule.freshness', days: null },
    setting: `CARD_STATUS_FRESHNESS=${CARD_STATUS_FRESHNESS}`,
  },
  {
    ...{ text: `console.national.rule.pad.${FACE_PAD_REQUIRED}`, days: null },
    setting: `FACE_PAD_REQUIRED=${FACE_PAD_REQUIRED}`,
  },
];

/** A certificate that shall vouch for our cards: a change request. */
export async function pinNational(visit: Visit): Promise<void> {
  const parsed = parseForm(visit.ctx, pinning);
  if (!parsed.ok)
    return showNational(visit, { faults: [{ path: 'certificate', message: 'One certificate, as PEM or base64.' }] });
  const { certificate, reason } = parsed.values;
  return draft(visit, { act: 'pin', certificate }, { certificate, reason });
}

/** One that shall vouch no longer. */
export async function removeNational(visit: Visit): Promise<void> {
  const parsed = parseForm(visit.ctx, removing);
  const found = parsed.ok ? await visit.parts.trustStore.national(parsed.values.sha256) : undefined;
  if (!parsed.ok || !found) return showNational(visit, { refused: 'console.national.unknown' });
  const { reason } = parsed.values;
  return draft(visit, { act: 'remove', certificate: found.der.toString('base64') }, { certificate: '', reason });
}

/** That the rules may be as loose as the settings wish, and no looser: a change request. */
export async function agreeOnRules(visit: Visit): Promise<void> {
  const parsed = parseForm(visit.ctx, agreeing);
  const reason = parsed.ok ? parsed.values.reason : '';
  const { wanted: value } = await visit.parts.trustStore.rules();
  return draftOf(visit, { kind: 'card-rules', value, reason }, { certificate: '', reason });
}

const draft = (
  visit: Visit,
  value: { readonly act: 'pin' | 'remove'; readonly certificate: string },
  entered: { readonly certificate: string; readonly reason: string },
): Promise<void> => draftOf(visit, { kind: 'national-csca', value, reason: entered.reason }, entered);

async function draftOf(
  visit: Visit,
  wish: { readonly kind: 'national-csca' | 'card-rules'; readonly value: unknown; readonly reason: string },
  entered: { readonly certificate: string; readonly reason: string },
): Promise<void> {
  const drafted = await visit.parts.approvals.draft({ ...wish, by: visit.acting });
  if (drafted.drafted) return goTo(visit, `${changeUrl(drafted.request)}?notice=drafted`);
  return showNational(visit, { entered, ...whyNot(drafted) });
}

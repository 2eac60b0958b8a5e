import { SIMULATED_CAPTURES } from '../../../domain/biometrics/index.ts';
import {
  CHOSEN_REASONS,
  CLAIMS,
  type CounterApplication,
  counterPolicyAt,
  groundsFor,
  isSeen,
  lastOf,
  MISSING,
  needed,
  OVERRIDES,
  standOf,
} from '../../../domain/counter/index.ts';
import { may } from '../../../domain/operators/index.ts';
import { maskedNumber } from '../../../domain/subscribers/index.ts';
import { dateTime } from '../../../platform/formats.ts';
import type { FieldErrors } from '../../../platform/forms.ts';
import type { Message } from '../../../platform/messages.ts';
import { notesOf } from '../../../platform/request.ts';
import { cardRefused } from '../../card-reading.ts';
import { choices, one, type PostForm } from '../page-parts.ts';
import { namesOf, type Visit } from '../visit.ts';
import { counterCasePage } from './models.ts';
import { accountOf, actOf, applicationOf, COUNTER, counterOf, linkedOf, noteLook } from './visit.ts';

const NOTICES = [
  ...['received', 'open', 'taken', 'self', 'overtaken', 'passed', 'failed', 'inconclusive', 'not_performed'],
  ...['proposed', 'dismissed', 'approved', 'asked', 'card_away', 'practised', 'no_portrait', 'too_many'],
  ...['too_many_captures', 'handed_over', 'stale', 'lapsed', 'card_reported'],
];
/** What a practised reader may say. */
export const PRACTICE = [
  'genuine',
  'document.expired',
  'document.another',
  'document.revoked',
  'chip.unproven',
] as const;

/** What the page says beyond what stands. */
interface Said {
  readonly refused?: Message;
  readonly errors?: FieldErrors;
  readonly entered?: Partial<Record<'capture' | 'statement', string>>;
}

/** One application, to whoever serves it and to whoever confirms. */
export async function showCase(visit: Visit, said: Said = {}): Promise<void> {
  const application = await applicationOf(visit);
  await noteLook(visit, application);
  await show(visit, application, said);
}

async function show(
  visit: Visit,
  application: CounterApplication,
  { refused, errors = {}, entered = {} }: Said,
): Promise<void> {
  const { ctx, parts, acting } = visit;
  const counter = counterOf(visit);
  const { locale } = notesOf(ctx.req);
  const { id, applicant, proposal, training } = application;
  const now = parts.clock.now();
  const account = await accountOf(visit, application);
  const lowered = account && (await parts.subscribers.anewGround(account));
  const [checks, pictures, offices, stands] = await Promise.all([
    counter.checks(id),
    counter.pictures(id),
    parts.operators.officeLine(application.office),
    counter.waiting(application),
  ]);
  // The register may have put another in the place of the one that they came with.
  const number = account && (await parts.subscribers.identityNumber(account.id));
  const names = await namesOf(visit, [
    application.officer,
    application.decidedBy,
    application.secondOfficer,
    proposal?.by,
  ]);
  const name = (who: string | undefined): string | null => (who === undefined ? null : (names.get(who) ?? '–'));
  const serves = may(acting.roles, 'counter.serve');
  const mine = serves && application.officer === acting.operatorId && application.state === 'CHECKING';
  // Whoever left before binding is found anew by whoever serves them now.
  const finds = mine || (serves && application.binding === 'waiting');
  const open = application.decidedAt === undefined;
  const policy = counterPolicyAt(now);
  const at = { policy, now, since: account?.reproofingRequiredSince };
  const stand = (kind: (typeof checks)[number]['kind']) => standOf(kind, checks, at);
  const lacking = needed(application).filter((kind) => stand(kind) !== 'passed');
  const [only] = lacking;
  // What nobody overrides is not offered: a false face, or fingers that the station has not looked for.
  const grounds =
    mine && !proposal && lacking.length === 1 && only && only in OVERRIDES
      ? groundsFor(application, checks, { check: only as keyof typeof OVERRIDES, ...at })
      : [];
  const act = (pattern: string, isOpen: boolean): PostForm | null =>
    isOpen ? actOf(visit, pattern, application) : null;
  const notice = one(ctx.query.notice);
  const firstIsMe = proposal?.by === acting.operatorId;
  parts.views.show(
    ctx,
    counterCasePage,
    {
      ...visit.frame,
      ...{
        reference: application.reference,
        form: application.form,
        phase: application.phase,
        state: application.state,
      },
      training,
      name: applicant?.person?.fullName ?? applicant?.fullName ?? null,
      identityNumber: applicant ? maskedNumber(number ?? applicant.identityNumber) : null,
      birthdate: applicant?.birthdate ?? null,
      office: offices[0]?.name[locale] ?? application.office,
      officer: name(application.officer),
      ...{ receivedAt: application.receivedAt, dueAt: application.dueAt, late: open && application.dueAt < now },
      missing: application.state === 'NEEDS_INFO' ? (applicant?.missing ?? []) : [],
      reason: application.reason ?? null,
      decided: application.decidedAt
        ? { at: application.decidedAt, by: name(application.decidedBy), second: name(application.secondOfficer) }
        : null,
      account: !account
        ? 'none'
        : account.state === 'active'
          ? account.reproofingGround
            ? 'lowered'
            : `level_${account.accountLevel}`
          : account.state === 'locked' && (await counter.liftsLock(application, account))
            ? 'locked_by_guardian'
            : account.state,
      lowered: lowered ?? null,
      linked: account ? await linkedOf(visit, account.id) : [],
      checks: needed(application).map((kind) => {
        const last = lastOf(checks, kind);
        const issues = (last?.detail.issues as readonly string[] | undefined) ?? [];
        const refusal = last?.detail.refusal;
        return {
          ...{ kind, stand: stand(kind), at: last?.at ?? null },
          issues: [
            ...issues.map((issue) => `console.level-2.issue.${issue.replaceAll('_', '-')}`),
            ...(typeof refusal === 'string' ? [refusedWord(refusal)] : []),
          ],
        };
      }),
      pictures: pictures
        .filter((kind) => kind !== 'chip')
        .map((kind) => ({ kind, url: `/operator/counter/${id}/pictures/${kind}` })),
      notice: notice && NOTICES.includes(notice) ? await noticed(visit, application, notice) : null,
      refused: refused ?? null,
      errors,
      entered: { capture: entered.capture ?? '', statement: entered.statement ?? '' },
      acts: {
        take: act(COUNTER.take, serves && open && !mine),
        card: act(training ? COUNTER.practise : COUNTER.card, finds),
        fingerprints: act(COUNTER.fingerprints, finds),
        approve: act(COUNTER.approve, mine && lacking.length === 0),
        propose: act(COUNTER.propose, grounds.length > 0),
        ask: act(COUNTER.ask, mine),
        refuse: act(COUNTER.refuse, serves && open && application.state !== 'NEEDS_INFO'),
        withdraw: act(COUNTER.withdraw, serves && open),
        dismiss: act(COUNTER.dismiss, Boolean(proposal) && (firstIsMe || may(acting.roles, 'counter.confirm'))),
        confirm: act(COUNTER.confirm, Boolean(proposal) && may(acting.roles, 'counter.confirm')),
        code: act(COUNTER.code, serves && application.binding === 'waiting'),
      },
      look: !isSeen(checks, { ...at, officer: acting.operatorId }),
      portraitUrl: finds ? `/operator/counter/${id}/portrait` : null,
      handoutUrl: account ? `/operator/counter/${id}/handout` : null,
      practice: training ? choices(PRACTICE, undefined, (value) => practised(value)).options.slice(1) : [],
      captures: training || parts.views.sandbox ? Object.keys(SIMULATED_CAPTURES) : [],
      claims:
        account?.recordedLevel === 1
          ? choices(CLAIMS, 'own', (value) => `console.level-2.claim.${value}`).options.slice(1)
          : [],
      overrides: choices(
        grounds,
        undefined,
        (value) => `console.level-2.ground.${value.replaceAll('_', '-')}`,
      ).options.slice(1),
      reasons: choices(
        CHOSEN_REASONS,
        undefined,
        (value) => `console.level-2.reason.${value ? value.replaceAll('_', '-') : 'choose'}`,
      ).options,
      missable: choices(
        MISSING,
        undefined,
        (value) => `console.level-2.missing.${value ? value.replaceAll('_', '-') : 'choose'}`,
      ).options,
      proposal: proposal
        ? {
            ...{ check: proposal.check, ground: proposal.ground, statement: proposal.statement, claim: proposal.claim },
            ...{ by: name(proposal.by) ?? '–', mine: firstIsMe, shown: stands?.shown ?? null },
          }
        : null,
    },
    { path: null, status: refused ? 409 : Object.keys(errors).length > 0 ? 422 : 200 },
  );
}

/** What came of a step. Of too many tries: when the next one is open, unless it is by now. */
async function noticed(visit: Visit, application: CounterApplication, notice: string): Promise<Message | null> {
  const key = `console.level-2.notice.${notice.replaceAll('_', '-')}`;
  if (notice !== 'too_many' && notice !== 'too_many_captures') return key;
  const kind = notice === 'too_many' ? 'face_match' : 'fingerprint_match';
  const opens = await counterOf(visit).opensAt(application, kind);
  // The minute in which it opens has begun before.
  return opens ? { key, values: { time: dateTime(new Date(opens.getTime() + 59_999)) } } : null;
}

const practised = (value: string): string =>
  value === 'genuine' ? 'console.level-2.practice.genuine' : refusedWord(value || 'document.another');

/** The sentence of a card that was refused; it is the one that its holder reads elsewhere. */
const refusedWord = (code: string): string => String(cardRefused(code as Parameters<typeof cardRefused>[0]));

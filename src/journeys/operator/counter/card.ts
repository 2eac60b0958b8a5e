import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { CounterApplication, Examination } from '../../../domain/counter/index.ts';
import { EidError } from '../../../platform/errors.ts';
import { parseForm, pressed } from '../../../platform/forms.ts';
import type { Message } from '../../../platform/messages.ts';
import {
  type CardReading,
  cardRefused,
  openReading,
  readingEnd,
  readingForm,
  readingState,
  sameReading,
} from '../../card-reading.ts';
import type { Visit } from '../visit.ts';
import { PRACTICE, showCase } from './case.ts';
import { counterCardPage } from './models.ts';
import { silent } from './steps.ts';
import { actOf, applicationOf, backTo, COUNTER, counterOf, officerOf } from './visit.ts';

/** The reader's challenge of this page, sealed for the session of this officer and this application. */
interface Asked {
  readonly application: string;
  readonly session: string;
  readonly challenge: string;
}
const contextOf = (visit: Visit): string => `counter card ${visit.sessionKey}`;

/** Every file: the portrait of the chip is compared with where the register has none. */
const deskOf = ({ parts }: Visit) => ({ ...parts.cards, reads: 'all' as const });

/** Opens a reading. It is begun anew at each look: a challenge lives two minutes. */
export async function openCard(visit: Visit): Promise<void> {
  const application = await applicationOf(visit);
  await open(visit, application);
}

async function open(visit: Visit, application: CounterApplication, notice: Message | null = null): Promise<void> {
  const { parts, sessionKey } = visit;
  const asked: Asked = {
    application: application.id,
    session: randomBytes(16).toString('base64url'),
    challenge: randomBytes(8).toString('base64url'),
  };
  const challengeId = parts.sealer.sealText(JSON.stringify(asked), contextOf(visit));
  const begun = { begun: true, challengeId, request: { session: asked.session, challenge: asked.challenge } } as const;
  const at = { sessionKey, stateUrl: stateUrl(application), now: parts.clock.now() };
  show(visit, application, { reading: await openReading(deskOf(visit), begun, at), notice });
}

const stateUrl =
  ({ id }: CounterApplication) =>
  (session: string): string =>
    `/operator/counter/${id}/card/${session}`;

function show(
  visit: Visit,
  application: CounterApplication,
  { reading, notice }: { readonly reading: CardReading; readonly notice: Message | null },
): void {
  const form = actOf(visit, COUNTER.read, application);
  const model = {
    reference: application.reference,
    reading,
    form,
    notice,
    backUrl: `/operator/counter/${application.id}`,
  };
  visit.parts.views.show(visit.ctx, counterCardPage, { ...visit.frame, ...model }, { path: null });
}

/** The page was posted: the card was read, or somebody thinks so. */
export async function readCard(visit: Visit): Promise<void> {
  const { ctx, parts, sessionKey } = visit;
  const application = await applicationOf(visit);
  const parsed = parseForm(ctx, readingForm);
  const asked = parsed.ok ? askedIn(visit, parsed.values.challenge) : undefined;
  if (!parsed.ok || pressed(ctx, 'again') || asked?.application !== application.id) return open(visit, application);
  const { session } = parsed.values;
  if (session !== asked.session) return open(visit, application);
  const end = await readingEnd(deskOf(visit), session, sessionKey);
  if (end === 'waiting') {
    const at = { stateUrl: stateUrl(application)(session), now: parts.clock.now() };
    return show(visit, application, { reading: sameReading(deskOf(visit), parsed.values, at), notice: 'card.not-yet' });
  }
  if (!end) return open(visit, application, 'rejected.card.expired');
  const counter = counterOf(visit);
  const examined = await counter.card(application, end, asked, officerOf(visit));
  return examined.done && examined.refusal
    ? open(visit, application, cardRefused(examined.refusal))
    : back(visit, application, examined);
}

const back = (visit: Visit, application: CounterApplication, examined: Examination): void =>
  backTo(visit, application, examined.done ? examined.result : examined.reason);

function askedIn(visit: Visit, sealed: string): Asked | undefined {
  try {
    return JSON.parse(visit.parts.sealer.openText(sealed, contextOf(visit))) as Asked;
  } catch {
    // Not sealed by us, or for another session.
    return undefined;
  }
}

/** For the waiting page's script. */
export async function cardState(visit: Visit): Promise<void> {
  const { ctx, sessionKey } = visit;
  if (!ctx.params.session) throw new EidError('http.not_found');
  ctx.body = { state: await readingState(deskOf(visit), ctx.params.session, sessionKey) };
}

const practising = z.object({ outcome: z.enum(PRACTICE, 'console.level-2.choose') });

/** In a training office no card is read: what a reader might have said is chosen. */
export async function practiseCard(visit: Visit): Promise<void> {
  const application = await applicationOf(visit);
  const parsed = parseForm(visit.ctx, practising);
  if (!parsed.ok) return showCase(visit, { errors: parsed.errors });
  try {
    const done = await counterOf(visit).practisedCard(application, parsed.values.outcome, officerOf(visit));
    return back(visit, application, done);
  } catch (error) {
    return silent(visit, error);
  }
}

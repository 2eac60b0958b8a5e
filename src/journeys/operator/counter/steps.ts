import { z } from 'zod';
import {
  CHOSEN_REASONS,
  CLAIMS,
  type Decided,
  type DecidingRefusal,
  lastOf,
  MISSING,
  needed,
  OVERRIDE_GROUNDS,
  OVERRIDES,
} from '../../../domain/counter/index.ts';
import { EidError } from '../../../platform/errors.ts';
import { parseForm } from '../../../platform/forms.ts';
import type { Message } from '../../../platform/messages.ts';
import { goTo, type Visit } from '../visit.ts';
import { showCase } from './case.ts';
import { applicationOf, backTo, COUNTER, counterOf, officerOf } from './visit.ts';

/** A step that says in one word what came of it. */
const said = (visit: Visit, id: { readonly id: string }, word: string): void => backTo(visit, id, word);

export async function take(visit: Visit): Promise<void> {
  const application = await applicationOf(visit);
  return said(visit, application, await counterOf(visit).take(application, officerOf(visit)));
}

const asking = z.object({ missing: z.enum(MISSING, 'console.level-2.choose') });
export async function askFor(visit: Visit): Promise<void> {
  const application = await applicationOf(visit);
  const parsed = parseForm(visit.ctx, asking);
  if (!parsed.ok) return showCase(visit, { errors: parsed.errors });
  return said(
    visit,
    application,
    await counterOf(visit).askFor(application, [parsed.values.missing], officerOf(visit)),
  );
}

const refusing = z.object({ reason: z.enum(CHOSEN_REASONS as [string, ...string[]], 'console.level-2.choose') });
export async function refuseApplication(visit: Visit): Promise<void> {
  const application = await applicationOf(visit);
  const parsed = parseForm(visit.ctx, refusing);
  if (!parsed.ok) return showCase(visit, { errors: parsed.errors });
  const reason = parsed.values.reason as (typeof CHOSEN_REASONS)[number];
  const done = await counterOf(visit).refuse(application, reason, officerOf(visit));
  return done === 'refused' ? goTo(visit, `${COUNTER.queue}?notice=refused`) : said(visit, application, done);
}

export async function withdraw(visit: Visit): Promise<void> {
  const application = await applicationOf(visit);
  const done = await counterOf(visit).withdraw(application, officerOf(visit));
  return done === 'withdrawn' ? goTo(visit, `${COUNTER.queue}?notice=withdrawn`) : said(visit, application, done);
}

const captured = z.object({
  capture: z.string('console.level-2.capture.form').trim().min(1, 'console.level-2.capture.form').max(60),
});

/** Asks the system what its station has found of this capture. */
export async function takeFingerprints(visit: Visit): Promise<void> {
  const application = await applicationOf(visit);
  const parsed = parseForm(visit.ctx, captured);
  if (!parsed.ok) return showCase(visit, { errors: parsed.errors });
  const { capture } = parsed.values;
  try {
    const found = await counterOf(visit).fingerprints(application, capture, officerOf(visit));
    if (found.done) return said(visit, application, found.result);
    if (found.reason === 'capture_used' || found.reason === 'capture_form') {
      const errors = { capture: `console.level-2.capture.${found.reason === 'capture_used' ? 'used' : 'form'}` };
      return showCase(visit, { errors, entered: { capture } });
    }
    return said(visit, application, found.reason);
  } catch (error) {
    return silent(visit, error, { capture });
  }
}

/** Whoever is asked does not answer: nothing is recorded, and it is asked again. */
export function silent(visit: Visit, error: unknown, entered: { readonly capture?: string } = {}): Promise<void> {
  if (!(error instanceof EidError) || !error.code.endsWith('.unavailable')) throw error;
  return showCase(visit, { refused: `errors.${error.code}`, entered });
}

const approval = z.object({
  seen: z.literal('yes', 'console.level-2.seen.missing'),
  claim: z.enum(CLAIMS, 'console.level-2.choose').default('own'),
});

export async function approve(visit: Visit): Promise<void> {
  const application = await applicationOf(visit);
  const parsed = parseForm(visit.ctx, approval);
  if (!parsed.ok) return showCase(visit, { errors: parsed.errors });
  return decided(visit, application, 'approved', (counter) =>
    counter.approve(application, parsed.values.claim, officerOf(visit)),
  );
}

const proposing = approval.extend({
  ground: z.enum(OVERRIDE_GROUNDS, 'console.level-2.choose'),
  statement: z
    .string('console.level-2.statement.missing')
    .trim()
    .min(10, 'console.level-2.statement.missing')
    .max(1_000),
});

/** Asks a second officer. Which of the two has not passed, the application says. */
export async function propose(visit: Visit): Promise<void> {
  const application = await applicationOf(visit);
  const parsed = parseForm(visit.ctx, proposing);
  if (!parsed.ok)
    return showCase(visit, { errors: parsed.errors, entered: { statement: parsed.entered.statement ?? '' } });
  const { ground, statement, claim } = parsed.values;
  const checks = await counterOf(visit).checks(application.id);
  const check = needed(application).find((kind) => kind in OVERRIDES && lastOf(checks, kind)?.result !== 'passed');
  return decided(visit, application, 'proposed', (counter) =>
    counter.propose(
      application,
      { check: (check ?? 'face_match') as keyof typeof OVERRIDES, ground, statement, claim },
      officerOf(visit),
    ),
  );
}

const confirming = z.object({ shown: z.string().regex(/^[0-9a-f]{64}$/) });

/** The second officer, in their own session: of what this very page has shown them. */
export async function confirm(visit: Visit): Promise<void> {
  const application = await applicationOf(visit);
  const parsed = parseForm(visit.ctx, confirming);
  if (!parsed.ok) return refusedBy(visit, 'changed');
  return decided(visit, application, 'approved', (counter) =>
    counter.confirm(application, parsed.values.shown, officerOf(visit)),
  );
}

export async function dismiss(visit: Visit): Promise<void> {
  const application = await applicationOf(visit);
  return decided(visit, application, 'dismissed', (counter) => counter.dismiss(application, officerOf(visit)));
}

async function decided(
  visit: Visit,
  application: { readonly id: string },
  word: string,
  decide: (counter: ReturnType<typeof counterOf>) => Promise<Decided>,
): Promise<void> {
  try {
    const done = await decide(counterOf(visit));
    return done.decided ? said(visit, application, word) : await refusedBy(visit, done.reason);
  } catch (error) {
    return silent(visit, error);
  }
}

/** Not decided: the page as it stands now, and why. The journal has who tried to confirm what is their own. */
async function refusedBy(visit: Visit, reason: DecidingRefusal): Promise<void> {
  const { parts, acting } = visit;
  if (reason === 'same_officer' || reason === 'self' || reason === 'another_tree')
    await parts.write([
      parts.journal.append({
        type: 'operator.refused',
        actor: { kind: 'operator', id: acting.operatorId },
        detail: {
          why: reason,
          permission: 'counter.confirm',
          route: COUNTER.confirm,
          method: 'POST',
          operator: acting.operatorId,
        },
      }),
    ]);
  return showCase(visit, { refused: `console.level-2.refused.${reason.replaceAll('_', '-')}` satisfies Message });
}

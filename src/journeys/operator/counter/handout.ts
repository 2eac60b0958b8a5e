import { z } from 'zod';
import type { CounterApplication } from '../../../domain/counter/index.ts';
import { EidError } from '../../../platform/errors.ts';
import { parseForm } from '../../../platform/forms.ts';
import { notesOf } from '../../../platform/request.ts';
import type { Visit } from '../visit.ts';
import { showCase } from './case.ts';
import { counterHandoutPage } from './models.ts';
import { accountOf, applicationOf, backTo, counterOf, linkedOf, noteLook, officerOf } from './visit.ts';

/** Where the person types the code: on their own telephone, or at the office's kiosk. */
export const BINDING_PATH = '/counter';

/** What the person reads before anything is decided: where the account is linked, and what the upgrade ends. */
export async function showHandout(visit: Visit): Promise<void> {
  const application = await applicationOf(visit);
  await noteLook(visit, application);
  await show(visit, application, null);
}

const handing = z.object({ seen: z.literal('yes') });

/** The code to bind afresh: shown once, to be put into the person's hands. */
export async function giveCode(visit: Visit): Promise<void> {
  const application = await applicationOf(visit);
  const parsed = parseForm(visit.ctx, handing);
  const given = await counterOf(visit).giveCode(application, officerOf(visit), parsed.ok);
  if (!given.given && given.reason === 'unseen')
    return showCase(visit, { errors: { seen: 'console.level-2.seen.missing' } });
  if (!given.given) return backTo(visit, application, given.reason);
  await noteLook(visit, application);
  const address = `${visit.parts.issuer}${BINDING_PATH}`;
  await show(visit, application, { code: given.code, until: given.until, address });
}

/** Whoever was given anything of an account that is closed, and whether they have to be told by hand. */
async function toldOf({ parts, ctx }: Visit, retiredId: string) {
  const { locale } = notesOf(ctx.req);
  const withdrawn = await parts.consents.withdrawals(retiredId);
  const clients = new Map(withdrawn.map(({ clientId, told }) => [clientId, told === 'by_hand']));
  const named = await Promise.all(
    [...clients].map(async ([clientId, byHand]) => {
      const name = (await parts.relyingParties.find(clientId))?.relyingParty.name[locale];
      return name === undefined ? [] : [{ name, byHand }];
    }),
  );
  return named.flat();
}

async function show(
  visit: Visit,
  application: CounterApplication,
  code: { readonly code: string; readonly until: Date; readonly address: string } | null,
): Promise<void> {
  const account = await accountOf(visit, application);
  if (!account) throw new EidError('http.not_found');
  const model = {
    ...{
      reference: application.reference,
      name: account.fullName,
      code,
      backUrl: `/operator/counter/${application.id}`,
    },
    linked: await linkedOf(visit, account.id),
    retired: application.retiredId === undefined ? null : await toldOf(visit, application.retiredId),
  };
  visit.parts.views.show(visit.ctx, counterHandoutPage, { ...visit.frame, ...model }, { path: null });
}

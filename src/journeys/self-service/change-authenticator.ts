import { z } from 'zod';
import { type Authenticator, FORM_SECONDS } from '../../domain/authenticators/index.ts';
import { EidError } from '../../platform/errors.ts';
import { fields, parseForm, pressed } from '../../platform/forms.ts';
import { authorityFor, beginsChange } from './begun-change.ts';
import { cardOf, givenName } from './methods.ts';
import { removePage, renamePage } from './models.ts';
import { sendToStepUp, type Visitor } from './visitor.ts';

const nameForm = z.object({ name: fields.name });

/** One of the visitor's own authenticators; somebody else's does not exist here. */
async function ownOne(visitor: Visitor): Promise<Authenticator> {
  const all = await visitor.parts.authenticators.of(visitor.subscriber.id);
  const one = all.find((each) => each.id === visitor.ctx.params.id);
  if (!one) throw new EidError('http.not_found');
  return one;
}

const pathOf = ({ ctx }: Visitor, what: string): string => `/account/authenticators/${ctx.params.id}/${what}`;

const back = ({ ctx }: Visitor, notice?: string): void => {
  ctx.status = 303;
  ctx.redirect(notice ? `/account/authenticators?notice=${notice}` : '/account/authenticators');
  ctx.status = 303;
};

const renaming = ({ id }: Authenticator): string => `rename ${id}`;

/** A name of one's own for an authenticator. */
export async function showRename(visitor: Visitor, errors = {}, entered?: string): Promise<void> {
  const one = await ownOne(visitor);
  const { parts, ctx } = visitor;
  // Asked before anything is typed, which would be lost on the way.
  const begun = await beginsChange(visitor, renaming(one), { seconds: FORM_SECONDS });
  if (begun === undefined) return sendToStepUp(visitor, 'methods');
  parts.views.show(
    ctx,
    renamePage,
    {
      action: pathOf(visitor, 'rename'),
      csrf: parts.csrf.token(visitor.sessionUid, 'rename'),
      ...{ errors, begun },
      authenticator: cardOf(one),
      name: entered ?? givenName(one),
    },
    { path: pathOf(visitor, 'rename') },
  );
}

export async function renameOne(visitor: Visitor): Promise<void> {
  if (pressed(visitor.ctx, 'cancel')) return back(visitor);
  const parsed = parseForm(visitor.ctx, nameForm);
  if (!parsed.ok) return showRename(visitor, parsed.errors, parsed.entered.name);
  const one = await ownOne(visitor);
  const { subscriber, parts } = visitor;
  const renamed = await parts.authenticators.rename({
    ...{ subscriberId: subscriber.id, authenticatorId: one.id, name: parsed.values.name },
    authority: authorityFor(visitor, renaming(one)),
  });
  if (!renamed.renamed && renamed.reason === 'step_up_needed') return sendToStepUp(visitor, 'methods');
  return renamed.renamed ? back(visitor, 'renamed') : back(visitor);
}

/** Asks once more, and says so when it is the last strong proof. */
export async function showRemove(visitor: Visitor, errors = {}): Promise<void> {
  const one = await ownOne(visitor);
  const { parts, ctx, subscriber } = visitor;
  const { lastStrong, mustStay } = await parts.authenticators.weighRemoval({
    ...{ subscriberId: subscriber.id, accountLevel: subscriber.accountLevel, authenticatorId: one.id },
  });
  parts.views.show(
    ctx,
    removePage,
    {
      action: pathOf(visitor, 'remove'),
      csrf: parts.csrf.token(visitor.sessionUid, 'remove'),
      errors,
      authenticator: cardOf(one),
      lastStrong,
      // Told before it is asked for; the rule itself is `authenticators.unbind`, which refuses it again.
      mustStay: mustStay ?? null,
      addPasskeyUrl: '/account/passkeys/new',
    },
    { path: pathOf(visitor, 'remove') },
  );
}

export async function removeOne(visitor: Visitor): Promise<void> {
  if (pressed(visitor.ctx, 'cancel')) return back(visitor);
  const one = await ownOne(visitor);
  const { subscriber, proofs, sessionUid, parts } = visitor;
  const verdict = await parts.authenticators.unbind({
    subscriberId: subscriber.id,
    accountLevel: subscriber.accountLevel,
    authenticatorId: one.id,
    authority: { by: 'subscriber', proofs },
    ending: () => parts.endingOthers(subscriber.id, sessionUid),
  });
  if (verdict.unbound) return back(visitor, 'removed');
  if (verdict.reason === 'step_up_needed') return sendToStepUp(visitor, 'methods');
  return showRemove(visitor, { authenticator: `remove.refused.${verdict.reason}` });
}

import { z } from 'zod';
import { type OperatorState, type OperatorWish, ROLES, type Role } from '../../../domain/operators/index.ts';
import { parseForm } from '../../../platform/forms.ts';
import { newId } from '../../../platform/ids.ts';
import type { Message } from '../../../platform/messages.ts';
import { whyNot } from '../changes/amend.ts';
import { changeUrl } from '../changes/list.ts';
import { type Said, spoken } from '../changes/spoken.ts';
import { formOf, goTo, type Visit } from '../visit.ts';
import { officeChoices, operatorUrl, STATES } from './list.ts';
import { invitedSecondPage, operatorFormPage } from './models.ts';
import { operatorOf } from './operator.ts';

const text = (most: number) => z.string().trim().max(most).default('');
/** A box for each role, by its name: each field of a form comes once. */
const boxes = Object.fromEntries(ROLES.map((role) => [`role.${role}`, z.string().optional()]));
const form = z.object({
  name: text(200),
  email: text(300),
  identityNumber: text(64),
  office: text(80),
  state: z.enum(STATES).default('invited'),
  reason: text(500),
  ...boxes,
});
type Entered = z.infer<typeof form>;

const rolesOf = (entered: Readonly<Record<string, unknown>>): Role[] =>
  ROLES.filter((role) => entered[`role.${role}`] !== undefined);

interface Again {
  readonly entered?: Partial<Entered>;
  readonly faults?: readonly Said[];
  readonly refused?: Message;
}

/** Somebody new. */
export const showInvite = (visit: Visit, again: Again = {}): Promise<void> =>
  show(visit, {
    ...again,
    person: null,
    action: formOf(visit, '/operator/operators'),
    path: '/operator/operators/new',
    backUrl: '/operator/operators',
    states: [],
  });

/** The same form for who is there already: what they may do, where, and whether. */
export async function showChangeOperator(visit: Visit, again: Again = {}): Promise<void> {
  const operator = await operatorOf(visit);
  const roles = Object.fromEntries(operator.roles.map((role) => [`role.${role}`, 'yes']));
  const { name, email, office, state } = operator;
  return show(visit, {
    ...again,
    person: name,
    action: formOf(visit, '/operator/operators/:id/change', operator.id),
    path: `${operatorUrl(operator.id)}/change`,
    backUrl: operatorUrl(operator.id),
    entered: again.entered ?? { name, email, office, state, ...roles },
    states: STATES,
  });
}

async function show(
  visit: Visit,
  page: Again & {
    readonly person: string | null;
    readonly action: ReturnType<typeof formOf>;
    readonly path: string;
    readonly backUrl: string;
    readonly states: readonly OperatorState[];
  },
): Promise<void> {
  const { entered = {}, faults = [], refused = null } = page;
  const { name = '', email = '', identityNumber = '', reason = '' } = entered;
  const roles = rolesOf(entered);
  visit.parts.views.show(
    visit.ctx,
    operatorFormPage,
    {
      ...visit.frame,
      ...{ person: page.person, form: page.action, backUrl: page.backUrl, refused },
      faults: spoken(faults, visit.parts.views.messages),
      entered: { name, email, identityNumber, reason },
      offices: officeChoices(visit, await visit.parts.operators.offices(), entered.office),
      states: page.states.map((value) => ({
        value,
        label: `operator.state.${value}`,
        chosen: value === entered.state,
      })),
      roles: ROLES.map((role) => ({ role, chosen: roles.includes(role) })),
    },
    { path: page.path, status: faults.length > 0 ? 422 : refused ? 409 : 200 },
  );
}

/**
 * An invitation as a change request; the first operator, who has nobody to agree with, invites the second alone. The number
 * is kept as a keyed hash and shown to nobody again; whoever agrees types it from a paper of their own.
 */
export async function invite(visit: Visit): Promise<void> {
  const { ctx, parts, acting } = visit;
  const parsed = parseForm(ctx, form);
  if (!parsed.ok) return showInvite(visit, { faults: [{ path: '', message: 'Something is too long.' }] });
  const { state: _, reason, ...given } = parsed.values;
  const { name, email, identityNumber, office } = given;
  const roles = rolesOf(parsed.values);
  const again = { entered: { ...parsed.values, identityNumber: '' } };
  if (!parts.operators.personOf(identityNumber))
    return showInvite(visit, {
      ...again,
      faults: [{ path: 'identityNumber', message: 'An identity number has 12 digits.' }],
    });
  const begun = await parts.operators.inviteSecond({ name, email, identityNumber, office, roles }, acting);
  if (begun.begun) {
    const { code, expiresAt } = begun;
    return parts.views.show(ctx, invitedSecondPage, { ...visit.frame, name, code, expiresAt }, { path: null });
  }
  if (begun.reason === 'faulty') return showInvite(visit, { ...again, faults: begun.faults });
  if (begun.reason !== 'done_before') return showInvite(visit, { ...again, refused: `invite.refused.${begun.reason}` });
  const value: OperatorWish = { id: newId(), identityNumber, name, email, office, roles, state: 'invited' };
  const drafted = await parts.approvals.draft({ kind: 'operator', value, reason, by: acting });
  if (drafted.drafted) return goTo(visit, `${changeUrl(drafted.request)}?notice=drafted`);
  return showInvite(visit, { ...again, ...whyNot(drafted) });
}

/** Other roles, another office, back from a suspension: a change request. */
export async function changeOperator(visit: Visit): Promise<void> {
  const { ctx, parts, acting } = visit;
  const { id } = await operatorOf(visit);
  const parsed = parseForm(ctx, form);
  if (!parsed.ok) return showChangeOperator(visit, { faults: [{ path: '', message: 'Something is too long.' }] });
  const { name, email, office, state, reason } = parsed.values;
  const value: OperatorWish = { id, name, email, office, roles: rolesOf(parsed.values), state };
  const drafted = await parts.approvals.draft({ kind: 'operator', value, reason, by: acting });
  if (drafted.drafted) return goTo(visit, `${changeUrl(drafted.request)}?notice=drafted`);
  return showChangeOperator(visit, { entered: parsed.values, ...whyNot(drafted) });
}

import type { ApplyRefusal, Organisations } from '../../../domain/organisations/index.ts';
import { EidError } from '../../../platform/errors.ts';
import type { FieldErrors } from '../../../platform/forms.ts';
import { formOf, goTo } from '../page-parts.ts';
import type { Visitor } from '../visitor.ts';
import { ACTS, idIn, PATHS, rowOf, toStrongProof } from './list.ts';
import { newOrganisationPage, organisationApplicationPage } from './models.ts';

const FAULTS: Record<Exclude<ApplyRefusal, 'level' | 'step_up'>, string> = {
  malformed: 'organisations.code.malformed',
  too_many: 'organisations.code.too-many',
  open_already: 'organisations.code.open-already',
  acts_already: 'organisations.code.acts-already',
};

/** Asks for the code alone: everything else the register says. */
export function showApply(visitor: Visitor, errors: FieldErrors = {}, code = ''): void {
  const { ctx, parts, subscriber } = visitor;
  const model = { ...formOf(visitor, PATHS.one, ACTS.one), errors, code, backUrl: PATHS.all };
  if (subscriber.accountLevel < 2) goTo(visitor, PATHS.all);
  else parts.views.show(ctx, newOrganisationPage, model, { path: PATHS.one });
}

export async function takeApply(visitor: Visitor, organisations: Organisations): Promise<void> {
  const { ctx, subscriber, proofs } = visitor;
  const { code = '' } = ctx.request.body as Record<string, string>;
  const done = await organisations.apply(subscriber, { code, proofs });
  if (done.applied) return goTo(visitor, `${PATHS.all}?notice=organisation-applied`);
  if (done.reason === 'level') return goTo(visitor, PATHS.all);
  if (done.reason === 'step_up') return toStrongProof(visitor, 'add-organisation');
  return showApply(visitor, { code: FAULTS[done.reason] }, code.slice(0, 64));
}

/** How an application of mine stands, and who has not answered yet. Another's does not exist here. */
export async function showApplication(visitor: Visitor, organisations: Organisations): Promise<void> {
  const { ctx, parts, subscriber } = visitor;
  const found = await organisations.application(subscriber, ctx.params.id ?? '');
  if (!found) throw new EidError('http.not_found');
  const { id, state, known, answers, reason, waitingFor, dueAt, answerBefore } = found;
  const open = state === 'SUBMITTED' || state === 'CHECKING';
  const answerOf = (hash: string) => answers.find(({ numberHash }) => numberHash === hash)?.answer ?? null;
  parts.views.show(
    ctx,
    organisationApplicationPage,
    {
      ...rowOf(found),
      ...{ id, dueAt, reason: reason ?? null, waitingFor: waitingFor ?? null, answerBefore: answerBefore ?? null },
      overdue: open && waitingFor !== 'consents' && dueAt < parts.clock.now(),
      asked: (known?.asked ?? []).map(({ fullName, role, numberHash }) => ({
        ...{ name: fullName, role, answer: answerOf(numberHash) },
      })),
      withdraw: open ? formOf(visitor, PATHS.withdraw, ACTS.withdraw) : null,
      backUrl: PATHS.all,
    },
    { path: `${PATHS.application}/${id}` },
  );
}

export async function withdrawApplication(visitor: Visitor, organisations: Organisations): Promise<void> {
  const withdrawn = await organisations.withdraw(visitor.subscriber, idIn(visitor));
  goTo(visitor, `${PATHS.all}?notice=organisation-${withdrawn ? 'withdrawn' : 'gone'}`);
}

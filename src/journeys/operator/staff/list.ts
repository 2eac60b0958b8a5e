import { z } from 'zod';
import { may, type Office, type Operator, type OperatorState } from '../../../domain/operators/index.ts';
import { parseForm } from '../../../platform/forms.ts';
import type { Message } from '../../../platform/messages.ts';
import { notesOf } from '../../../platform/request.ts';
import { type Choice, choices, one, pagesOf } from '../page-parts.ts';
import { formOf, goTo, type Visit } from '../visit.ts';
import { type OperatorRow, officesPage, staffPage } from './models.ts';

const SIZE = 50;
/** In the order in which one asks for them. */
export const STATES = ['active', 'invited', 'suspended', 'retired'] as const satisfies readonly OperatorState[];

/** Operators by name, with where they work and what they may do. */
export async function listStaff(visit: Visit): Promise<void> {
  const { ctx, parts, acting } = visit;
  const named = one(ctx.query.named)?.trim().slice(0, 100) ?? '';
  const offices = await parts.operators.offices();
  const state = choices(STATES, one(ctx.query.state), (value) => (value ? `operator.state.${value}` : 'console.any'));
  const asked = offices.find(({ id }) => id === one(ctx.query.office))?.id;
  const after = one(ctx.query.from);
  const found = await parts.operators.list({
    ...(named ? { named } : {}),
    ...(state.chosen ? { state: state.chosen } : {}),
    ...(asked ? { office: asked } : {}),
    ...(after ? { after } : {}),
    limit: SIZE + 1,
  });
  const shown = found.slice(0, SIZE);
  parts.views.show(ctx, staffPage, {
    ...visit.frame,
    named,
    state: state.options,
    office: [{ value: '', label: 'console.any', chosen: !asked }, ...officeChoices(visit, offices, asked)],
    rows: shown.map((operator) => rowOf(visit, operator, offices)),
    inviteUrl: may(acting.roles, 'operators.propose') ? '/operator/operators/new' : null,
    officesUrl: '/operator/offices',
    ...pagesOf('/operator/operators', ctx.query, found.length > SIZE ? shown.at(-1)?.id : undefined),
  });
}

/** An operator as a line. */
export const rowOf = ({ ctx }: Visit, operator: Operator, offices: readonly Office[]): OperatorRow => ({
  url: operatorUrl(operator.id),
  ...{ name: operator.name, email: operator.email, roles: operator.roles, state: operator.state },
  office: offices.find(({ id }) => id === operator.office)?.name[notesOf(ctx.req).locale] ?? operator.office,
  lastSeenAt: operator.lastSeenAt ?? null,
});

/** Where an operator is looked at. */
export const operatorUrl = (id: string): string => `/operator/operators/${id}`;

/** The offices as values of a select, communes behind a dash. */
export function officeChoices({ ctx }: Visit, offices: readonly Office[], chosen: string | undefined): Choice[] {
  const { locale } = notesOf(ctx.req);
  return inTree(offices).map(({ id, kind, name }) => ({
    value: id,
    label: { text: `${kind === 'commune' ? '– ' : ''}${name[locale]}` },
    chosen: id === chosen,
  }));
}

/** Each province with its communes behind it. */
const inTree = (offices: readonly Office[]): Office[] =>
  offices
    .filter(({ kind }) => kind !== 'commune')
    .flatMap((office) => [
      office,
      ...offices.filter(({ kind, parentId }) => kind === 'commune' && parentId === office.id),
    ]);

const commune = z.object({
  parent: z.string().max(60),
  id: z.string().trim().max(80),
  vi: z.string().trim().max(200),
  en: z.string().trim().max(200),
  training: z.literal('yes').optional(),
});

/** The tree of offices. */
export async function showOffices(
  visit: Visit,
  again: { readonly entered?: z.infer<typeof commune>; readonly refused?: Message } = {},
): Promise<void> {
  const { ctx, parts, acting } = visit;
  const { locale } = notesOf(ctx.req);
  const offices = await parts.operators.offices();
  const { id = '', vi = '', en = '', parent } = again.entered ?? {};
  const provinces = offices.filter(({ kind }) => kind === 'province');
  parts.views.show(
    ctx,
    officesPage,
    {
      ...visit.frame,
      nation: offices.find(({ kind }) => kind === 'nation')?.name[locale] ?? '',
      provinces: provinces.map((province) => ({
        id: province.id,
        name: province.name[locale],
        communes: offices
          .filter(({ parentId }) => parentId === province.id)
          .map((office) => ({ id: office.id, name: office.name[locale], training: office.training ?? false })),
      })),
      form: may(acting.roles, 'operators.propose') ? formOf(visit, '/operator/offices') : null,
      parents: officeChoices(visit, provinces, parent),
      entered: { id, vi, en },
      refused: again.refused ?? null,
      notice: one(ctx.query.notice) === 'added' ? 'console.offices.notice.added' : null,
    },
    { path: '/operator/offices', status: again.refused ? 422 : 200 },
  );
}

/** A commune below its province. */
export async function addOffice(visit: Visit): Promise<void> {
  const parsed = parseForm(visit.ctx, commune);
  if (!parsed.ok) return showOffices(visit, { refused: 'console.offices.refused.faulty' });
  const { parent: parentId, id, vi, en, training } = parsed.values;
  const added = await visit.parts.operators.addOffice(
    { id, parentId, name: { vi, en }, training: training === 'yes' },
    visit.acting,
  );
  if (added.added) return goTo(visit, '/operator/offices?notice=added');
  return showOffices(visit, { entered: parsed.values, refused: `console.offices.refused.${added.reason}` });
}

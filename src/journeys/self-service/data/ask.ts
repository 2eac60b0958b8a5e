import { z } from 'zod';
import { CORRECTION_SUBJECTS } from '../../../domain/data-requests/index.ts';
import { parseForm } from '../../../platform/forms.ts';
import { newId } from '../../../platform/ids.ts';
import { formOf, goTo } from '../page-parts.ts';
import type { Visitor } from '../visitor.ts';
import { askPage } from './models.ts';

/** Erasing has a page of its own, which says what can be erased. */
const KINDS = ['rectify', 'access', 'copy', 'restrict', 'object'] as const;

const question = z
  .object({
    /** Made with the form: pressed twice it is one request. */
    key: z.uuid().optional().catch(undefined),
    kind: z.enum(KINDS, 'data.ask.kind.missing'),
    subject: z.enum(CORRECTION_SUBJECTS).optional().catch(undefined),
    statement: z
      .string('data.ask.statement.missing')
      .trim()
      .min(1, 'data.ask.statement.missing')
      .max(2_000, 'data.ask.statement.long'),
  })
  .refine(({ kind, subject }) => kind !== 'rectify' || subject !== undefined, {
    path: ['subject'],
    message: 'data.ask.subject.missing',
  });

/** What somebody wants to ask about their data. */
export function showAsk(visitor: Visitor, again: { errors?: object; entered?: Record<string, string> } = {}): void {
  const { ctx, parts } = visitor;
  const { errors = {}, entered = {} } = again;
  const key = z.uuid().safeParse(entered.key).data ?? newId();
  parts.views.show(
    ctx,
    askPage,
    {
      key,
      form: formOf(visitor, '/account/data/requests', 'ask'),
      errors: { ...errors },
      kinds: KINDS.map((value) => ({ value, chosen: entered.kind === value })),
      subjects: CORRECTION_SUBJECTS.map((value) => ({ value, chosen: entered.subject === value })),
      statement: entered.statement ?? '',
    },
    { path: '/account/data/requests/new' },
  );
}

/** Takes the request in, with its clocks; a correction goes on to the register. */
export async function ask(visitor: Visitor): Promise<void> {
  const { ctx, parts, subscriber } = visitor;
  const parsed = parseForm(ctx, question);
  if (!parsed.ok) return showAsk(visitor, { errors: parsed.errors, entered: parsed.entered });
  const { key, kind, subject, statement } = parsed.values;
  await parts.dataRequests.receive({
    ...{ subscriberId: subscriber.id, kind, statement },
    ...(kind === 'rectify' && subject ? { subject } : {}),
    ...(key ? { id: key } : {}),
  });
  return goTo(visitor, '/account/data?notice=asked');
}

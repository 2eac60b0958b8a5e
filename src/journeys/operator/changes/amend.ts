import { z } from 'zod';
import type { Drafted } from '../../../domain/approvals/index.ts';
import { EidError } from '../../../platform/errors.ts';
import { parseForm } from '../../../platform/forms.ts';
import type { Message } from '../../../platform/messages.ts';
import { formOf, goTo, type Visit } from '../visit.ts';
import { readDocument, writeDocument } from './document.ts';
import { changeUrl } from './list.ts';
import { amendPage } from './models.ts';
import { type Said, spoken } from './spoken.ts';
import { permitted } from './steps.ts';

const wish = z.object({
  revision: z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number),
  value: z.string().max(65_536),
  reason: z.string().max(500),
});

interface Entered {
  readonly text?: string;
  readonly reason?: string;
  readonly faults?: readonly Said[];
  readonly refused?: Message;
}

/** A draft says something else, as a whole document; a proposal becomes a draft again. */
export async function showAmend(visit: Visit, entered: Entered = {}): Promise<void> {
  const request = await permitted(visit, 'propose');
  if (!request) return;
  const { id, number, kind, subject, revision } = request;
  visit.parts.views.show(
    visit.ctx,
    amendPage,
    {
      ...visit.frame,
      ...{ number, kind, subject, revision },
      backUrl: changeUrl(request),
      form: formOf(visit, '/operator/changes/:id/amend', id),
      text: entered.text ?? writeDocument(request.after),
      reason: entered.reason ?? request.reason,
      faults: spoken(entered.faults ?? [], visit.parts.views.messages),
      refused: entered.refused ?? null,
    },
    { status: entered.faults ? 422 : entered.refused ? 409 : 200, path: `/operator/changes/${id}/amend` },
  );
}

export async function amendChange(visit: Visit): Promise<void> {
  const request = await permitted(visit, 'propose');
  if (!request) return;
  const parsed = parseForm(visit.ctx, wish);
  if (!parsed.ok) throw new EidError('http.malformed_body');
  const { value: text, ...said } = parsed.values;
  const read = readDocument(text);
  if (!read.read) return showAmend(visit, { text, reason: said.reason, faults: read.faults });
  const drafted = await visit.parts.approvals.amend(request.id, { ...said, value: read.value, by: visit.acting });
  if (drafted.drafted) return goTo(visit, `${changeUrl(drafted.request)}?notice=amended`);
  return showAmend(visit, { text, reason: said.reason, ...whyNot(drafted) });
}

/** What a page says of a draft that was not made. */
export const whyNot = (drafted: Extract<Drafted, { drafted: false }>): Pick<Entered, 'faults' | 'refused'> =>
  drafted.reason === 'faulty' ? { faults: drafted.faults } : { refused: `draft.refused.${drafted.reason}` };

import { z } from 'zod';
import type { ReceivingRefusal } from '../../../domain/counter/index.ts';
import { type FieldErrors, parseForm } from '../../../platform/forms.ts';
import type { Message } from '../../../platform/messages.ts';
import { formOf, type Visit } from '../visit.ts';
import { counterReceivePage } from './models.ts';
import { backTo, COUNTER, counterOf, officerOf } from './visit.ts';

const figures = z.string().transform((text) => text.replace(/[\s.-]/g, ''));
const day = z
  .string('console.level-2.new.birthdate.form')
  .trim()
  .transform((text) =>
    text.replace(
      /^(\d{1,2})[/.](\d{1,2})[/.](\d{4})$/,
      (_, d, m, y) => `${y}-${m.padStart(2, '0')}-${d.padStart(2, '0')}`,
    ),
  )
  .pipe(z.string().regex(/^\d{4}(-\d{2}(-\d{2})?)?$/, 'console.level-2.new.birthdate.form'));

const received = z.object({
  number: figures.pipe(z.string().regex(/^\d{12}$/, 'console.level-2.new.number.form')),
  name: z.string('console.level-2.new.name.missing').trim().min(1, 'console.level-2.new.name.missing').max(200),
  birthdate: day,
  guardian: figures.pipe(z.string().regex(/^(\d{12})?$/, 'console.level-2.new.number.form')),
});

/** The person is here, with their card: what stands on it is written down. */
export async function showReceive(
  visit: Visit,
  again: { readonly entered?: Record<string, string>; readonly errors?: FieldErrors; readonly refused?: Message } = {},
): Promise<void> {
  const { ctx, parts, acting } = visit;
  counterOf(visit);
  const [office] = await parts.operators.officeLine(acting.office);
  const { number = '', name = '', birthdate = '', guardian = '' } = again.entered ?? {};
  parts.views.show(
    ctx,
    counterReceivePage,
    {
      ...visit.frame,
      form: formOf(visit, COUNTER.new),
      entered: { number, name, birthdate, guardian },
      errors: again.errors ?? {},
      refused: again.refused ?? null,
      training: office?.training ?? false,
    },
    { path: COUNTER.new, status: again.errors || again.refused ? 422 : 200 },
  );
}

/** Begins it. What the register says of the person it says to an officer who has them before them. */
export async function receive(visit: Visit): Promise<void> {
  const parsed = parseForm(visit.ctx, received);
  if (!parsed.ok) return showReceive(visit, { entered: parsed.entered, errors: parsed.errors });
  const { number, name, birthdate, guardian } = parsed.values;
  const counter = counterOf(visit);
  const begun = await counter.receive(
    {
      identityNumber: number,
      fullName: name.normalize('NFC'),
      birthdate,
      ...(guardian ? { guardianNumber: guardian } : {}),
    },
    officerOf(visit),
  );
  if (begun.received) return backTo(visit, begun, 'received');
  // It is there already: they go on with that one.
  const open = begun.reason === 'open' ? await counter.search(number, officerOf(visit)) : undefined;
  if (open) return backTo(visit, open, 'open');
  return showReceive(visit, { entered: parsed.values, refused: `console.level-2.new.refused.${wordOf(begun.reason)}` });
}

const wordOf = (reason: ReceivingRefusal): string => reason.replaceAll('_', '-');

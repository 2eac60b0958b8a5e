import type Router from '@koa/router';
import { z } from 'zod';
import type { Kind } from '../../domain/register-events/index.ts';
import type { Csrf } from '../../platform/csrf.ts';
import { parseForm, readForm } from '../../platform/forms.ts';
import { newToken } from '../../platform/ids.ts';
import type { Views } from '../../platform/views.ts';
import { sandboxRegisterPage } from './models.ts';

/** What somebody may let the register of the sandbox say; each with what it needs made up by itself. */
export const SAYINGS = [
  'death',
  'death-corrected',
  'name-corrected',
  'number-cancelled',
  'number-restored',
  'card-held',
  'card-returned',
  'card-revoked',
  'card-issued',
  'card-expiring',
  'passport-issued',
  'guardianship-ended',
  'guardianship-passed',
] as const;
export type Saying = (typeof SAYINGS)[number];
/**
 * `card-expiring` is a new card whose last day was yesterday: the job that looks at dates does the rest. `guardianship-passed` ends one
 * because there is another guardian.
 */
export function kindOf(saying: Saying): Kind {
  if (saying === 'card-expiring') return 'card-issued';
  return saying === 'guardianship-passed' ? 'guardianship-ended' : saying;
}

/** The register of the sandbox, as one that reports. */
export interface Reporting {
  readonly people: readonly { readonly name: string; readonly identityNumber: string }[];
  /** Signs it and pushes it over the network, as a register would. Answers what our own endpoint said. */
  report(identityNumber: string, saying: Saying): Promise<{ readonly status: number; readonly err?: string }>;
}

const form = z.object({ identityNumber: z.string().regex(/^\d{12}$/), saying: z.enum(SAYINGS) });
const ACT = 'sandbox-register';

/** Where the register of a sandbox is made to report something. */
export function registerReportRoutes(
  router: Router,
  { views, csrf, reporting }: { views: Views; csrf: Csrf; reporting: Reporting },
): void {
  const page = (told: { saying: Saying; name: string; status: number; err: string | null } | null) => {
    const session = newToken();
    return {
      ...{ people: reporting.people, sayings: SAYINGS, told },
      form: { action: '/sandbox/register', csrf: csrf.token(session, ACT), session },
    };
  };

  router.get('/register', (ctx) => views.show(ctx, sandboxRegisterPage, page(null)));

  router.post('/register', readForm(), async (ctx) => {
    const { session = '' } = ctx.request.body as Record<string, string>;
    csrf.check(ctx, session, ACT);
    const parsed = parseForm(ctx, form);
    const person = reporting.people.find(
      ({ identityNumber }) => parsed.ok && identityNumber === parsed.values.identityNumber,
    );
    if (!parsed.ok || !person) return views.show(ctx, sandboxRegisterPage, page(null), { status: 422, path: null });
    const { saying } = parsed.values;
    const answer = await reporting.report(person.identityNumber, saying);
    const told = { saying, name: person.name, status: answer.status, err: answer.err ?? null };
    return views.show(ctx, sandboxRegisterPage, page(told), { path: null });
  });
}

import { type ApiClient, type ApiClients, isRole } from '../../../domain/operators/index.ts';
import type { FieldErrors } from '../../../platform/forms.ts';
import { notesOf } from '../../../platform/request.ts';
import { type ConsoleParts, type ConsoleRoute, goTo, type Visit as VisitOf } from '../session.ts';
import { signInAgain } from '../sign-in.ts';
import { apiClientsPage } from './models.ts';

/** What these pages work with. */
export interface ApiClientParts extends ConsoleParts {
  readonly apiClients: Pick<ApiClients, 'register' | 'of' | 'revoke'>;
  readonly issuer: string;
}
type Visit = VisitOf<ApiClientParts>;

const PATH = '/operator/api-clients';
const REVOKE = '/operator/api-clients/:id/revoke';
const DAYS = [30, 90, 365];

/** Whoever is signed in lets a program in for themself: it can do no more than they can. */
export const API_CLIENT_ROUTES: readonly ConsoleRoute<ApiClientParts>[] = [
  { method: 'get', path: PATH, permission: 'operator', handle: (visit) => show(visit) },
  { method: 'post', path: PATH, permission: 'operator', handle: register },
  { method: 'post', path: REVOKE, permission: 'operator', handle: revoke },
];

/** What has just happened, as `?notice=` names it; anything else is ignored. */
const NOTICES = new Map([
  ['added', 'operator.api-clients.added'],
  ['revoked', 'operator.api-clients.revoked'],
]);

async function show(
  { ctx, parts, acting, frame, token }: Visit,
  entered: Readonly<Record<string, string>> = {},
  errors: FieldErrors = {},
): Promise<void> {
  const now = parts.clock.now();
  const { locale } = notesOf(ctx.req);
  const notice = typeof ctx.query.notice === 'string' ? NOTICES.get(ctx.query.notice) : undefined;
  const clients = await parts.apiClients.of(acting.operatorId);
  parts.views.show(
    ctx,
    apiClientsPage,
    {
      ...frame,
      notice: notice ?? null,
      clients: clients.map(({ id, name, roles, createdAt, expiresAt, ...rest }) => ({
        ...{ id, name, roles, createdAt, expiresAt },
        state: stateOf({ expiresAt, ...rest }, now),
        revoke:
          stateOf({ expiresAt, ...rest }, now) === 'usable'
            ? { action: REVOKE.replace(':id', id), csrf: token(REVOKE) }
            : null,
      })),
      roles: acting.roles.filter(isRole).map((role) => ({ role, chosen: entered[`role-${role}`] !== undefined })),
      days: DAYS.map((days) => ({
        value: String(days),
        label: { text: parts.views.messages.t(locale, 'operator.api-clients.days', { days }) },
        chosen: (entered.days ?? '90') === String(days),
      })),
      entered: { name: entered.name ?? '', jwks: entered.jwks ?? '' },
      errors,
      form: { action: PATH, csrf: token(PATH) },
      tokenUrl: `${parts.issuer}/token`,
      resource: `${parts.issuer}/admin/v1`,
      openapiUrl: `${parts.issuer}/admin/v1/openapi.json`,
    },
    { path: PATH, status: Object.keys(errors).length > 0 ? 400 : 200 },
  );
}

async function register(visit: Visit): Promise<void> {
  const { ctx, parts, acting } = visit;
  const entered = { ...(ctx.request.body as Record<string, string>) };
  const roles = acting.roles.filter((role) => entered[`role-${role}`] !== undefined);
  const { name = '', jwks = '' } = entered;
  const outcome = await parts.apiClients.register({ name, jwks, roles, days: Number(entered.days) }, acting);
  if (outcome.registered) return goTo(ctx, `${PATH}?notice=added`);
  if (outcome.reason === 'sign_in_again') return signInAgain(visit, 'api-clients');
  if (outcome.reason !== 'faulty') return show(visit, entered, { name: 'operator.api-clients.too-many' });
  // The form has one place for each part; the sentence there says all that it takes.
  const wrong = outcome.faults.map(({ path }) => path.split('.')[0] || 'jwks');
  return show(
    visit,
    entered,
    Object.fromEntries(
      ['name', 'roles', 'days', 'jwks']
        .filter((part) => wrong.includes(part))
        .map((part) => [part, `operator.api-clients.${part}.wrong`]),
    ),
  );
}

async function revoke({ ctx, parts, acting }: Visit): Promise<void> {
  const revoked = await parts.apiClients.revoke(ctx.params.id ?? '', acting);
  goTo(ctx, revoked ? `${PATH}?notice=revoked` : PATH);
}

const stateOf = (
  { expiresAt, revokedAt }: Pick<ApiClient, 'expiresAt' | 'revokedAt'>,
  now: Date,
): 'usable' | 'expired' | 'revoked' => {
  if (revokedAt) return 'revoked';
  return expiresAt > now ? 'usable' : 'expired';
};

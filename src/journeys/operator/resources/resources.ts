import { z } from 'zod';
import { may } from '../../../domain/operators/index.ts';
import type { ResourceServerChange } from '../../../domain/relying-parties/index.ts';
import { EidError } from '../../../platform/errors.ts';
import { parseForm } from '../../../platform/forms.ts';
import type { Message } from '../../../platform/messages.ts';
import { whyNot } from '../changes/amend.ts';
import { changeUrl } from '../changes/list.ts';
import { type Said, spoken } from '../changes/spoken.ts';
import { choices, one, pagesOf } from '../page-parts.ts';
import { formOf, goTo, type Visit } from '../visit.ts';
import { type ResourceFields, type ResourceRow, resourcesPage } from './models.ts';

const SIZE = 50;
const PATH = '/operator/resource-servers';
const FORMATS = ['opaque', 'jwt'] as const;
const ENVIRONMENTS = ['production', 'sandbox'] as const;

const text = z.string().trim().max(2_000).default('');
/** Read as text: what is wrong with it the rules of a resource server say, all at once. */
const wish = z.object({
  ...{ resource: text, relyingParty: text, audience: text, scopes: text, reason: text },
  ...{ accessTokenFormat: text, environment: text },
  disabled: z.literal('yes').optional(),
});

interface Again {
  readonly entered?: z.infer<typeof wish>;
  readonly faults?: readonly Said[];
  readonly refused?: Message;
}

/** Where the form is about a resource server. */
export const resourceUrl = (resource: string): string => `${PATH}?${new URLSearchParams({ resource })}`;

/** Resource servers by their addresses, and a form: empty, or about the one that the address names. */
export async function showResources(visit: Visit, again: Again = {}): Promise<void> {
  const { ctx, parts, acting } = visit;
  const named = one(ctx.query.resource);
  const after = one(ctx.query.from);
  const [known] = named ? await parts.relyingParties.resourceServers({ resource: named, limit: 1 }) : [];
  const found = await parts.relyingParties.resourceServers({ ...(after ? { after } : {}), limit: SIZE + 1 });
  const shown = found.slice(0, SIZE);
  const proposes = may(acting.roles, 'clients.propose');
  const begin = parts.views.sandbox ? 'sandbox' : 'production';
  const { entered } = again;
  parts.views.show(
    ctx,
    resourcesPage,
    {
      ...visit.frame,
      rows: shown.map((server) => rowOf(server, proposes)),
      ...pagesOf(PATH, { ...ctx.query, resource: undefined }, found.length > SIZE ? shown.at(-1)?.resource : undefined),
      form: proposes ? formOf(visit, PATH) : null,
      fields: fieldsOf(entered ? { ...entered, disabled: entered.disabled === 'yes' } : (known ?? {})),
      isKnown: known !== undefined,
      format: choices(FORMATS, entered?.accessTokenFormat ?? known?.accessTokenFormat ?? 'opaque', (value) =>
        value ? `resource.format.${value}` : 'console.none',
      ).options,
      environment: choices(ENVIRONMENTS, entered?.environment ?? known?.environment ?? begin, (value) =>
        value ? `client.environment.${value}` : 'console.none',
      ).options,
      faults: spoken(again.faults ?? [], parts.views.messages),
      refused: again.refused ?? null,
    },
    { path: PATH, status: again.faults ? 422 : again.refused ? 409 : 200 },
  );
}

const rowOf = (server: ResourceServerChange, proposes: boolean): ResourceRow => ({
  ...{ resource: server.resource, relyingParty: server.relyingParty, audience: server.audience },
  relyingPartyUrl: `/operator/relying-parties/${encodeURIComponent(server.relyingParty)}`,
  ...{ scopes: server.scopes, format: server.accessTokenFormat, environment: server.environment },
  disabled: server.disabled,
  changeUrl: proposes ? resourceUrl(server.resource) : null,
});

type Begun = Partial<Omit<ResourceFields, 'scopes'>> & { readonly scopes?: string | readonly string[] };
const fieldsOf = ({ scopes = '', ...begun }: Begun): ResourceFields => ({
  ...{ resource: begun.resource ?? '', relyingParty: begun.relyingParty ?? '', audience: begun.audience ?? '' },
  scopes: typeof scopes === 'string' ? scopes : scopes.join(' '),
  ...{ disabled: begun.disabled ?? false, reason: begun.reason ?? '' },
});

/** A new resource server, or one as it shall be from now on: a change request. */
export async function proposeResource(visit: Visit): Promise<void> {
  const parsed = parseForm(visit.ctx, wish);
  if (!parsed.ok) throw new EidError('http.malformed_body');
  const { reason, scopes, disabled, ...value } = parsed.values;
  const drafted = await visit.parts.approvals.draft({
    kind: 'resource-server',
    value: { ...value, scopes: scopes.split(/\s+/).filter(Boolean), disabled: disabled === 'yes' },
    ...{ reason, by: visit.acting },
  });
  if (drafted.drafted) return goTo(visit, `${changeUrl(drafted.request)}?notice=drafted`);
  return showResources(visit, { entered: parsed.values, ...whyNot(drafted) });
}

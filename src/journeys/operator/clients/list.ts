import { may } from '../../../domain/operators/index.ts';
import { type ClientLine, SECTORS } from '../../../domain/relying-parties/index.ts';
import { EidError } from '../../../platform/errors.ts';
import { notesOf } from '../../../platform/request.ts';
import { choices, one, pagesOf } from '../page-parts.ts';
import type { Visit } from '../visit.ts';
import { type ClientRow, clientsPage, relyingPartyPage } from './models.ts';

const SIZE = 50;
const ENVIRONMENTS = ['production', 'sandbox'] as const;

/** Clients, found by the beginnings of words of their names and ids. */
export async function listClients(visit: Visit): Promise<void> {
  const { ctx, parts, acting } = visit;
  const text = one(ctx.query.text)?.trim().slice(0, 100) ?? '';
  const environment = choices(ENVIRONMENTS, one(ctx.query.environment), (value) =>
    value ? `client.environment.${value}` : 'console.any',
  );
  const sector = choices(SECTORS, one(ctx.query.sector), (value) => (value ? `sector.${value}` : 'console.any'));
  const after = one(ctx.query.from);
  const found = await parts.relyingParties.search({
    ...(text ? { text } : {}),
    ...(environment.chosen ? { environment: environment.chosen } : {}),
    ...(sector.chosen ? { sector: sector.chosen } : {}),
    ...(after ? { after } : {}),
    limit: SIZE + 1,
  });
  const shown = found.slice(0, SIZE);
  parts.views.show(ctx, clientsPage, {
    ...visit.frame,
    text,
    environment: environment.options,
    sector: sector.options,
    rows: shown.map((line) => rowOf(visit, line)),
    newUrl: may(acting.roles, 'clients.propose') ? '/operator/new-client' : null,
    ...pagesOf('/operator/clients', ctx.query, found.length > SIZE ? shown.at(-1)?.clientId : undefined),
  });
}

/** The organisation behind clients, and these. */
export async function showRelyingParty(visit: Visit): Promise<void> {
  const { ctx, parts } = visit;
  const { locale } = notesOf(ctx.req);
  const id = ctx.params.id ?? '';
  const after = one(ctx.query.from);
  const [party, found] = await Promise.all([
    parts.relyingParties.party(id),
    parts.relyingParties.search({ relyingParty: id, ...(after ? { after } : {}), limit: SIZE + 1 }),
  ]);
  if (!party) throw new EidError('http.not_found');
  const shown = found.slice(0, SIZE);
  const addresses = { contact: party.contact, ...party.contacts };
  parts.views.show(
    ctx,
    relyingPartyPage,
    {
      ...visit.frame,
      ...{ id, mark: party.mark, colour: party.colour, sector: party.sector ?? null },
      name: party.name[locale],
      legalEntity: party.legalEntity,
      entityName: party.entityName[locale],
      contacts: Object.entries(addresses).flatMap(([role, address]) => (address ? [{ role, address }] : [])),
      rows: shown.map((line) => rowOf(visit, line)),
      ...pagesOf(ctx.path, ctx.query, found.length > SIZE ? shown.at(-1)?.clientId : undefined),
    },
    { title: { key: 'console.relying-party.title.named', values: { name: party.name[locale] } } },
  );
}

/** Where a client is looked at. */
export const clientUrl = (clientId: string): string => `/operator/clients/${encodeURIComponent(clientId)}`;

function rowOf({ ctx }: Visit, line: ClientLine): ClientRow {
  return {
    clientId: line.clientId,
    url: clientUrl(line.clientId),
    name: line.name[notesOf(ctx.req).locale],
    relyingParty: line.relyingParty,
    relyingPartyUrl: `/operator/relying-parties/${line.relyingParty}`,
    sector: line.sector ?? null,
    environment: line.environment,
    fapi: line.fapi,
    disabled: line.disabled,
  };
}

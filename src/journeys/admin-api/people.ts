import { z } from 'zod';
import { EVENT_TYPES, type JournalEntry } from '../../domain/audit/index.ts';
import type { OperatorQuery } from '../../domain/operators/index.ts';
import { pageOf, paging } from './cursors.ts';
import { type Operation, operation } from './operation.ts';
import type { AdminApiParts, Tools } from './parts.ts';
import { notFound } from './problems.ts';
import * as wire from './wire.ts';

type PeopleParts = Pick<AdminApiParts, 'operators' | 'apiClients' | 'journal' | 'verifications'>;

/** Operators, what they did, and the caller's own programs. */
export function peopleOperations(
  { operators, apiClients, journal, verifications }: PeopleParts,
  { cursors }: Tools,
): Operation[] {
  return [
    operation({
      id: 'self.get',
      method: 'get',
      path: '/self',
      summary: 'Whom this token acts for, and with which roles.',
      permission: 'own',
      answer: wire.self,
      act: async ({ acting }) => ({ body: acting }),
    }),
    operation({
      id: 'api-clients.list',
      method: 'get',
      path: '/api-clients',
      summary:
        'One’s own API clients, the newest first. They are registered in the console, by a person with a passkey.',
      permission: 'own',
      query: z.strictObject(paging),
      answer: pageOf(wire.apiClient),
      act: async ({ query: { cursor, limit }, acting }) => {
        const after = cursors.open('api-clients.list', cursor, z.string());
        const found = await apiClients.of(acting.operatorId, { ...(after ? { after } : {}), limit: limit + 1 });
        return { body: cursors.page('api-clients.list', found, limit, (last) => last.id) };
      },
    }),
    operation({
      id: 'api-clients.revoke',
      method: 'delete',
      path: '/api-clients/{id}',
      summary: 'Ends one of one’s own API clients at once; it may be the one that asks.',
      permission: 'own',
      params: z.strictObject({ id: z.string().regex(/^op-[0-9a-f-]{36}$/) }),
      answer: wire.apiClient,
      act: async ({ params: { id }, acting }) => {
        const revoked = await apiClients.revoke(id, acting);
        if (!revoked) throw notFound();
        return { body: revoked };
      },
    }),
    operation({
      id: 'operators.list',
      method: 'get',
      path: '/operators',
      summary: 'Operators by name.',
      permission: 'operators.view',
      query: z.strictObject({
        state: wire.operator.shape.state.optional(),
        office: z.string().min(1).max(60).optional(),
        named: z.string().min(1).max(100).optional(),
        ...paging,
      }),
      answer: pageOf(wire.operator),
      act: async ({ query: { cursor, limit, ...wanted } }) => {
        const after = cursors.open('operators.list', cursor, z.string());
        const found = await operators.list({
          ...wanted,
          ...(after ? { after } : {}),
          limit: limit + 1,
        } as OperatorQuery);
        return { body: cursors.page('operators.list', found, limit, (last) => last.id) };
      },
    }),
    operation({
      id: 'offices.list',
      method: 'get',
      path: '/offices',
      summary: 'Where operators work, parents before children.',
      permission: 'operators.view',
      query: z.strictObject(paging),
      answer: pageOf(wire.office),
      act: async ({ query }) => ({
        body: cursors.among('offices.list', await operators.offices(), query, ({ id }) => id),
      }),
    }),
    operation({
      id: 'journal.list',
      method: 'get',
      path: '/journal',
      summary: 'What happened, the newest first: entries that are numbered and chained.',
      permission: 'journal.view',
      query: z.strictObject({
        type: z.enum(EVENT_TYPES).optional(),
        clientId: wire.clientId.optional(),
        from: wire.moment.optional(),
        until: wire.moment.optional(),
        ...paging,
      }),
      answer: pageOf(wire.journalEntry),
      act: async ({ query: { cursor, limit, type, clientId, from, until } }) => {
        // From the very end: what the sealer has not numbered yet has no place that a page could end at.
        const before = cursors.open('journal.list', cursor, z.number()) ?? Number.MAX_SAFE_INTEGER;
        const found = await journal.query({
          ...(type ? { types: [type] } : {}),
          ...(clientId === undefined ? {} : { clientId }),
          ...(from ? { from: new Date(from) } : {}),
          ...(until ? { until: new Date(until) } : {}),
          before,
          limit: limit + 1,
        });
        return { body: cursors.page('journal.list', found.map(withoutCitizens), limit, (last) => last.sequence) };
      },
    }),
    operation({
      id: 'journal.state',
      method: 'get',
      path: '/journal/state',
      summary: 'What the last verification of the whole journal came to.',
      permission: 'journal.view',
      answer: wire.journalState,
      act: async () => ({ body: await verifications.state() }),
    }),
  ];
}

/** Who a citizen is stands in no list: a program that reads the journal would look at people without a reason that they read. */
const withoutCitizens = ({ subscriberId, actor, ...entry }: JournalEntry) => ({
  ...entry,
  actor: actor.kind === 'subscriber' ? { kind: actor.kind } : actor,
  aboutSomebody: subscriberId !== undefined,
});

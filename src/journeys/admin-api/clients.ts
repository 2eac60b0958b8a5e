import { z } from 'zod';
import { wayOf } from '../../domain/operators/index.ts';
import type { ClientSearch } from '../../domain/relying-parties/index.ts';
import { EidError } from '../../platform/errors.ts';
import { changeAnswer } from './change-requests.ts';
import { pageOf, paging } from './cursors.ts';
import { nothing, type Operation, operation } from './operation.ts';
import type { AdminApiParts, Tools } from './parts.ts';
import { notFound } from './problems.ts';
import * as wire from './wire.ts';

const params = z.strictObject({ clientId: wire.clientId });

/** Clients as they are and were; what they become is a change request. */
export function clientOperations(
  { relyingParties, approvals }: Pick<AdminApiParts, 'relyingParties' | 'approvals'>,
  { cursors }: Tools,
): Operation[] {
  const latest = async (clientId: string) => {
    const [version] = await relyingParties.versions(clientId, { limit: 1 });
    if (!version) throw notFound();
    return { body: { clientId, ...version }, revision: version.number };
  };
  return [
    operation({
      id: 'clients.list',
      method: 'get',
      path: '/clients',
      summary: 'Clients by id; text finds beginnings of words of names, ids and redirect URIs.',
      permission: 'clients.view',
      query: z.strictObject({
        text: z.string().min(1).max(200).optional(),
        environment: wire.environment.optional(),
        sector: wire.sector.optional(),
        relyingParty: wire.slug.optional(),
        ...paging,
      }),
      answer: pageOf(wire.clientLine),
      act: async ({ query: { cursor, limit, ...wanted } }) => {
        const after = cursors.open('clients.list', cursor, z.string());
        const found = await relyingParties.search({
          ...(wanted as Omit<ClientSearch, 'limit'>),
          ...(after ? { after } : {}),
          limit: limit + 1,
        });
        return { body: cursors.page('clients.list', found, limit, (last) => last.clientId) };
      },
    }),
    operation({
      id: 'clients.get',
      method: 'get',
      path: '/clients/{clientId}',
      summary: 'A client as it is now; its ETag is the number of this version.',
      permission: 'clients.view',
      params,
      answer: wire.client,
      revision: 'answered',
      act: ({ params: { clientId } }) => latest(clientId),
    }),
    operation({
      id: 'clients.versions',
      method: 'get',
      path: '/clients/{clientId}/versions',
      summary: 'What a client was, the newest first.',
      permission: 'clients.view',
      params,
      query: z.strictObject(paging),
      answer: pageOf(wire.clientVersion),
      act: async ({ params: { clientId }, query: { cursor, limit } }) => {
        const list = `clients.versions ${clientId}`;
        const before = cursors.open(list, cursor, z.number());
        const page = { ...(before === undefined ? {} : { before }), limit: limit + 1 };
        const found = await relyingParties.versions(clientId, page);
        if (found.length === 0 && before === undefined) throw notFound();
        return { body: cursors.page(list, found, limit, (last) => last.number) };
      },
    }),
    operation({
      id: 'clients.version',
      method: 'get',
      path: '/clients/{clientId}/versions/{number}',
      summary: 'One version of a client.',
      permission: 'clients.view',
      params: params.extend({ number: wire.number }),
      answer: wire.clientVersion,
      act: async ({ params: { clientId, number } }) => {
        const found = await relyingParties.version(clientId, number);
        if (!found) throw notFound();
        return { body: found };
      },
    }),
    operation({
      id: 'clients.diff',
      method: 'get',
      path: '/clients/{clientId}/diff',
      summary: 'What changed from one version to another, field by field.',
      permission: 'clients.view',
      params,
      query: z.strictObject({ from: wire.number, to: wire.number }),
      answer: z.object({ changes: z.array(wire.fieldChange) }),
      act: async ({ params: { clientId }, query: { from, to } }) => {
        const changes = await relyingParties.diff(clientId, from, to);
        if (!changes) throw notFound();
        return { body: { changes } };
      },
    }),
    operation({
      id: 'clients.disable',
      method: 'post',
      path: '/clients/{clientId}/disable',
      summary: 'Stops a client at once. To let it in again takes two people.',
      permission: 'clients.disable',
      params,
      body: nothing,
      answer: wire.client,
      revision: 'named',
      act: async ({ params: { clientId }, revision, acting }) => {
        const { body, revision: current } = await latest(clientId);
        // Looked at before and not in the act: of a client that changes this moment the newer version is stopped too.
        if (current !== revision) throw new EidError('admin_api.changed');
        const by = { kind: 'operator', id: acting.operatorId } as const;
        if (!body.disabled) await relyingParties.disable(clientId, by, wayOf(acting));
        return latest(clientId);
      },
    }),
    operation({
      id: 'clients.restore',
      method: 'post',
      path: '/clients/{clientId}/restore',
      summary: 'Proposes that a client be again what it was at a version.',
      permission: 'clients.propose',
      params,
      body: z.strictObject({ number: z.int().min(1).max(999_999_999), reason: wire.reason }),
      answer: wire.changeRequest,
      status: 201,
      revision: 'answered',
      act: async ({ params: { clientId }, body: { number, reason }, acting }) =>
        changeAnswer(
          await approvals.restore({ kind: 'client', subject: clientId, version: String(number), reason }, acting),
        ),
    }),
    operation({
      id: 'relying-parties.get',
      method: 'get',
      path: '/relying-parties/{id}',
      summary: 'Who stands behind clients; clients.list names theirs with relyingParty.',
      permission: 'clients.view',
      params: z.strictObject({ id: wire.slug }),
      answer: wire.relyingParty,
      act: async ({ params: { id } }) => {
        const found = await relyingParties.party(id);
        if (!found) throw notFound();
        return { body: found };
      },
    }),
  ];
}

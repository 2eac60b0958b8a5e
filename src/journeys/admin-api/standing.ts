import { z } from 'zod';
import { DELIVERY_STATES } from '../../domain/deliveries/index.ts';
import { wayOf } from '../../domain/operators/index.ts';
import { EidError } from '../../platform/errors.ts';
import { pageOf, paging } from './cursors.ts';
import { nothing, type Operation, operation } from './operation.ts';
import type { AdminApiParts, Tools } from './parts.ts';
import { notFound } from './problems.ts';
import * as wire from './wire.ts';

const params = z.strictObject({ id: wire.uuid });

/** What left this server, and what it stands on: deliveries, keys, the policy in force. */
export function standingOperations(
  { deliveries, signingKeys, policies }: Pick<AdminApiParts, 'deliveries' | 'signingKeys' | 'policies'>,
  { cursors }: Tools,
): Operation[] {
  return [
    operation({
      id: 'deliveries.list',
      method: 'get',
      path: '/deliveries',
      summary: 'Logouts and security events that clients were told of, or are to be, the newest first.',
      permission: 'deliveries.view',
      query: z.strictObject({
        clientId: wire.clientId.optional(),
        state: z.enum(DELIVERY_STATES).optional(),
        ...paging,
      }),
      answer: pageOf(wire.delivery),
      act: async ({ query: { cursor, clientId, state, limit } }) => {
        const before = cursors.open('deliveries.list', cursor, z.string());
        const { entries, next } = await deliveries.list({
          ...(clientId === undefined ? {} : { clientId }),
          ...(state === undefined ? {} : { state }),
          ...(before === undefined ? {} : { before }),
          limit,
        });
        return { body: { items: entries, ...(next ? { next: cursors.seal('deliveries.list', next) } : {}) } };
      },
    }),
    operation({
      id: 'deliveries.get',
      method: 'get',
      path: '/deliveries/{id}',
      summary: 'One delivery.',
      permission: 'deliveries.view',
      params,
      answer: wire.delivery,
      act: async ({ params: { id } }) => {
        const found = await deliveries.find(id);
        if (!found) throw notFound();
        return { body: found };
      },
    }),
    operation({
      id: 'deliveries.replay',
      method: 'post',
      path: '/deliveries/{id}/replay',
      summary: 'Sends what was given up once more, with a fresh token.',
      permission: 'deliveries.replay',
      params,
      body: nothing,
      answer: wire.delivery,
      act: async ({ params: { id }, acting }) => {
        const outcome = await deliveries.replay(id, { kind: 'operator', id: acting.operatorId }, wayOf(acting));
        if (!outcome.replayed) {
          const { reason } = outcome;
          throw reason === 'unknown' ? notFound() : new EidError('admin_api.not_replayable', { members: { reason } });
        }
        return { body: await deliveries.find(id) };
      },
    }),
    operation({
      id: 'keys.list',
      method: 'get',
      path: '/keys',
      summary: 'The keys that sign tokens, with their dates: public facts, no key.',
      permission: 'keys.view',
      query: z.strictObject(paging),
      answer: pageOf(wire.signingKey),
      act: async ({ query }) => ({ body: cursors.among('keys.list', signingKeys.list(), query, ({ kid }) => kid) }),
    }),
    operation({
      id: 'policy.get',
      method: 'get',
      path: '/assurance-policy',
      summary: 'The assurance policy in force.',
      permission: 'policy.view',
      answer: wire.assurancePolicy,
      act: async () => ({ body: await policies.inForce() }),
    }),
  ];
}

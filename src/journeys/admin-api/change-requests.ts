import { z } from 'zod';
import type { ChangeKind, Drafted, Step } from '../../domain/approvals/index.ts';
import { type Acting, may, type Permission } from '../../domain/operators/index.ts';
import { pageOf, paging } from './cursors.ts';
import { type Answer, nothing, type Operation, operation } from './operation.ts';
import type { AdminApiParts, Tools } from './parts.ts';
import { insufficientScope, notFound, refusal } from './problems.ts';
import * as wire from './wire.ts';

const params = z.strictObject({ id: wire.uuid });
const note = z.string().max(500).optional();

/** What is handed in is parsed by the domain that owns it, which tells every fault: the document alone says what it is. */
const value = z
  .record(z.string(), z.unknown())
  .meta({ description: 'The thing as a whole, as it shall be; of a client as ClientChange says.' });
const ofItsKind = {
  if: { properties: { kind: { const: 'client' } } },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema, and nothing that is awaited.
  then: { properties: { value: { $ref: '#/components/schemas/ClientChange' } } },
};

/** A change request as it is after a step, or the problem that kept the step from being taken. */
export function changeAnswer(outcome: Drafted | Step): Answer {
  if (!('request' in outcome)) throw refusal(outcome);
  const { request } = outcome;
  return { body: request, revision: request.revision, location: `/change-requests/${request.id}` };
}

/** The way of everything that two people decide, for every kind. */
export function changeRequestOperations(
  { approvals, changeKinds }: Pick<AdminApiParts, 'approvals' | 'changeKinds'>,
  { cursors }: Tools,
): Operation[] {
  const allowed = (acting: Acting, kind: ChangeKind, act: 'view' | 'propose' | 'approve'): void => {
    const permission = approvals.subjectOf(kind)[act];
    if (!may(acting.roles, permission)) throw insufficientScope([permission]);
  };
  const visible = (acting: Acting): ChangeKind[] =>
    changeKinds.filter((kind) => may(acting.roles, approvals.subjectOf(kind).view));
  const found = async (id: string, acting: Acting, act: 'view' | 'propose' | 'approve') => {
    const request = await approvals.find(id);
    if (!request) throw notFound();
    allowed(acting, request.kind, act);
    return request;
  };
  const every = (act: 'view' | 'propose' | 'approve'): readonly Permission[] => [
    ...new Set(changeKinds.map((kind) => approvals.subjectOf(kind)[act])),
  ];

  /** A step of the one or of the other person. */
  const step = <Body extends z.ZodObject>(
    name: 'propose' | 'approve' | 'refuse' | 'withdraw',
    summary: string,
    as: 'propose' | 'approve',
    body: Body,
    take: (id: string, how: z.output<Body> & { revision: number; by: Acting }) => Promise<Step>,
  ): Operation =>
    operation({
      ...{ id: `change-requests.${name}`, method: 'post', path: `/change-requests/{id}/${name}`, summary },
      ...{ params, body, answer: wire.changeRequest, permission: every(as), revision: 'named' },
      act: async ({ params: { id }, body: said, revision, acting }) => {
        await found(id, acting, as);
        return changeAnswer(await take(id, { ...said, revision, by: acting } as never));
      },
    });

  const kindOf = z.enum(changeKinds);

  return [
    operation({
      id: 'change-requests.list',
      method: 'get',
      path: '/change-requests',
      summary: 'Change requests of the kinds that the roles may see, the newest first.',
      permission: every('view'),
      query: z.strictObject({
        kind: kindOf.optional(),
        state: wire.state.optional(),
        subject: z.string().min(1).max(300).optional(),
        ...paging,
      }),
      answer: pageOf(wire.changeRequest),
      act: async ({ query: { kind, state, subject, cursor, limit }, acting }) => {
        if (kind) allowed(acting, kind, 'view');
        const before = cursors.open('change-requests.list', cursor, z.number());
        const requests = await approvals.list({
          kinds: kind ? [kind] : visible(acting),
          ...(state ? { states: [state] } : {}),
          ...(subject === undefined ? {} : { subject }),
          ...(before === undefined ? {} : { before }),
          limit: limit + 1,
        });
        return { body: cursors.page('change-requests.list', requests, limit, (last) => last.number) };
      },
    }),
    operation({
      id: 'change-requests.get',
      method: 'get',
      path: '/change-requests/{id}',
      summary: 'A change request; its ETag is its revision.',
      permission: every('view'),
      params,
      answer: wire.changeRequest,
      revision: 'answered',
      act: async ({ params: { id }, acting }) => {
        const request = await found(id, acting, 'view');
        return { body: request, revision: request.revision };
      },
    }),
    operation({
      id: 'change-requests.draft',
      method: 'post',
      path: '/change-requests',
      summary: 'A draft: what a thing shall be from now on, as a whole.',
      permission: every('propose'),
      body: z.strictObject({ kind: kindOf, value, reason: wire.reason }).meta(ofItsKind),
      answer: wire.changeRequest,
      status: 201,
      revision: 'answered',
      act: async ({ body, acting }) => {
        allowed(acting, body.kind, 'propose');
        return changeAnswer(await approvals.draft({ ...body, by: acting }));
      },
    }),
    operation({
      id: 'change-requests.amend',
      method: 'put',
      path: '/change-requests/{id}',
      summary: 'Says something else; a proposal becomes a draft again.',
      permission: every('propose'),
      params,
      body: z.strictObject({ value, reason: wire.reason }),
      answer: wire.changeRequest,
      revision: 'named',
      act: async ({ params: { id }, body, revision, acting }) => {
        await found(id, acting, 'propose');
        return changeAnswer(await approvals.amend(id, { ...body, revision, by: acting }));
      },
    }),
    step(
      'propose',
      'Tests a draft and puts it before others; with activateAt it waits for that moment once it is approved.',
      'propose',
      z.strictObject({ activateAt: wire.moment.optional() }),
      (id, { activateAt, revision, by }) =>
        approvals.propose(id, { revision, by, ...(activateAt ? { activateAt: new Date(activateAt) } : {}) }),
    ),
    step(
      'approve',
      'The second person agrees; where the change invites an operator, with the identity number of whom it invites.',
      'approve',
      z.strictObject({ note, identityNumber: z.string().max(64).optional() }),
      (id, { note, identityNumber, ...how }) =>
        approvals.approve(id, {
          ...how,
          ...(note === undefined ? {} : { note }),
          ...(identityNumber === undefined ? {} : { identityNumber }),
        }),
    ),
    step('refuse', 'The second person does not agree.', 'approve', z.strictObject({ note }), (id, { note, ...how }) =>
      approvals.refuse(id, { ...how, ...(note === undefined ? {} : { note }) }),
    ),
    step('withdraw', 'Takes back what is not made yet.', 'propose', nothing, (id, how) => approvals.withdraw(id, how)),
    operation({
      id: 'change-requests.roll-back',
      method: 'post',
      path: '/change-requests/{id}/roll-back',
      summary: 'Proposes to undo what was applied.',
      permission: every('propose'),
      params,
      body: z.strictObject({ reason: wire.reason }),
      answer: wire.changeRequest,
      status: 201,
      revision: 'answered',
      act: async ({ params: { id }, body: { reason }, acting }) => {
        await found(id, acting, 'propose');
        return changeAnswer(await approvals.rollBack(id, acting, reason));
      },
    }),
  ];
}

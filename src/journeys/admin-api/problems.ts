import type { Drafted, Step, StepRefusal } from '../../domain/approvals/index.ts';
import { type ActingRole, apiScope, isRole, PERMISSIONS, type Permission } from '../../domain/operators/index.ts';
import { declareErrors, EidError } from '../../platform/errors.ts';

declareErrors('admin_api', {
  unauthorized: { status: 401, when: 'There is no access token, or it is expired, revoked, or for something else.' },
  insufficient_scope: { status: 403, when: 'The operator, the API client or the token lacks the role for this.' },
  own_proposal: {
    status: 403,
    when: 'Whoever proposed a change or wrote what it says does not decide about it, through whatever client.',
  },
  wrong_person: {
    status: 422,
    when: 'The change invites somebody, and identityNumber is missing or not the one of that person.',
  },
  approvals_wait: {
    status: 429,
    when: 'Too many wrong identity numbers at approvals: those of this operator wait, through whatever client; Retry-After says how long.',
  },
  not_found: { status: 404, when: 'There is nothing of this name.' },
  invalid_request: {
    status: 400,
    when: 'A parameter or a member is missing, unknown or malformed; errors says which.',
  },
  bad_cursor: { status: 400, when: 'The cursor is not one that this list gave out.' },
  revision_required: { status: 428, when: 'If-Match is missing: a change names the revision that was looked at.' },
  changed: { status: 412, when: 'It is at another revision than the one that If-Match names: look again.' },
  not_open: { status: 409, when: 'The change request has ended, or is not where this step begins.' },
  stale: { status: 409, when: 'What the change request was made against has changed: it will never be applied.' },
  same: { status: 409, when: 'The change says what is so already.' },
  not_reversible: { status: 409, when: 'There is nothing to go back to.' },
  faulty: { status: 422, when: 'The change was tested and has faults; findings says which.' },
  bad_time: { status: 422, when: 'The time of activation is past, or more than a year away.' },
  not_replayable: {
    status: 409,
    when: 'The delivery is not given up, or its client or message is gone; reason says which.',
  },
  key_at_work: { status: 409, when: 'A request with this Idempotency-Key is being answered: ask again in a moment.' },
  key_unanswered: {
    status: 409,
    when: 'A request with this Idempotency-Key was begun and its outcome is unknown: look whether it was done, and ask again with another key if not.',
  },
  key_reused: { status: 422, when: 'This Idempotency-Key came with another request before.' },
});

/** One thing that is wrong with a request, and where: `body.reason`, `query.limit`. */
export interface Wrong {
  readonly path: string;
  readonly message: string;
}

export const invalidRequest = (errors: readonly Wrong[]): EidError =>
  new EidError('admin_api.invalid_request', { members: { errors } });

export const notFound = (): EidError => new EidError('admin_api.not_found');

/** RFC 6750 §3.1: which scopes would have been enough. */
export const insufficientScope = (permissions: readonly Permission[]): EidError =>
  new EidError('admin_api.insufficient_scope', {
    members: {
      scopes: [
        ...new Set(
          permissions.flatMap((permission) =>
            (PERMISSIONS[permission] as readonly ActingRole[]).filter(isRole).map(apiScope),
          ),
        ),
      ],
    },
    facts: { permission: permissions.join(' ') },
  });

const BY_REFUSAL = {
  unknown: 'not_found',
  not_open: 'not_open',
  changed: 'changed',
  forbidden: 'insufficient_scope',
  own_proposal: 'own_proposal',
  wrong_person: 'wrong_person',
  waits: 'approvals_wait',
  stale: 'stale',
  faulty: 'faulty',
  bad_time: 'bad_time',
  not_reversible: 'not_reversible',
  same: 'same',
} as const satisfies Record<StepRefusal | 'same', string>;

/** The problem behind a step that was not taken. */
export function refusal(refused: Extract<Step, { done: false }> | Extract<Drafted, { drafted: false }>): EidError {
  // The schema's faults are the request's own; what a test found is told as it was found.
  if ('faults' in refused)
    return invalidRequest(
      refused.faults.map(({ path, message }) => ({
        path: path === 'reason' ? 'body.reason' : ['body.value', path].filter(Boolean).join('.'),
        message,
      })),
    );
  const step = 'done' in refused ? refused : undefined;
  return new EidError(`admin_api.${BY_REFUSAL[refused.reason]}`, {
    ...(step?.findings ? { members: { findings: step.findings } } : {}),
    ...(step?.retryAfter === undefined ? {} : { facts: { retryAfter: step.retryAfter } }),
  });
}

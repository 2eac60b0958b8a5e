import type { NoResult, NotOpened } from '../../domain/in-person/index.ts';
import { declareErrors, EidError } from '../../platform/errors.ts';

declareErrors('in_person', {
  unauthorized: {
    status: 401,
    when: 'There is no access token, it is expired, revoked or for something else, or the DPoP proof that it needs is missing, wrong or used.',
  },
  insufficient_scope: {
    status: 403,
    when: 'The client is not registered to check people in presence, or the token lacks the scope for it.',
  },
  invalid_request: { status: 400, when: 'A member is missing, unknown or malformed; errors says which.' },
  purpose_unknown: { status: 403, when: 'The client is not registered with this purpose.' },
  claim_not_registered: { status: 403, when: 'A claim is asked that this purpose is not registered with.' },
  face_required: { status: 403, when: 'This purpose is registered to be asked with the face only.' },
  face_unavailable: {
    status: 503,
    when: 'No engine is here whose presentation attack detection is as good as the policy demands: nobody is asked for a face.',
  },
  nonce_used: { status: 409, when: 'The client has given this nonce before: each verification has one of its own.' },
  too_many: {
    status: 429,
    when: 'The client has begun as many verifications in a minute as it may (IN_PERSON_PER_MINUTE); Retry-After says when to come again.',
  },
  not_found: { status: 404, when: 'This client has no such verification.' },
  expired: { status: 410, when: 'The verification was not finished within its time: begin another.' },
  used: { status: 410, when: 'The result of this verification was handed out; it comes once.' },
  at_work: { status: 409, when: 'Another request for this result is being answered.' },
  card_waiting: { status: 409, when: 'The card has not been read yet.' },
  picture_missing: { status: 400, when: 'The face is asked for, and no picture was sent.' },
  picture_not_asked: { status: 400, when: 'A picture was sent, and the face is not asked for.' },
  picture: {
    status: 422,
    when: 'The picture is not one in which a face can be compared; issues says why, pictures_left how many may still come.',
  },
  face_silent: {
    status: 503,
    when: 'The engine that compares faces does not answer; the same picture may come again.',
  },
});

/** One thing that is wrong with a request, and where. */
export interface Wrong {
  readonly path: string;
  readonly message: string;
}

export const invalidRequest = (errors: readonly Wrong[]): EidError =>
  new EidError('in_person.invalid_request', { members: { errors } });

/** Why nothing was begun. */
export const notOpened = (refused: NotOpened): EidError =>
  new EidError(
    `in_person.${refused.reason}`,
    refused.reason === 'too_many' ? { facts: { retryAfter: refused.retryAfter } } : {},
  );

/** Why there is no result. */
export const noResult = (refused: NoResult): EidError => {
  const code = refused.reason === 'unknown' ? 'not_found' : refused.reason;
  if (refused.reason === 'picture')
    return new EidError(`in_person.${code}`, {
      members: { issues: refused.issues, pictures_left: refused.left },
    });
  return new EidError(
    `in_person.${code}`,
    code === 'at_work' || code === 'face_silent' ? { facts: { retryAfter: 1 } } : {},
  );
};

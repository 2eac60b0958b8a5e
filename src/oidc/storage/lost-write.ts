import type { errors } from 'oidc-provider';

/** What was lost: each is told to the client in its own way (request-unit.ts). */
export type Contested =
  | 'authorization_code'
  | 'refresh_token'
  | 'pushed_authorization_request'
  | 'device_code'
  | 'client_assertion'
  | 'dpop_proof'
  | 'grant'
  | 'session'
  | 'interaction';

/** A conditional write found that another request was first: everything of this request is undone. */
export class LostWrite extends Error {
  readonly contested: Contested;
  /** What the library itself would have answered, had the other request been earlier by a second. */
  readonly answer: errors.OIDCProviderError;
  /** The grant that hangs on a spent code or refresh token. */
  readonly grant: { id: string; clientId: string | undefined; accountId: string | undefined } | undefined;
  constructor(contested: Contested, answer: errors.OIDCProviderError, grant?: LostWrite['grant']) {
    super(`another request was first: ${contested}`);
    this.name = 'LostWrite';
    this.contested = contested;
    this.answer = answer;
    this.grant = grant;
  }
}

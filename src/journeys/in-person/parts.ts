import type { InPersonVerifications } from '../../domain/in-person/index.ts';
import type { Client } from '../../domain/relying-parties/index.ts';
import type { Messages } from '../../platform/messages.ts';

/** An access token as a request presents it. */
export interface PresentedToken {
  readonly scheme: 'Bearer' | 'DPoP';
  readonly value: string;
  /** What stands in the header DPoP. */
  readonly proof: string;
  readonly method: string;
  /** By the issuer, without a query. */
  readonly url: string;
}

/** What the API for checks in presence works with. */
export interface InPersonApiParts {
  readonly issuer: string;
  /** What tokens are for (RFC 8707): the address that everything stands below. */
  readonly resource: string;
  readonly scope: string;
  readonly messages: Pick<Messages, 't' | 'either'>;
  readonly inPerson: InPersonVerifications;
  readonly client: (clientId: string) => Promise<Client | undefined>;
  /** A token that is known here and has not ended, with its proof where it is bound to a key. */
  readonly token: (
    presented: PresentedToken,
  ) => Promise<
    { readonly clientId: string; readonly audiences: readonly string[]; readonly scopes: readonly string[] } | undefined
  >;
}

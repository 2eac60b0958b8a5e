import Router from '@koa/router';
import type { Consents } from '../../domain/consents/index.ts';
import { EidError } from '../../platform/errors.ts';
import { notesOf } from '../../platform/request.ts';
import type { Sealer } from '../../platform/sealed.ts';

/** Where a relying party says that it has stopped, for one withdrawal. */
export interface Confirmations {
  /** The address that the event about it names. */
  uriOf(consentId: string): string;
  readonly routes: Router;
}

/** What it works with. */
export interface ConfirmationParts {
  readonly consents: Pick<Consents, 'confirmed'>;
  /** Made for the purpose `withdrawal-confirmations`. */
  readonly sealer: Sealer;
  readonly issuer: string;
}

const CONTEXT = 'withdrawal';

/**
 * A push that was taken is a receipt and no more (RFC 8935 §2.2). So an event about a withdrawal names an address that nobody but
 * its receiver knows, sealed by us and good for this one withdrawal: a post there, with nothing in it and nothing of a browser's, is
 * the relying party's word that it has stopped. Said twice it is said; a look at the address says nothing.
 */
export function createConfirmations({ consents, sealer, issuer }: ConfirmationParts): Confirmations {
  const read = (token: string): string | undefined => {
    try {
      return sealer.openText(token, CONTEXT);
    } catch {
      return undefined;
    }
  };
  const routes = new Router();
  routes.post('/withdrawals/:token/confirmation', async (ctx) => {
    notesOf(ctx.req).program = true;
    const consentId = read(ctx.params.token ?? '');
    if (consentId === undefined) throw new EidError('http.not_found');
    await consents.confirmed(consentId);
    ctx.set('Cache-Control', 'no-store');
    ctx.status = 204;
  });
  return {
    uriOf: (consentId) => `${issuer}/withdrawals/${sealer.sealText(consentId, CONTEXT)}/confirmation`,
    routes,
  };
}

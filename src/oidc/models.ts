import type { Provider } from 'oidc-provider';
import type { FrozenAssurance, Proof } from '../domain/assurance/index.ts';
import type { BrowserFamily } from '../platform/plain-values/browser-family.ts';
import { actingIn, organisationIn } from './organisations/acting.ts';

/** What our session carries beside what the library keeps: its proofs, each with its moment, and when it began. */
export interface SessionExtras {
  proofs?: Proof[];
  /** Epoch seconds of the first sign-in: the session ends a day later, whatever happens in it (NIST SP 800-63B-4 §2.2). */
  began?: number;
  /** What the browser that signed in last said of itself, and the network it came from: sealed with the session, and gone with it. */
  device?: BrowserFamily & { readonly network?: string };
}

/** Sessions that begin with the running request. */
export const begun = new WeakSet<object>();

/** What our grants carry. */
export interface GrantExtras {
  /** The consent that opened it, for the receipts of what leaves. */
  consent?: string;
  /** The session that it came of, by its reference: what is granted for offline use outlives that. */
  session?: string;
}

type ModelClass = { IN_PAYLOAD: string[]; prototype: { save: (this: object, ttl?: number) => Promise<string> } };

const extend = (model: ModelClass, ...members: string[]): void => {
  const known = model.IN_PAYLOAD;
  Object.defineProperty(model, 'IN_PAYLOAD', { configurable: true, get: () => [...known, ...members] });
};

/** The assurance that the running authorization reached, put there by the interaction policy. */
export const reachedIn = new WeakMap<object, FrozenAssurance>();

/**
 * Lets the library's models carry our members, and freezes the assurance into each code and refresh token at the moment
 * it is saved. The levels of a request are computed for that request; nothing is written back to the session.
 */
export function extendModels(provider: Provider): void {
  const models = provider as unknown as Record<string, ModelClass> & {
    constructor: { ctx?: { oidc: LibraryContext } };
  };
  extend(models.Session!, 'proofs', 'began', 'device');
  extend(models.Interaction!, 'journey');
  extend(models.Grant!, 'consent', 'session');
  extend(models.AuthorizationCode!, 'assurance', 'organisation');
  extend(models.RefreshToken!, 'assurance', 'organisation');

  const code = models.AuthorizationCode!.prototype;
  const saveCode = code.save;
  code.save = function (this: FrozenCarrier, ttl) {
    const context = currentContext(provider);
    const reached = context && reachedIn.get(context);
    if (!reached) throw new Error('an authorization code without assurance');
    const organisation = actingIn.get(context);
    if (organisation !== undefined) this.organisation = organisation;
    Object.assign(this, { assurance: reached, acr: reached.acr, amr: reached.amr, authTime: reached.authTime });
    return saveCode.call(this, ttl);
  };

  const refresh = models.RefreshToken!.prototype;
  const saveRefresh = refresh.save;
  refresh.save = function (this: FrozenCarrier, ttl) {
    const entities = currentContext(provider)?.entities;
    const frozen = this.assurance ?? entities?.RotatedRefreshToken?.assurance ?? entities?.AuthorizationCode?.assurance;
    if (!frozen) throw new Error('a refresh token without assurance');
    this.assurance = frozen;
    const organisation = [this, entities?.RotatedRefreshToken, entities?.AuthorizationCode]
      .map(organisationIn)
      .find((code) => code !== undefined);
    if (organisation !== undefined) this.organisation = organisation;
    return saveRefresh.call(this, ttl);
  };
}

interface FrozenCarrier {
  assurance?: FrozenAssurance;
  /** The code of the organisation that the person acts for. */
  organisation?: string;
}

/** The parts of the library's request context that this folder uses and its types leave out. */
export interface LibraryContext {
  readonly entities: Record<string, (FrozenCarrier & Record<string, unknown>) | undefined>;
}

/** The library's context of the running request. */
export const currentContext = (provider: Provider): LibraryContext | undefined =>
  (provider.constructor as unknown as { ctx?: { oidc: LibraryContext } }).ctx?.oidc;

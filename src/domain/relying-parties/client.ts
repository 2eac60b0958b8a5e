import type { Floors } from '../assurance/index.ts';
import type { InPersonClaim } from './metadata/in-person.ts';

/** A text that stands on pages, in both languages. */
export interface Bilingual {
  readonly vi: string;
  readonly en: string;
}

/** What a relying party does, as a closed list: a console is filtered by it, and banks are asked for more. */
export const SECTORS = [
  'aviation',
  'banking',
  'public_service',
  'telecom',
  'health',
  'education',
  'insurance',
  'commerce',
  'other',
] as const;

/** One of `SECTORS`. */
export type Sector = (typeof SECTORS)[number];

/** Whom to write to: for people's data, when something does not work, when something is attacked. */
export interface Contacts {
  readonly dataProtection?: string;
  readonly technical?: string;
  readonly security?: string;
}

/** The organisation behind a client, as people see it. */
export interface RelyingParty {
  readonly id: string;
  readonly name: Bilingual;
  /** Who answers for it in law: the sector of pairwise subjects. Never changes. */
  readonly legalEntity: string;
  /** One or two letters that stand for it on pages. */
  readonly mark: string;
  /** `#rrggbb`. */
  readonly colour: string;
  readonly contact?: string;
  readonly sector?: Sector;
  readonly contacts?: Contacts;
}

/** What data is for, and which: shown beside each row of the consent page. */
export interface Purpose {
  readonly id: string;
  readonly text: Bilingual;
  /** The clause that allows it, where it is not consent alone. */
  readonly legalBasis?: string;
  readonly scopes: readonly string[];
  readonly claims: readonly string[];
}

/** What people in front of a counter may be checked for, and on what clause it stands. */
export interface InPersonPurpose {
  readonly id: string;
  readonly text: Bilingual;
  readonly legalBasis: string;
  readonly claims: readonly InPersonClaim[];
  /** `optional`: the card alone may be asked for. */
  readonly face: 'required' | 'optional';
}

/** Why a client may go without PKCE, and whether its `nonce` has to stand in. Never for public or FAPI clients. */
export interface PkceExemption {
  readonly reason: string;
  /** True: a request without `nonce` is refused. */
  readonly nonce: boolean;
  /** ISO 8601. */
  readonly recordedAt: string;
}

/** Client metadata as the wire writes it (RFC 7591, OpenID Connect Registration), without any secret. */
export type ClientMetadata = Readonly<Record<string, unknown>>;

/** What a client is allowed and asked beyond its protocol metadata. */
export interface ClientTerms {
  /** The headline, as a verb phrase. */
  readonly purpose: Bilingual;
  readonly purposes?: readonly Purpose[];
  /** ISO 8601, by `kid`: from then on the key proves nothing. */
  readonly keyExpiry?: Readonly<Record<string, string>>;
  /** ISO 8601. */
  readonly secretExpiresAt?: string;
  /** Where security events are pushed to (RFC 8935): a consent withdrawn, an account unlinked, and so on (`domain/deliveries`). */
  readonly eventsUri?: string;
  /** Given: the client may check people in presence, by card and face. */
  readonly inPersonVerification?: { readonly purposes: readonly InPersonPurpose[] };
  readonly floors: Floors;
  readonly scopeFloors: Readonly<Record<string, Floors>>;
  readonly claimFloors: Readonly<Record<string, Floors>>;
  readonly resourceFloors: Readonly<Record<string, Floors>>;
  /** True: an `acr` that is asked and not reached is no error. */
  readonly acrVoluntary: boolean;
  readonly pkceExemption?: PkceExemption;
  readonly allowedScopes: readonly string[];
  readonly allowedClaims: readonly string[];
  /** Names such as `LoA1` that an old client sends, and the context each stands for. */
  readonly legacyAcrMap?: Readonly<Record<string, string>>;
}

/** A registered client. The same object is handed out as long as its version stays. */
export interface Client extends ClientTerms {
  readonly clientId: string;
  readonly relyingParty: RelyingParty;
  readonly environment: 'sandbox' | 'production';
  /** Held to the FAPI 2.0 Security Profile. */
  readonly fapi: boolean;
  readonly metadata: ClientMetadata;
  readonly secretHash?: Buffer;
  /** The secret before this one, while both are good. */
  readonly previousSecret?: { readonly hash: Buffer; readonly until: Date };
  /** The kids of a `jwks_uri` that have expired; keys by value are gone from `metadata`. */
  readonly expiredKeys?: readonly string[];
  /** When the next key or secret expires: from then on this object is not to be used. */
  readonly goodUntil?: Date;
  readonly disabledAt?: Date;
  readonly version: number;
}

/** One thing that is wrong with a registration, and where. */
export interface Fault {
  /** `metadata.redirect_uris.0` */
  readonly path: string;
  readonly message: string;
}

import type { Floors } from '../assurance/index.ts';

/** A text that stands on pages, in both languages. */
export interface Bilingual {
  readonly vi: string;
  readonly en: string;
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
  readonly purpose: Bilingual;
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
  readonly disabledAt?: Date;
  readonly version: number;
}

/** One thing that is wrong with a registration, and where. */
export interface Fault {
  /** `metadata.redirect_uris.0` */
  readonly path: string;
  readonly message: string;
}

/** The purpose of nearly every consent: to sign in and hand over what the sign-in asks for. */
export const SIGN_IN = 'sign_in';

/** The words a person agreed to: which version of the text, in which language, and its SHA-256. */
export interface ConsentText {
  readonly version: string;
  readonly language: 'vi' | 'en';
  readonly hash: Buffer;
}

/** A consent that stands. */
export interface Consent {
  readonly id: string;
  readonly subscriberId: string;
  readonly clientId: string;
  readonly purpose: string;
  readonly scopes: readonly string[];
  readonly claims: readonly string[];
  readonly text: ConsentText;
  readonly givenBy: 'self' | 'guardian' | 'operator' | 'system';
  readonly givenAt: Date;
}

/** A consent with what became of it. */
export interface ConsentEntry extends Consent {
  readonly state: 'given' | 'withdrawn' | 'superseded';
}

/** How a relying party hears of a withdrawal: by an event, by the logout that is all it listens to, or from the operator's hand. */
export type Told = 'event' | 'logout' | 'by_hand';

/** A withdrawal, and by when whoever got the data has to have confirmed it. It took effect here at once. */
export interface Withdrawal {
  readonly consentId: string;
  readonly clientId: string;
  readonly withdrawnAt: Date;
  readonly told: Told;
  readonly confirmBy: Date;
  /** When an officer has told them; of those who are told by hand. */
  readonly toldAt?: Date;
  readonly confirmedAt?: Date;
}

/** What left the house: which claims, to whom, in what, on which ground. Never the values. */
export interface Disclosure {
  readonly subscriberId: string;
  readonly clientId: string;
  readonly claims: readonly string[];
  readonly carrier: 'id_token' | 'userinfo' | 'access_token' | 'introspection';
  /** Every disclosure has a consent or a recorded legal basis. */
  readonly ground: { readonly consentId: string } | { readonly legalBasis: string };
}

/** A disclosure as it was recorded. */
export type DisclosureReceipt = Disclosure & { readonly id: string; readonly at: Date };

/** The purpose of nearly every consent: to sign in and hand over what the sign-in asks for. */
export const SIGN_IN = 'sign_in';

/** The words a person agreed to: which version of the text, in which language, and its SHA-256. */
export interface ConsentText {
  readonly version: string;
  readonly language: 'vi' | 'en';
  readonly hash: Buffer;
}

/** What a relying party said that data is for, in both languages, as it stood then. */
export interface PurposeWords {
  readonly vi: string;
  readonly en: string;
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
  /** Missing in what was agreed to before they were kept. */
  readonly purposeWords?: PurposeWords;
  readonly givenBy: 'self' | 'guardian' | 'operator' | 'system';
  readonly givenAt: Date;
}

/** A consent with what became of it. */
export interface ConsentEntry extends Consent {
  readonly state: 'given' | 'withdrawn' | 'superseded';
}

/** How a relying party hears of a withdrawal: by an event, by the logout that is all it listens to, or from the operator's hand. */
export type Told = 'event' | 'logout' | 'by_hand';

/**
 * A withdrawal, and by when whoever got the data has to have confirmed that they have stopped. It took effect here at once. An
 * arrival is a receipt: it says that a message was taken (RFC 8935 §2.2), and nothing of what becomes of the data.
 */
export interface Withdrawal {
  readonly consentId: string;
  readonly clientId: string;
  readonly withdrawnAt: Date;
  readonly told: Told;
  readonly confirmBy: Date;
  /** When they were told: their server took the message, or an officer has written down that they know. */
  readonly toldAt?: Date;
  /** When the message was given up; from then on it is an officer who tells them. */
  readonly givenUpAt?: Date;
  /** When they have said that they have stopped: by the address that the event names, or to an officer. */
  readonly confirmedAt?: Date;
}

/** How far a withdrawal is. Being overdue is a fact beside it. */
export type WithdrawalState = 'on_its_way' | 'to_tell_by_hand' | 'told' | 'told_by_hand' | 'confirmed';

/** Whether an officer tells them: they listen to nothing, or nothing has reached them. */
export const isByHand = ({ told, givenUpAt }: Pick<Withdrawal, 'told' | 'givenUpAt'>): boolean =>
  told === 'by_hand' || givenUpAt !== undefined;

/** How far it is. */
export function stateOf(withdrawal: Withdrawal): WithdrawalState {
  if (withdrawal.confirmedAt) return 'confirmed';
  const byHand = isByHand(withdrawal);
  if (withdrawal.toldAt) return byHand ? 'told_by_hand' : 'told';
  return byHand ? 'to_tell_by_hand' : 'on_its_way';
}

/** Whether its clock has run out without a confirmation. */
export const isOverdue = ({ confirmedAt, confirmBy }: Withdrawal, now: Date): boolean =>
  confirmedAt === undefined && confirmBy < now;

/** What left the house: which claims, to whom, in what, on which ground. Never the values. */
export interface Disclosure {
  readonly subscriberId: string;
  readonly clientId: string;
  readonly claims: readonly string[];
  /** `in_person`: the signed result of a check at a counter. */
  readonly carrier: 'id_token' | 'userinfo' | 'access_token' | 'introspection' | 'in_person';
  /** Every disclosure has a consent or a recorded legal basis. */
  readonly ground: { readonly consentId: string } | { readonly legalBasis: string };
  /** What it was for. On the ground of a consent: what that consent said, whatever stands here. */
  readonly purposeWords?: PurposeWords;
}

/** A disclosure as it was recorded. */
export type DisclosureReceipt = Disclosure & { readonly id: string; readonly at: Date };

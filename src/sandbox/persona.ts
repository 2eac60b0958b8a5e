import type { LockGround, Person } from '../domain/subscribers/index.ts';

/** A text in both languages. */
export interface Told {
  readonly vi: string;
  readonly en: string;
}

/** One of the invented people. Everything about them is public, passwords too: they exist to be tried. */
export interface Persona {
  readonly id: string;
  /** Their row key, the same in every sandbox. */
  readonly subscriberId: string;
  readonly identityNumber: string;
  readonly person: Person;
  readonly accountLevel: 1 | 2;
  /** What was shown at the counter, for level 2. */
  readonly evidence?: 'chip' | 'chip_and_face' | 'passport';
  readonly lock?: LockGround;
  readonly password: string;
  readonly totp: boolean;
  /** Her card stays in the drawer: it is not bound to the account, though she could bind it. */
  readonly cardUnbound?: true;
  /** Gets codes by text message. */
  readonly textMessages: boolean;
  readonly story: Told;
  readonly tryThis: Told;
}

/** The row key of the persona of a number, the same in every sandbox. */
export const key = (number: number): string => `5e1d0000-0000-4000-8000-0000000000${String(number).padStart(2, '0')}`;

export const vietnamese = { accountType: 'citizen', nationality: 'VNM', locale: 'vi' } as const;
export const telephone = (ending: number) => ({ phone: `+84900000${ending}`, phoneVerified: true });
export const mailbox = (name: string) => ({ email: `${name}@sen.example`, emailVerified: true });

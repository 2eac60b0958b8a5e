import type { RegisteredPerson } from '../domain/registry/index.ts';
import type { Told } from './persona.ts';

/** Somebody of the register who has no account yet: a developer can try to sign up as them. */
export interface Newcomer {
  readonly id: string;
  readonly person: RegisteredPerson;
  /** The telephone that they would sign up with, E.164; a child has none. */
  readonly phone?: string;
  /** In whose name it stands, where that is not their own. */
  readonly phoneOf?: string;
  readonly birthdateOnCard?: string;
  readonly standing?: 'cancelled' | 'deceased';
  /** Their account was made through their guardian, of whom this is the row key: they come to take it over. */
  readonly accountBy?: string;
  /** Identity numbers; of an adult, whom a court has appointed. */
  readonly guardians?: readonly string[];
  readonly byCourt?: true;
  /** The register has no portrait of them. */
  readonly unseen?: true;
  /** The register is away the first times that it is asked about them. */
  readonly awayAtFirst?: number;
  readonly story: Told;
  /** What comes of it. */
  readonly tryThis: Told;
}

export const citizen = { accountType: 'citizen', nationality: 'VNM', documentExpiresOn: '2039-08-12' } as const;
const phone = (ending: number): string => `+84900000${ending}`;
/** Known to the register by a telephone. */
export const reached = (ending: number) => ({ contacts: { phone: phone(ending) }, phone: phone(ending) });

export function newcomer(
  {
    contacts = {},
    phone: own,
    ...rest
  }: Omit<Newcomer, 'person'> & { readonly contacts?: RegisteredPerson['contacts'] },
  person: Omit<RegisteredPerson, 'contacts'>,
): Newcomer {
  return { ...rest, ...(own === undefined ? {} : { phone: own }), person: { ...person, contacts } };
}

import type { PopulationRegistry, RegisteredGuardianship } from '../registry/index.ts';
import { awaitsHolder, type Guardianship } from './guardianship.ts';

/**
 * Whether somebody acts for another by what the register says (Decree 69/2024 Art. 7, 10): for a minor below the age as a parent or
 * guardian; for whoever is older only by a court's decision about an adult. A parent of somebody of seventeen does not.
 */
export const actsFor = ({ basis }: RegisteredGuardianship, ward: { readonly belowAge: boolean }): boolean =>
  ward.belowAge === (basis !== 'guardian_of_adult');

/** Who is asked. */
interface Asked {
  /** The number of an account now. */
  readonly identityNumber: (accountId: string) => Promise<string | undefined>;
  readonly population: Pick<PopulationRegistry, 'guardianship'>;
}

/**
 * Whether a court's decision keeps somebody from having their account to themselves: by what is known here, or by what the register
 * says at this moment of who looked after it last. A child's guardian may have become the grown-up's, and a term have been set anew.
 */
export async function isHeldByCourt(
  found: Guardianship | undefined,
  ward: string,
  { identityNumber, population }: Asked,
): Promise<boolean> {
  if (!found || found.handedOver) return false;
  if (!awaitsHolder(found)) return true;
  const guardian = await identityNumber(found.guardianId);
  if (guardian === undefined) return false;
  return (await population.guardianship({ guardian, ward }))?.basis === 'guardian_of_adult';
}

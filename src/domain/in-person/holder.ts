import { EidError } from '../../platform/errors.ts';
import type { RegisterEvents } from '../register-events/index.ts';
import type { PopulationRegistry } from '../registry/index.ts';
import type { Subscriber, Subscribers } from '../subscribers/index.ts';
import type { Holder } from './card-claims.ts';
import type { NotVerified } from './verification.ts';

/** Whose card it is, as far as we and the register know. */
export type HolderStanding =
  | { readonly stands: true; readonly register: boolean }
  | { readonly stands: false; readonly reason: Extract<NotVerified, 'register_silent' | 'holder_not_confirmed'> };

/** Who is asked about the holder of a card. */
export interface HolderParts {
  readonly subscribers: Pick<Subscribers, 'locate'>;
  /** What the population register has reported by itself: it holds where the register is not asked, too. */
  readonly reported: Pick<RegisterEvents, 'stands'>;
  /** None where no population register is connected. */
  readonly population: Pick<PopulationRegistry, 'match'> | undefined;
}

/** The account of this person, if there is one. */
export const accountOf = async (
  { subscribers }: Pick<HolderParts, 'subscribers'>,
  { identityNumber }: Holder,
): Promise<Subscriber | undefined> => (identityNumber === undefined ? undefined : subscribers.locate(identityNumber));

/**
 * Whether this person may be told to be who the card says. Neither a lock nor a death nor anything else has a word of its own in
 * the answer: a relying party never learns the ground (decisions, "Locks").
 */
export async function standingOf(
  { population, reported }: Pick<HolderParts, 'population' | 'reported'>,
  holder: Holder,
  account: Pick<Subscriber, 'state'> | undefined,
): Promise<HolderStanding> {
  const { documentNumber, identityNumber, fullName, birthdate } = holder;
  if (account && account.state !== 'active') return NOT_CONFIRMED;
  if (identityNumber !== undefined && !(await reported.stands(identityNumber, documentNumber))) return NOT_CONFIRMED;
  if (!population) return { stands: true, register: false };
  if (identityNumber === undefined || fullName === undefined || birthdate === undefined) return NOT_CONFIRMED;
  try {
    const { matched } = await population.match({ identityNumber, fullName, birthdate });
    return matched ? { stands: true, register: true } : NOT_CONFIRMED;
  } catch (error) {
    if (error instanceof EidError && error.code === 'population_registry.unavailable')
      return { stands: false, reason: 'register_silent' };
    throw error;
  }
}

const NOT_CONFIRMED = { stands: false, reason: 'holder_not_confirmed' } as const;

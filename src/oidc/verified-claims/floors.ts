import type { Floors } from '../../domain/assurance/index.ts';
import type { Client } from '../../domain/relying-parties/index.ts';
import { VERIFIED_CLAIMS } from '../../standards/identity-assurance/index.ts';

/** Who strongly is known is told only where they have strongly signed in (Identity Assurance 1.0 §10.2). */
const LEAST_PROVEN: Floors = { authenticationLevel: 2 };

type Floored = Pick<Client, 'floors' | 'claimFloors'>;

const ofClaims = ({ claimFloors }: Floored, names: readonly string[]): Floors[] =>
  names.flatMap((name) => (Object.hasOwn(claimFloors, name) ? [claimFloors[name]!] : []));

/** What the floors are that verified claims touch, and the claims within them. */
export const floorsOfVerified = (client: Floored, names: readonly string[]): Floors[] => [
  LEAST_PROVEN,
  ...ofClaims(client, [VERIFIED_CLAIMS, ...names]),
];

/**
 * Whether a client hears of a proofing from home where it asks for these claims. Over the network nobody is met: the floor is
 * `in_person` unless something says otherwise (issue 6 §2). What says it for all of them is the client or its floor for
 * `verified_claims`; a claim says it for itself alone. All that is said holds together, so that one `in_person` closes.
 */
export function hearsFromHome(client: Floored, names: readonly string[]): boolean {
  const said = (floors: readonly Floors[], is: Floors['proofing']) => floors.some(({ proofing }) => proofing === is);
  const all = [client.floors, ...ofClaims(client, [VERIFIED_CLAIMS])];
  if (said([...all, ...ofClaims(client, names)], 'in_person')) return false;
  return said(all, 'any') || (names.length > 0 && names.every((name) => said(ofClaims(client, [name]), 'any')));
}

/** Whether it does for some of these claims, or for none of them: what leaves may be fewer than were asked for. */
export const mayHearFromHome = (client: Floored, names: readonly string[]): boolean =>
  [[], ...names.map((name) => [name])].some((some) => hearsFromHome(client, some));

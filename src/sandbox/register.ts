import type { RegisterEntry } from '../domain/registry/index.ts';
import { passportOf } from './cards/passports.ts';
import { drawPerson } from './cards/portraits/drawing.ts';
import type { Newcomer } from './newcomer.ts';
import { NEWCOMERS } from './newcomers.ts';
import type { Persona } from './persona.ts';
import { PERSONAS } from './personas.ts';

const TAKEN_ON = '2024-08-12';

/** The passport of somebody from abroad. */
function named(identityNumber: string): Pick<RegisterEntry, 'passport'> {
  const passport = passportOf(identityNumber);
  return passport ? { passport } : {};
}

const drawn = (identityNumber: string) => async () => ({
  image: await drawPerson(identityNumber),
  takenOn: TAKEN_ON,
});

/** The register knows of the personas what their cards say. */
function entryOfPersona({ identityNumber, person, lock }: Persona): RegisterEntry {
  const { accountType, fullName, familyName, middleName, givenName, birthdate, gender, nationality, address } = person;
  const parts = { familyName, middleName, givenName, gender, address };
  const known = Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined));
  return {
    person: {
      ...{ identityNumber, accountType, fullName, birthdate, nationality, ...known },
      contacts: {
        ...(person.phone === undefined ? {} : { phone: person.phone }),
        ...(person.email === undefined ? {} : { email: person.email }),
      },
      documentExpiresOn: lock === 'card_expired' ? '2025-12-30' : '2039-08-12',
    },
    ...(lock === 'death' ? { standing: 'deceased' } : {}),
    ...named(identityNumber),
    portrait: drawn(identityNumber),
  };
}

const entryOfNewcomer = ({
  person,
  birthdateOnCard,
  standing,
  guardians,
  byCourt,
  unseen,
}: Newcomer): RegisterEntry => ({
  person,
  ...(birthdateOnCard === undefined ? {} : { birthdateOnCard }),
  ...(standing === undefined ? {} : { standing }),
  ...named(person.identityNumber),
  ...(guardians
    ? {
        guardians: guardians.map((identityNumber) => ({
          ...{ identityNumber, basis: byCourt ? ('guardian_of_adult' as const) : ('guardian_of_minor' as const) },
        })),
      }
    : {}),
  ...(unseen ? {} : { portrait: drawn(person.identityNumber) }),
});

/** What is asked about these meets silence, always. */
export const MAGIC = {
  registerBusy: '097000000503',
  registerSlow: '097000000504',
  telephoneDown: '+84900000503',
} as const;

/** What the simulated population register of a sandbox is made of. */
export const sandboxRegister = () => ({
  entries: [...PERSONAS.map(entryOfPersona), ...NEWCOMERS.map(entryOfNewcomer)],
  silent: {
    [MAGIC.registerBusy]: { mood: 'busy' as const },
    [MAGIC.registerSlow]: { mood: 'too_slow' as const },
    ...Object.fromEntries(
      NEWCOMERS.flatMap(({ person, awayAtFirst }) =>
        awayAtFirst ? [[person.identityNumber, { mood: 'unreachable' as const, times: awayAtFirst }]] : [],
      ),
    ),
  },
});

/** In whose name the telephones of a sandbox stand. */
export const sandboxTelephones = (): Record<string, string | { readonly mood: 'unreachable' }> => ({
  ...Object.fromEntries(
    // Each has a second one in their own name, for whoever tries what it is to change it: +84900000101, and +84900001101.
    PERSONAS.flatMap(({ person: { phone }, identityNumber }) =>
      phone ? [phone, phone.replace('+84900000', '+84900001')].map((number) => [number, identityNumber]) : [],
    ),
  ),
  ...Object.fromEntries(
    NEWCOMERS.flatMap(({ phone, phoneOf, person }) => (phone ? [[phone, phoneOf ?? person.identityNumber]] : [])),
  ),
  [MAGIC.telephoneDown]: { mood: 'unreachable' },
});

/** What is printed on the card of each newcomer, with what a developer wants to know of them. */
export const newcomerCards = () =>
  NEWCOMERS.map(({ id, person, phone, birthdateOnCard, guardians = [], story, tryThis }) => {
    const [guardian] = guardians.flatMap((number) =>
      PERSONAS.filter(({ identityNumber }) => identityNumber === number),
    );
    return {
      ...{ id, name: person.fullName, identityNumber: person.identityNumber, story, tryThis },
      birthdate: birthdateOnCard ?? person.birthdate,
      ...(phone === undefined ? {} : { phone }),
      ...(person.documentExpiresOn === undefined ? {} : { documentExpiresOn: person.documentExpiresOn }),
      ...(guardian ? { guardian: { name: guardian.person.fullName, identityNumber: guardian.identityNumber } } : {}),
    };
  });

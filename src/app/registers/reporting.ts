import { createSimulatedReporter, type Kind, type Said } from '../../domain/register-events/index.ts';
import type { PopulationRegistry, RegisterEntry, SimulatedPopulationRegistry } from '../../domain/registry/index.ts';
import { dayInVietNam } from '../../domain/subscribers/index.ts';
import { kindOf, type Reporting, type Saying } from '../../journeys/developer/register.ts';
import { NEWCOMERS, PERSONAS, presentCardNumber } from '../../sandbox/index.ts';
import type { Foundation } from '../foundation.ts';
import { sandboxReporter } from './register-events.ts';

const DAY = 86_400_000;
/** Whom the register of a sandbox names when somebody's guardian is to be another: Lan Anh, who has level 2. */
const FOLLOWS = '097190000002';
const isSimulated = (population: PopulationRegistry | undefined): population is SimulatedPopulationRegistry =>
  population !== undefined && 'amend' in population;

/** The register of a sandbox as one that reports: by a key of its own, over the network, to the endpoint that every register has. */
export function sandboxReporting(base: Foundation, population: PopulationRegistry | undefined): Reporting | undefined {
  const { settings, clock } = base;
  if (settings.registerEventsIssuer !== undefined) return undefined;
  const reporter = createSimulatedReporter({ ...sandboxReporter(base), clock });
  const people = [
    ...PERSONAS.map(({ identityNumber, person }) => ({ name: person.fullName, identityNumber })),
    ...NEWCOMERS.map(({ person }) => ({ name: person.fullName, identityNumber: person.identityNumber })),
  ];
  const day = (offset: number): string => dayInVietNam(new Date(clock.now().getTime() + offset * DAY));
  // The card in the drawer is the one that is held, given back and revoked; each new one has a number of its own.
  const cards = new Map<string, string>();
  const cardOf = (number: string): string => cards.get(number) ?? presentCardNumber(number);
  const newCard = (number: string): string => {
    cards.set(number, `N${String(clock.now().getTime()).slice(-9)}`);
    return cardOf(number);
  };

  // Who is somebody's guardian by what it has said last.
  const guardians = new Map<string, readonly string[]>();
  const guardiansOf = (number: string): readonly string[] =>
    guardians.get(number) ?? NEWCOMERS.find(({ person }) => person.identityNumber === number)?.guardians ?? [];

  const words = (
    number: string,
    name: string,
    saying: Saying,
  ): Partial<Said<'name-corrected'> & Said<'card-issued'> & Said<'guardianship-ended'>> => {
    if (saying === 'guardianship-ended' || saying === 'guardianship-passed') {
      const [guardian = FOLLOWS] = guardiansOf(number);
      guardians.set(number, saying === 'guardianship-passed' ? [FOLLOWS] : []);
      return {
        guardian_identity_number: guardian,
        ...(saying === 'guardianship-passed' ? { successor_identity_number: FOLLOWS } : {}),
      };
    }
    if (saying === 'name-corrected') return { full_name: `${name} Hai` };
    if (saying === 'card-issued') return { document_number: newCard(number), expires_on: day(3_650) };
    if (saying === 'passport-issued') return { document_number: newCard(`P${number}`), expires_on: day(3_650) };
    if (saying === 'card-expiring') return { document_number: newCard(number), expires_on: day(-1) };
    return saying.startsWith('card-') ? { document_number: cardOf(number) } : {};
  };

  /** What the register says of somebody from now on when it is asked. */
  const amended = (entry: RegisterEntry, saying: Saying, said: ReturnType<typeof words>): RegisterEntry => {
    const { standing: _, ...alive } = entry;
    const { familyName: __, middleName: ___, givenName: ____, ...unnamed } = entry.person;
    if (saying === 'guardianship-ended') return { ...entry, guardians: [] };
    if (saying === 'guardianship-passed')
      return { ...entry, guardians: [{ identityNumber: FOLLOWS, basis: 'guardian_of_adult' }] };
    if (saying === 'death') return { ...entry, standing: 'deceased' };
    if (saying === 'death-corrected' || saying === 'number-restored') return alive;
    if (saying === 'number-cancelled') return { ...entry, standing: 'cancelled' };
    if (said.full_name !== undefined) return { ...entry, person: { ...unnamed, fullName: said.full_name } };
    if (saying === 'passport-issued')
      return entry.passport
        ? { ...entry, passport: { ...entry.passport, documentNumber: said.document_number ?? '' } }
        : entry;
    if (said.expires_on !== undefined)
      return { ...entry, person: { ...entry.person, documentExpiresOn: said.expires_on } };
    return entry;
  };

  return {
    people,
    async report(number, saying) {
      const { name = '' } = people.find(({ identityNumber }) => identityNumber === number) ?? {};
      const said = words(number, name, saying);
      const body = await reporter.report(kindOf(saying) as Kind, number, said as never);
      const headers = { 'content-type': 'application/secevent+jwt' };
      const answer = await fetch(`${settings.issuer}/register/events`, { method: 'POST', headers, body });
      const { err } = answer.status === 400 ? ((await answer.json()) as { err?: string }) : {};
      if (answer.status === 202 && isSimulated(population))
        population.amend(number, (entry) => amended(entry, saying, said));
      return { status: answer.status, ...(err === undefined ? {} : { err }) };
    },
  };
}

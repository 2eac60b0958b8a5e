import { randomBytes, randomInt } from 'node:crypto';
import type { Settings } from '../config/settings.ts';
import { Unfit } from '../config/unfit.ts';
import { simulatedMessages } from '../domain/notices/index.ts';
import { documentKey } from '../domain/register-events/index.ts';
import { faultSentence } from '../domain/relying-parties/index.ts';
import type { Newcomers } from '../journeys/developer/newcomers.ts';
import { systemClock } from '../platform/clock.ts';
import { writeTogether } from '../platform/unit-of-work.ts';
import { readCard } from '../reader/read-card.ts';
import {
  cards,
  createSandboxClients,
  drawCardPicture,
  drawPerson,
  enterpriseCards,
  MAGIC,
  MARKS,
  NEWCOMERS,
  newcomerCards,
  openCard,
  openPassport,
  PERSONAS,
  passportHolders,
  passports,
  personaCards,
  SANDBOX_OPERATORS,
  sandboxFaults,
  seedOperators,
  seedSandbox,
  wardsWithCards,
} from '../sandbox/index.ts';
import { type Domain, domain } from './domain.ts';
import { type Foundation, foundation } from './foundation.ts';
import { invitationLink } from './operators.ts';
import { sandboxReporting } from './registers/reporting.ts';

const SAMPLES = [
  { name: 'airline', what: { vi: 'Làm thủ tục bay ở mức 2.', en: 'Check in for a flight at level 2.' } },
  {
    name: 'bank',
    what: { vi: 'Mở tài khoản và chuyển tiền, theo FAPI 2.0.', en: 'Open an account and send money, by FAPI 2.0.' },
  },
  {
    name: 'portal',
    what: {
      vi: 'Nộp hồ sơ: mức 1, một thủ tục cần mức 2.',
      en: 'File an application: level 1, one step asks level 2.',
    },
  },
  {
    name: 'clinic',
    what: {
      vi: 'Kiểm tra người đứng trước quầy bằng thẻ và khuôn mặt.',
      en: 'Check the person at the counter by card and face.',
    },
  },
] as const;

/** What the sandbox shows of itself. */
export function sandboxPages(base: Foundation, { registers }: Pick<Domain, 'registers'>) {
  const { views, settings, database, csrf } = base;
  const place = sandboxPlace(settings);
  const clients = createSandboxClients(place);
  return {
    views,
    csrf,
    cards: {
      cards: [...cards(), ...passports()],
      personas: drawerHolders(settings.brandName),
      tap: (cardId: string, reader: { session: string; token: string }) => tap(settings.issuer, cardId, reader),
    },
    newcomers: newcomers(),
    reporting: sandboxReporting(base, registers.population),
    issuer: settings.issuer,
    personas: personaCards(settings.brandName).map(({ number, ...card }) => ({ ...card, identityNumber: number })),
    operators: SANDBOX_OPERATORS.map(({ id, name, identityNumber, roles, story, code }) => ({
      ...{ id, name, identityNumber, roles, story, code },
      invitation: invitationLink(settings.issuer, code),
    })),
    clients: clients.cards(),
    samples: SAMPLES.map(({ name, what }) => {
      const { relyingParty } = clients.registrations.find(
        ({ registration }) => registration.clientId === `sample-${name}`,
      )!.registration;
      return { name: relyingParty.name, url: `http://localhost:${place.ports[name]}/`, what };
    }),
    messages: (limit: number) =>
      simulatedMessages(database, { limit }).then((kept) =>
        kept.map((one) => ({ ...one, subject: one.subject ?? undefined })),
      ),
  };
}

/** Whose cards are in the drawer: everybody with an account, and who is known to the register alone. */
function drawerHolders(brand: string) {
  const own = personaCards(brand).map(({ id, name, number }) => ({ id, name, identityNumber: number }));
  return [...own, ...wardsWithCards(), ...passportHolders().filter(({ id }) => !own.some((one) => one.id === id))];
}

/** The people to sign up as, and how whoever is asked about them is made to fall silent. */
function newcomers(): Newcomers {
  const numbers = new Map([
    ...PERSONAS.map(({ id, identityNumber }) => [id, identityNumber] as const),
    ...NEWCOMERS.map(({ id, person }) => [id, person.identityNumber] as const),
  ]);
  const markOf = (name: string) => MARKS.find((one) => one === name);
  return {
    people: newcomerCards(),
    enterprises: enterpriseCards(),
    marks: MARKS,
    picture(id, name) {
      const number = numbers.get(id);
      const mark = markOf(name);
      if (number === undefined || !(mark || name === 'card')) return undefined;
      return mark ? drawPerson(number, mark) : drawCardPicture(number);
    },
    camera(id, name) {
      const number = numbers.get(id);
      const mark = markOf(name);
      return number === undefined || !mark ? undefined : drawPerson(number, mark, randomInt(2 ** 40));
    },
    magic: [
      { value: MAGIC.registerBusy, what: 'register-busy' },
      { value: MAGIC.registerSlow, what: 'register-slow' },
      { value: MAGIC.telephoneDown, what: 'telephone-down' },
    ],
  };
}

/** Holds a software card to a reader session, as a telephone would: over the network, with the number printed on it. */
async function tap(issuer: string, cardId: string, { session, token }: { session: string; token: string }) {
  const card = openPassport(cardId, { random: randomBytes }) ?? openCard(cardId, { random: randomBytes });
  if (!card) throw new Error('no such card in this sandbox');
  const url = `${issuer.replace(/^http/, 'ws')}/chip/v1/session/${session}`;
  const password = { kind: 'CAN', secret: card.can } as const;
  return readCard({ url, token, password, transmit: card.transmit, policy: { extended: true } });
}

/** The samples take the next four ports after the provider's. */
const sandboxPlace = ({ issuer, port, masterSecret }: Settings) => ({
  issuer,
  ports: { airline: port + 1, bank: port + 2, portal: port + 3, clinic: port + 4 },
  master: masterSecret,
});

/** Puts the invented people and their relying parties in place; doing it again changes nothing. */
export const seed = (settings: Settings): Promise<void> => put(settings, createSandboxClients(sandboxPlace(settings)));

/** The people alone, wherever the sandbox will listen: what many sandboxes are copied from. */
export const seedPeople = (settings: Settings): Promise<void> =>
  put(settings, { registrations: [], resourceServers: [] });

async function put(settings: Settings, clients: Parameters<typeof seedSandbox>[0]['clients']): Promise<void> {
  if (settings.profile !== 'sandbox') throw new Error('only a sandbox is seeded');
  const base = foundation(settings, systemClock, {});
  try {
    const faults = await sandboxFaults(base.database);
    if (faults.length > 0) throw new Unfit(...faults);
    const { subscribers, relyingParties, authenticators, trustStore, operators, guardianships } = domain(base);
    await seedOperators(operators);
    await seedSandbox({
      ...{ trustStore, guardianships, now: base.clock.now() },
      write: (writes) => writeTogether(base.database, writes),
      documentKey: (documentNumber) => documentKey(base.sealer('register-events'), documentNumber),
      subscribers,
      relyingParties,
      clients,
      credentials: {
        kinds: async (id) => (await authenticators.of(id)).map((one) => one.kind),
        bindPassword: (id, password) => authenticators.install(id, { kind: 'password', password }),
        bindTotp: (id, secret) => authenticators.install(id, { kind: 'totp', secret }),
        bindPhone: (id, phone) => authenticators.install(id, { kind: 'message-otp', phone }),
        bindCard: (id, card) => authenticators.install(id, { kind: 'chip-card', card }),
      },
    });
  } finally {
    await base.database.close();
  }
}

/** Checks and loads `CLIENTS_FILE`; answers every fault of it as a sentence, and then nothing was loaded. */
export async function loadClients(settings: Settings): Promise<string[]> {
  if (!settings.clientsFile) return [];
  const base = foundation(settings, systemClock, {});
  try {
    const loaded = await domain(base).relyingParties.loadClientsFile(settings.clientsFile);
    return loaded.loaded ? [] : loaded.faults.map((fault) => `CLIENTS_FILE ${faultSentence(fault)}`);
  } finally {
    await base.database.close();
  }
}

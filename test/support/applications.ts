import { randomBytes } from 'node:crypto';
import sharp from 'sharp';
import {
  type Applications,
  createApplications,
  createPictureIntake,
  type Identity,
} from '../../src/domain/applications/index.ts';
import { ASSURANCE_POLICY } from '../../src/domain/assurance/index.ts';
import { createJournal } from '../../src/domain/audit/index.ts';
import {
  createSimulatedFaceMatcher,
  createUsedPictures,
  type PadLevel,
  type Seen,
} from '../../src/domain/biometrics/index.ts';
import { createNotices, createSimulatedChannel, type MessagePayload } from '../../src/domain/notices/index.ts';
import {
  createSimulatedPopulationRegistry,
  createSimulatedTelephoneRegistry,
  type RegisterEntry,
  type SimulatedTelephoneRegistry,
  type TelephoneRegistry,
} from '../../src/domain/registry/index.ts';
import { createSubscribers } from '../../src/domain/subscribers/index.ts';
import type { Database } from '../../src/platform/database.ts';
import { newToken } from '../../src/platform/ids.ts';
import { createMessages } from '../../src/platform/messages.ts';
import { createOutbox } from '../../src/platform/outbox.ts';
import { createPortraitDecoder } from '../../src/platform/portrait-decoder/portrait-decoder.ts';
import { sql } from '../../src/platform/sql.ts';
import { authenticatorsOn } from './authenticators.ts';
import { fixedClock } from './clock.ts';
import { testSealer } from './people.ts';

/**
 * Faces of the tests are colours: the same colour is the same face; white is nobody's, grey is too dark to tell. Yellow is the red
 * face on a screen, and of violet, the red face too, nobody has looked whether it lives.
 */
const FACES = {
  ...{ red: '#c02020', green: '#20a040', blue: '#2040c0', white: '#ffffff', grey: '#404040' },
  ...{ yellow: '#e0d020', violet: '#c020e0' },
} as const;
export type Face = keyof typeof FACES;

const drawn = new Map<string, Promise<Buffer>>();
/** A picture as a camera makes it, with what a camera writes into it. */
export function photo(face: Face, width = 480): Promise<Buffer> {
  const key = `${face} ${width}`;
  const made =
    drawn.get(key) ??
    sharp({ create: { width, height: (width * 4) / 3, channels: 3, background: FACES[face] } })
      .withExif({ IFD0: { Copyright: 'where it was taken' } })
      .jpeg({ quality: 90 })
      .toBuffer();
  drawn.set(key, made);
  return made;
}

/** The same at this moment: no camera makes a picture twice. */
export async function photoNow(face: Face, width = 240): Promise<Buffer> {
  const side = 16;
  const grain = { input: randomBytes(side * side * 3), raw: { width: side, height: side, channels: 3 as const } };
  return sharp(await photo(face, width))
    .composite([{ ...grain, top: 0, left: 0 }])
    .jpeg({ quality: 90 })
    .toBuffer();
}

/** What the simulated engine sees in such a picture. */
export async function look(image: Buffer): Promise<Seen> {
  const { dominant } = await sharp(image).stats();
  const distance = (hex: string): number => {
    const parts = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
    return Math.hypot(parts[0]! - dominant.r, parts[1]! - dominant.g, parts[2]! - dominant.b);
  };
  const [face] = Object.entries(FACES).sort(([, one], [, other]) => distance(one) - distance(other))[0]!;
  if (face === 'white') return { issues: ['no_face'] };
  if (face === 'grey') return { face: 'red', issues: ['too_dark'] };
  if (face === 'yellow') return { face: 'red', pad: 'fail' };
  if (face === 'violet') return { face: 'red', pad: 'not_performed' };
  return { face };
}

/** Somebody who asks for a code, from a network of their own. */
export const asking = (from = `2001:db8:${randomBytes(2).toString('hex')}::7`) => ({ locale: 'vi' as const, from });

let counter = 0;
/** Somebody of the register, with a number, a telephone and a face of their own. */
export function aRegistered(
  changes: Partial<RegisterEntry['person']> & { face?: Face } & Pick<RegisterEntry, 'standing' | 'guardians'> = {},
): RegisterEntry & { readonly phone: string } {
  counter += 1;
  const { face = 'red', standing, guardians, ...person } = changes;
  const identityNumber = `098190${String(counter).padStart(6, '0')}`;
  return {
    person: {
      identityNumber,
      accountType: 'citizen',
      fullName: 'Nguyễn Thị Lan Anh',
      birthdate: '1990-05-17',
      gender: 'female',
      nationality: 'VNM',
      contacts: {},
      documentExpiresOn: '2035-01-01',
      ...person,
    },
    portrait: async () => ({ image: await photo(face) }),
    ...(standing ? { standing } : {}),
    ...(guardians ? { guardians } : {}),
    phone: `+84912${String(counter).padStart(6, '0')}`,
  };
}

/** The office on a database, with everybody it asks simulated. Two of them on one database are two processes. */
export function officeOn(
  database: Database,
  people: readonly (RegisterEntry & { readonly phone: string })[],
  options: {
    clock?: ReturnType<typeof fixedClock>;
    /** What the answer of the telephones' register waits for. */
    hold?: () => Promise<void>;
    /** Another register of telephones than the one of these people. */
    telephone?: SimulatedTelephoneRegistry;
    /** What the engine plays at, and what is asked of it at a moment. */
    pad?: { readonly has: 'none' | 'active-challenge'; readonly asked: () => PadLevel };
  } = {},
) {
  const clock = options.clock ?? fixedClock();
  const journal = createJournal({ database, clock });
  const outbox = createOutbox({ database, sealer: testSealer('outbox') });
  const notices = createNotices({
    ...{ database, clock, journal, outbox },
    sealer: testSealer('notices'),
    messages: createMessages('views/messages'),
    channels: [createSimulatedChannel({ database, clock })],
    brand: 'SenID',
    host: 'sen.example',
  });
  const population = createSimulatedPopulationRegistry({ clock, entries: people, timeout: 20 });
  const holders = Object.fromEntries(people.map(({ phone, person }) => [phone, person.identityNumber]));
  const telephone = options.telephone ?? createSimulatedTelephoneRegistry({ clock, holders, timeout: 20 });
  const heard: TelephoneRegistry = {
    ownership: async (question) => {
      await options.hold?.();
      return telephone.ownership(question);
    },
  };
  const face = createSimulatedFaceMatcher({ look, pad: options.pad?.has ?? 'none', timeout: 20 });
  const subscribers = createSubscribers({ database, clock, journal, sealer: testSealer('subscribers') });
  const { authenticators } = authenticatorsOn(database, { clock });
  const decoder = createPortraitDecoder();
  const applications = createApplications({
    ...{ database, clock, journal, notices, subscribers, authenticators, population, telephone: heard, face },
    reachable: async (person) => ({ ...person, recoveryAddresses: [] }),
    sealer: testSealer('applications'),
    pictures: createPictureIntake(decoder),
    used: createUsedPictures({ database, clock, sealer: testSealer('pictures'), decoder }),
    padRequired: async () => options.pad?.asked() ?? 'none',
    assurance: async () => ASSURANCE_POLICY,
    sandbox: true,
  });

  /** Every message that left, to one address, the newest last. */
  async function messagesTo(address: string): Promise<string[]> {
    for (;;) {
      const claimed = await outbox.claim('message', { limit: 50, lease: 30 });
      if (claimed.length === 0) break;
      for (const message of claimed) {
        await notices.deliver(message.payload as MessagePayload);
        await outbox.settle([{ message, fate: { delivered: true } }]);
      }
    }
    const rows = await database.rows<{ body: string }>(
      sql`SELECT body FROM simulated_messages WHERE recipient = ${address} ORDER BY number`,
    );
    return rows.map(({ body }) => body);
  }
  const codeTo = async (phone: string): Promise<string> =>
    /#(\d{6})$/.exec((await messagesTo(phone)).findLast((text) => /#\d{6}$/.test(text)) ?? '')?.[1] ?? '';

  /** What somebody says of themselves when they say what the register holds. */
  const identityOf = ({ person }: RegisterEntry): Identity => ({
    accountType: person.accountType,
    identityNumber: person.identityNumber,
    fullName: person.fullName,
    birthdate: person.birthdate,
  });

  /** Fills the form in up to the summary. */
  async function fill(
    who: RegisterEntry & { readonly phone: string },
    changes: Partial<Identity> & { phone?: string; face?: Face } = {},
  ): Promise<string> {
    const { phone = who.phone, face: shown = 'red', ...identity } = changes;
    const token = newToken();
    await applications.identify(token, { ...identityOf(who), ...identity }, 'vi');
    const asked = await applications.askPhone(token, phone, asking());
    if (!asked.asked) throw new Error(`no code: ${asked.reason}`);
    const confirmed = await applications.confirmPhone(token, await codeTo(phone));
    if (confirmed !== 'confirmed') throw new Error(`the code is ${confirmed}`);
    await applications.consent(token);
    const taken = await applications.picture(token, await photoNow(shown));
    if (!taken.taken) throw new Error(`the picture is ${taken.reason}`);
    return token;
  }
  async function handIn(...given: Parameters<typeof fill>): Promise<string> {
    const submitted = await applications.submit(await fill(...given));
    if (!submitted.submitted) throw new Error(submitted.reason);
    return submitted.reference;
  }
  /** Looks at everything that is due. */
  async function work(): Promise<string[]> {
    const done: string[] = [];
    for (;;) {
      const one = await applications.checkNext();
      if (one === 'idle') return done;
      done.push(one);
    }
  }
  const row = (reference: string) =>
    database.row<{ id: string; state: string; reason: string | null; activation: string | null; account_id: string }>(
      sql`SELECT id, state, reason, activation, account_id FROM enrolment_applications WHERE reference = ${reference}`,
    );
  /** A browser that has confirmed the telephone of an application. */
  async function lookingAt(reference: string, phone: string): Promise<string> {
    const token = newToken();
    await applications.askStatus(token, reference, asking());
    await applications.confirmStatus(token, await codeTo(phone));
    return token;
  }
  /** The code of the last message that has one. */
  const longCodeTo = async (address: string): Promise<string> =>
    /\b[0-9A-Z]{5}-[0-9A-Z]{5}-[0-9A-Z]{4}\b/.exec(
      (await messagesTo(address)).findLast((one) => /-[0-9A-Z]{4}\b/.test(one)) ?? '',
    )?.[0] ?? '';

  /** Hands in, is approved, and has typed both codes in a browser that may activate now. */
  async function approved(who: Parameters<typeof fill>[0]): Promise<{ reference: string; token: string }> {
    const reference = await handIn(who);
    await work();
    const token = newToken();
    await applications.openActivation(token, await longCodeTo(who.phone), asking());
    await applications.confirmActivation(token, await codeTo(who.phone));
    return { reference, token };
  }

  return {
    ...{ clock, journal, applications, subscribers, authenticators, population, telephone, face, decoder, outbox },
    ...{ messagesTo, codeTo, longCodeTo, identityOf, fill, handIn, work, row, lookingAt, approved },
  };
}
export type Office = ReturnType<typeof officeOn> & { readonly applications: Applications };

import { createHash, randomBytes } from 'node:crypto';
import type { ChipEvidence } from '../../src/domain/proofing/index.ts';
import type { RegisterEntry } from '../../src/domain/registry/index.ts';
import { chipOptions } from '../../src/sandbox/cards/chip-options.ts';
import { type CardFiles, issueCard, issuePassport } from '../../src/sandbox/cards/issue.ts';
import { signChallenge } from '../../src/standards/icao9303/chip/sign-challenge.ts';
import { writeDg2 } from '../../src/standards/icao9303/lds/index.ts';
import { photo } from '../support/applications.ts';
import { createVirtualCard, opened, sandboxAuthority } from '../support/virtual-card.ts';

/** What a reader is asked to read for: a session, and the challenge that the chip signs. */
interface Asked {
  readonly session: string;
  /** Base64url. */
  readonly challenge: string;
}

/** A card in somebody's pocket. */
export interface PocketCard {
  readonly expiresOn: string;
  readonly documentNumber: string;
  /** The number that it names: of a passport none. */
  readonly identityNumber?: string;
  read(asked: Asked): Promise<ChipEvidence>;
}

const SEXES = { male: 'M', female: 'F', other: 'X' } as const;
/** What is printed on the card of somebody old: the zone knows no card without a last day. */
export const FOR_GOOD = '2099-12-31';
/** The portrait in a chip is of whoever has the card, as everybody who lives here looks. */
const portrait = { kind: 'jpeg', bytes: await photo('red', 240), width: 240, height: 320 } as const;
const withPortrait = (files: CardFiles): CardFiles => ({ ...files, DG2: writeDg2(portrait) });
const issued = new Map<string, PocketCard>();

/**
 * The card that somebody has by now: with their name and number, and good for as long as the register says. It opens by its
 * machine readable zone and proves itself by active authentication, as cards of the first years do: the quickest to read.
 * Somebody from abroad has the passport that the register names, which has no end here: it is the residence card that runs out.
 */
export function cardOf({ person, passport }: Pick<RegisterEntry, 'person' | 'passport'>): PocketCard {
  const { identityNumber, fullName, birthdate, gender } = person;
  const expiresOn = passport ? FOR_GOOD : (person.documentExpiresOn ?? FOR_GOOD);
  const about = [identityNumber, fullName, expiresOn, ...(passport ? [passport.documentNumber] : [])];
  const key = createHash('sha256').update(about.join('\n')).digest('hex');
  const known = issued.get(key);
  if (known) return known;
  const { active } = chipOptions(identityNumber, Number.parseInt(key.slice(0, 6), 16), 'P-256');
  const chip = { active: active! };
  const holder = { birthDate: birthdate, sex: SEXES[gender ?? 'other'] };
  const order = { issuedOn: '2024-08-12', expiresOn, chip };
  const [familyName = '', ...givenNames] = fullName.split(' ');
  const made = passport
    ? issuePassport(
        {
          ...{ ...order, state: passport.issuingState, documentNumber: passport.documentNumber },
          holder: { ...holder, familyName, givenNames: givenNames.join(' ') },
        },
        { signer: sandboxAuthority().signer('foreign'), before: withPortrait },
      )
    : issueCard(
        { ...order, holder: { ...holder, identityNumber, fullName } },
        { signer: sandboxAuthority().signer('national'), before: withPortrait },
      );
  const files = Object.fromEntries(
    Object.entries(made.files).map(([name, file]) => [name, file.toString('base64url')]),
  );
  const card: PocketCard = {
    ...{ expiresOn, documentNumber: made.documentNumber, ...(passport ? {} : { identityNumber }) },
    async read({ session, challenge }) {
      const { transmit } = await opened(
        { ...made, ...createVirtualCard({ random: randomBytes, ...made, chip }) },
        'MRZ',
      );
      const response = await signChallenge(transmit, Buffer.from(challenge, 'base64url'));
      return { session, access: 'BAC', files, active: { response: response.toString('base64url') } };
    },
  };
  issued.set(key, card);
  return card;
}

/** A village's cards are nobody's when its people are gone. */
export const forgetCards = (): void => issued.clear();

import type { RefusalCode } from '../../standards/icao9303/refusal.ts';
import { NEWCOMERS } from '../newcomers.ts';
import type { Persona, Told } from '../persona.ts';
import { PERSONAS } from '../personas.ts';
import { once, onceEach } from './authority/once.ts';
import { createTestAuthority } from './authority/test-authority.ts';
import { changed } from './changed-files.ts';
import { createVirtualCard, type VirtualCard, type VirtualCardParts } from './chip/virtual-card.ts';
import { type ChipOptions, chipOptions, inventedKeys, withoutKeys } from './chip-options.ts';
import { CARD_FAULTS, type CardFault, FAULTS, type FaultRow } from './faults.ts';
import { type CardOrder, type IssuedCard, issueCard } from './issue.ts';
import { writeDg15 } from './security-infos.ts';

/** A card that somebody in the sandbox has in the pocket, or that somebody made in their name. */
export interface SandboxCard {
  /** `level-2-chip.genuine`, `level-2-chip.cloned` */
  readonly id: string;
  readonly personaId: string;
  readonly documentNumber: string;
  readonly fault?: CardFault;
  readonly label: Told;
  /** What a sign-in with it, the right password beside, comes to. */
  readonly expected: 'accepted' | RefusalCode;
}

/** A card with what is printed on it. */
export interface OpenedCard extends VirtualCard, Pick<IssuedCard, 'can' | 'mrz' | 'mrzInformation'> {}

/** The authorities behind all cards of the sandbox. */
export const sandboxAuthority = once(createTestAuthority);

const GENUINE: Told = { vi: 'Thẻ thật', en: 'The genuine card' };
const GENUINE_ROW: FaultRow = { label: GENUINE, refusals: ['chip.unproven'] };
const ISSUED = '2024-08-12';
const EXPIRES = '2039-08-12';
/** A card of the first years with a chip: long expired, whatever day a sandbox is on. */
const EARLIER = { issuedOn: '2021-03-01', expiresOn: '2025-12-30' };

/** The only card of these is a bad one: it is why their account is locked. */
const ONLY_CARD: Partial<Record<string, CardFault>> = {
  'expired-card': 'expired-card',
  'revoked-card': 'withdrawn-card',
};

/** Whose a card is: somebody with an account, or a ward whom a counter gives level 2. */
interface Holder extends Pick<Persona, 'id' | 'identityNumber'> {
  readonly person: Pick<Persona['person'], 'fullName' | 'birthdate' | 'gender'> & {
    readonly documentExpiresOn?: string;
  };
}

/** By what their cards are called: a persona is `child` already. */
const WARD_IDS: Partial<Record<string, string>> = {
  child: 'ward-of-10',
  'ward-of-14': 'ward-of-14',
  'adult-ward': 'adult-ward',
};
/** A child has a card on request, from six years on with a photograph, and another at fourteen (domain model 4). */
const WARDS: readonly Holder[] = NEWCOMERS.flatMap(({ id: newcomer, person }) => {
  const id = WARD_IDS[newcomer];
  return id === undefined ? [] : [{ id, identityNumber: person.identityNumber, person }];
});

/** The wards who have a card, as the drawer names them. */
export const wardsWithCards = (): { readonly id: string; readonly name: string; readonly identityNumber: string }[] =>
  WARDS.map(({ id, identityNumber, person }) => ({ id, name: person.fullName, identityNumber }));

const HOLDERS: readonly Holder[] = [...PERSONAS, ...WARDS];
const holder = (id: string): Holder => HOLDERS.find((one) => one.id === id)!;

/** Level 1 personas have a card too: it is what lifts them. Foreigners have none of ours. */
const hasCards = ({ evidence, accountLevel }: Persona): boolean => evidence !== 'passport' || accountLevel === 1;

function cardsFor(persona: Persona): SandboxCard[] {
  if (!hasCards(persona)) return [];
  const only = ONLY_CARD[persona.id];
  if (only) return [cardOf(persona, only)];
  const genuine = cardOf(persona);
  return persona.accountLevel === 1 ? [genuine] : [genuine, ...CARD_FAULTS.map((fault) => cardOf(persona, fault))];
}

function cardOf(persona: Holder, fault?: CardFault): SandboxCard {
  const row: FaultRow | undefined = fault && FAULTS[fault];
  return {
    id: `${persona.id}.${fault ?? 'genuine'}`,
    personaId: persona.id,
    documentNumber: numberOf(persona, row),
    ...(fault ? { fault } : {}),
    label: row?.label ?? GENUINE,
    expected: row?.refusals[0] ?? 'accepted',
  };
}

/** What is printed on the card that somebody has now. */
export const presentCardNumber = (identityNumber: string): string => identityNumber.slice(3);

/** A former card beside a good one has a number of its own: by it the authority and the register tell them apart. */
const FORMER: Partial<Record<NonNullable<FaultRow['card']>, string>> = { withdrawn: 'W', expired: 'E' };
function numberOf({ id, identityNumber }: Holder, row: FaultRow | undefined): string {
  const former = row?.card && !ONLY_CARD[id] ? FORMER[row.card] : undefined;
  return former ? `${former}${identityNumber.slice(4)}` : presentCardNumber(identityNumber);
}

/** All cards of the sandbox. Nothing is issued by listing them. */
export const cards = once((): readonly SandboxCard[] => [
  ...PERSONAS.flatMap(cardsFor),
  ...WARDS.map((ward) => cardOf(ward)),
]);

/** The cards of a persona, the genuine one first; none for a persona without. */
export const cardsOf = (personaId: string): readonly SandboxCard[] =>
  cards().filter((card) => card.personaId === personaId);

/** The numbers of the documents that the authority has withdrawn. */
export const withdrawnDocuments = (): string[] =>
  cards()
    .filter(({ fault }) => fault === 'withdrawn-card')
    .map(({ documentNumber }) => documentNumber);

/** A card as it was issued, forged or copied; made when first asked for. `undefined` when there is no such card. */
export function issuedCard(cardId: string) {
  const card = cards().find(({ id }) => id === cardId);
  return card && made(card.id);
}
const made = onceEach((cardId: string) => make(cards().find(({ id }) => id === cardId)!));

/** What an account knows of the genuine card of a persona: told without issuing it. */
export function genuineDocument(personaId: string) {
  const card = cardsOf(personaId).find(
    ({ fault }) => fault === undefined || fault in { 'expired-card': 1, 'withdrawn-card': 1 },
  );
  const persona = PERSONAS.find(({ id }) => id === personaId);
  if (!card || !persona) return undefined;
  const row: FaultRow | undefined = card.fault && FAULTS[card.fault];
  const { active } = chipFor(persona, row ?? GENUINE_ROW);
  const { expiresOn } = row?.card === 'expired' ? EARLIER : { expiresOn: EXPIRES };
  return active && { documentNumber: card.documentNumber, expiresOn, dg15: writeDg15(active) };
}

/** Holds a card to a reader. `undefined` when there is no such card. */
export function openCard(
  cardId: string,
  parts: Pick<VirtualCardParts, 'random' | 'wait' | 'extendedLength'>,
): OpenedCard | undefined {
  const issued = issuedCard(cardId);
  if (!issued) return undefined;
  const { files, can, mrz, mrzInformation, chip, fault } = issued;
  return { ...createVirtualCard({ ...parts, files, can, mrzInformation, chip, fault }), can, mrz, mrzInformation };
}

function make({ personaId, documentNumber, fault }: SandboxCard) {
  const persona = holder(personaId);
  const row: FaultRow = fault ? FAULTS[fault] : GENUINE_ROW;
  const chip = chipFor(persona, row);
  const issued = issueCard(orderFor(persona, documentNumber, row, chip), {
    signer: sandboxAuthority().signer(row.signer ?? 'national'),
    hash: row.hash,
    flaw: row.flaw,
    before: row.before && ((files) => changed(row.before!, files)),
  });
  const files = row.after ? changed(row.after, issued.files) : issued.files;
  const keys = { none: withoutKeys, invented: inventedKeys, own: (own: ChipOptions) => own }[row.keys ?? 'own'];
  return { ...issued, files, chip: keys(chip), fault: row.chip };
}

/** Half of the chips have one curve, half the other, as with real issuers over the years. */
function chipFor({ identityNumber }: Holder, { proves }: FaultRow): ChipOptions {
  const even = Number(identityNumber.at(-1)) % 2 === 0;
  const { active, ...chip } = chipOptions(identityNumber, 1, even ? 'P-256' : 'brainpoolP256r1');
  return proves || !active ? chip : { ...chip, active };
}

const SEXES = { male: 'M', female: 'F', other: 'X' } as const;

const orderFor = (persona: Holder, documentNumber: string, { card }: FaultRow, chip: ChipOptions): CardOrder => ({
  holder: {
    identityNumber: persona.identityNumber,
    fullName: persona.person.fullName,
    birthDate: persona.person.birthdate,
    sex: SEXES[persona.person.gender ?? 'other'],
  },
  ...(card === 'expired' ? EARLIER : { issuedOn: ISSUED, expiresOn: persona.person.documentExpiresOn ?? EXPIRES }),
  chip,
  ...(documentNumber === presentCardNumber(persona.identityNumber) ? {} : { documentNumber }),
  ...(card === 'foreign' ? { state: 'UTO' } : {}),
});

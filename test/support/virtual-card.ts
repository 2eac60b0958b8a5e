import { randomBytes } from 'node:crypto';
import type { CardFile, ChipEvidence } from '../../src/domain/proofing/chip-evidence.ts';
import type { MessageSigner } from '../../src/sandbox/cards/authority/signed-data.ts';
import { type OpenedCard, openCard, sandboxAuthority } from '../../src/sandbox/cards/cards.ts';
import { createVirtualCard, type VirtualCardParts } from '../../src/sandbox/cards/chip/virtual-card.ts';
import { type ChipOptions, chipOptions } from '../../src/sandbox/cards/chip-options.ts';
import type { CardFault } from '../../src/sandbox/cards/faults.ts';
import { type Holder, type IssuedCard, issueCard } from '../../src/sandbox/cards/issue.ts';
import type { Password } from '../../src/standards/icao9303/access/key-derivation.ts';
import { throughMessaging } from '../../src/standards/icao9303/access/messaging.ts';
import { type OpenChip, openChip } from '../../src/standards/icao9303/access/open-chip.ts';
import { CARD_FILES } from '../../src/standards/icao9303/apdu/files.ts';
import { readCardAccess, readFile } from '../../src/standards/icao9303/apdu/read-file.ts';
import type { Transmit } from '../../src/standards/icao9303/apdu/response.ts';
import { beginChipAuthentication, FIRST_COMMAND } from '../../src/standards/icao9303/chip/chip-authentication.ts';
import { parseSecurityInfos } from '../../src/standards/icao9303/chip/security-infos.ts';
import { signChallenge } from '../../src/standards/icao9303/chip/sign-challenge.ts';
import { writeDg2 } from '../../src/standards/icao9303/lds/index.ts';
import { createAnchors, type TrustAnchors } from '../../src/standards/icao9303/pki/anchors.ts';
import { parseCertificate } from '../../src/standards/icao9303/pki/certificate.ts';
import { parseRevocationList, verifyRevocationList } from '../../src/standards/icao9303/pki/revocation-list.ts';
import { Refused } from '../../src/standards/icao9303/refusal.ts';

export { cards, cardsOf, issuedCard, openCard, sandboxAuthority } from '../../src/sandbox/cards/cards.ts';
export { createVirtualCard } from '../../src/sandbox/cards/chip/virtual-card.ts';

/** A card of a sandbox persona, Lan Anh's genuine one unless told otherwise. */
export function virtualCard(
  wish: { persona?: string; fault?: CardFault } & Pick<Partial<VirtualCardParts>, 'wait' | 'extendedLength'> = {},
): OpenedCard & { id: string } {
  const { persona = 'level-2-chip', fault, ...parts } = wish;
  const id = `${persona}.${fault ?? 'genuine'}`;
  const card = openCard(id, { random: randomBytes, ...parts });
  if (!card) throw new Error(`there is no card ${id}`);
  return { ...card, id };
}

/** A card of Lan Anh's with a chip and a signer of the caller's choice. */
export function customCard(
  chip: ChipOptions,
  { signer = sandboxAuthority().signer('national'), ...parts }: { signer?: MessageSigner } & CustomParts = {},
): OpenedCard & Pick<IssuedCard, 'files'> {
  const holder = { ...HOLDER };
  const issued = issueCard({ holder, issuedOn: '2024-08-12', expiresOn: '2039-08-12', chip }, { signer });
  return { ...issued, ...createVirtualCard({ random: randomBytes, ...parts, ...issued, chip }) };
}
/** A card that is in nobody's drawer: with the number that somebody has by now, or of somebody from abroad who lives here. */
export function cardOf(holder: Holder, expiresOn = '2039-08-12'): OpenedCard {
  const chip = chipOptions(`${holder.identityNumber} ${expiresOn}`, 1, 'P-256');
  const order = { holder, issuedOn: '2024-08-12', expiresOn, chip };
  const issued = issueCard(order, { signer: sandboxAuthority().signer('national') });
  return { ...issued, ...createVirtualCard({ random: randomBytes, ...issued, chip }) };
}
/** A card of somebody with this portrait in its chip, which the register need not have. */
export function cardWithPortrait(
  holder: Holder,
  portrait: { readonly bytes: Buffer; readonly width: number; readonly height: number },
): OpenedCard {
  const chip = chipOptions(holder.identityNumber, 1, 'P-256');
  const order = { holder, issuedOn: '2024-08-12', expiresOn: '2039-08-12', chip };
  const issued = issueCard(order, {
    signer: sandboxAuthority().signer('national'),
    before: (files) => ({ ...files, DG2: writeDg2({ kind: 'jpeg', ...portrait }) }),
  });
  return { ...issued, ...createVirtualCard({ random: randomBytes, ...issued, chip }) };
}

type CustomParts = Partial<Omit<VirtualCardParts, 'files' | 'chip'>>;
const HOLDER = {
  identityNumber: '097190000002',
  fullName: 'Nguyễn Thị Lan Anh',
  birthDate: '1990-05-17',
  sex: 'F',
} as const;

/** Trust in the sandbox's authorities: the national one pinned, the foreign one known, both lists of `now`. */
export async function sandboxTrust(now: Date): Promise<TrustAnchors> {
  const authority = sandboxAuthority();
  const [national, foreign] = (['national', 'foreign'] as const).map((name) =>
    parseCertificate(authority.certificate(name)),
  ) as [ReturnType<typeof parseCertificate>, ReturnType<typeof parseCertificate>];
  const lists = [national, foreign].map((certificate, place) => ({
    certificate,
    list: parseRevocationList(authority.revocationList(place === 0 ? 'national' : 'foreign', now)),
  }));
  for (const { list, certificate } of lists) await verifyRevocationList(list, certificate);
  return createAnchors({
    version: 'sandbox',
    anchors: [
      { certificate: national, national: true },
      { certificate: foreign, national: false },
    ],
    lists: lists.map(({ list }) => list),
  });
}

/** Opens a card as a reader does, with what is printed on it. */
export async function opened(
  card: OpenedCard,
  kind: Password['kind'] = 'CAN',
): Promise<OpenChip & { cardAccess?: Buffer }> {
  const cardAccess = await readCardAccess(card.transmit);
  const password = { kind, secret: kind === 'CAN' ? card.can : card.mrzInformation };
  const chip = await openChip(
    card.transmit,
    { ...(cardAccess ? { cardAccess } : {}), password, policy: 'pace-or-bac' },
    randomBytes,
  );
  return { ...chip, ...(cardAccess ? { cardAccess } : {}) };
}

/**
 * Reads all of a card and lets the chip prove itself in the ways that it offers; what a chip does not answer is left out.
 * Refuses as the reading does.
 */
export async function evidenceOf(
  card: OpenedCard,
  { challenge, session = 'test-session' }: { challenge: Buffer; session?: string },
): Promise<ChipEvidence> {
  const chip = await opened(card);
  const files: Partial<Record<CardFile, Buffer>> = chip.cardAccess ? { CardAccess: chip.cardAccess } : {};
  for (const name of Object.keys(CARD_FILES) as CardFile[]) {
    if (name === 'CardAccess') continue;
    const file = await orStatus(readFile(chip.transmit, name));
    if (file) files[name] = file;
  }
  const response = files.DG15 && (await orStatus(signChallenge(chip.transmit, challenge)));
  const { DG14: dg14 } = files;
  // A chip that names no key is not asked for it.
  const asked = dg14 && parseSecurityInfos(dg14).chipKeys.length > 0;
  const proven = asked && (await orStatus(chipEvidence(card.transmit, chip, dg14)));
  const text = (bytes: Buffer): string => bytes.toString('base64url');
  return {
    session,
    access: chip.access,
    files: Object.fromEntries(Object.entries(files).map(([name, file]) => [name, text(file)])),
    ...(response ? { active: { response: text(response) } } : {}),
    ...(proven ? { chip: { ephemeral: text(proven.ephemeral), response: text(proven.response) } } : {}),
  };
}

/** Chip authentication as a reader lets it be done: the first answer under the new keys is taken as it comes. */
async function chipEvidence(transmit: Transmit, { messaging }: OpenChip, dg14: Buffer) {
  const begun = beginChipAuthentication({ dg14, random: randomBytes });
  const answers: Buffer[] = [];
  for (const command of begun.commands) answers.push(await throughMessaging(transmit, messaging)(command));
  const next = begun.complete(answers);
  return { ephemeral: begun.ephemeral, response: await transmit(next.protect(FIRST_COMMAND)) };
}

/** Nothing, where the chip answered with a status that is no success: a file or key that it has not. */
async function orStatus<Read>(reading: Promise<Read>): Promise<Read | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof Refused && (error.code === 'apdu.status' || error.code === 'ca.failed')) return undefined;
    throw error;
  }
}

import type { CardFileName } from '../../standards/icao9303/apdu/files.ts';
import {
  formatNationalCard,
  formatTd1,
  formatTd3,
  mrzInformation,
  type NationalData,
  parseMrz,
  writeCom,
  writeDg1,
  writeDg2,
  writeDg13,
} from '../../standards/icao9303/lds/index.ts';
import type { SignerName } from './authority/document-signers.ts';
import type { MessageSigner } from './authority/signed-data.ts';
import type { HashName } from './authority/signing-key.ts';
import type { ChipOptions } from './chip-options.ts';
import { type Drawing, portraitOf } from './portraits/portrait.ts';
import { writeCardAccess, writeDg14, writeDg15 } from './security-infos.ts';
import { type SecurityObjectFlaw, writeSecurityObject } from './security-object.ts';

/** The files of a chip, raw. */
export type CardFiles = Partial<Readonly<Record<CardFileName, Buffer>>>;

/** Whom a card is for. */
export interface Holder {
  /** Twelve digits. */
  readonly identityNumber: string;
  readonly fullName: string;
  /** ISO 8601, as much as is known. */
  readonly birthDate: string;
  readonly sex: 'M' | 'F' | 'X';
}

/** What is printed on a card and written into its chip. */
export interface CardOrder {
  readonly holder: Holder;
  /** ISO 8601. */
  readonly issuedOn: string;
  readonly expiresOn: string;
  readonly chip: ChipOptions;
  readonly drawing?: Drawing | undefined;
  /** A number of its own; the last nine digits of the holder's otherwise, as on cards of today. */
  readonly documentNumber?: string | undefined;
  /** Of another country: three letters of the machine readable zone. */
  readonly state?: string | undefined;
}

/** A passport: a state that knows nothing of our numbers. */
export interface PassportOrder extends Omit<CardOrder, 'holder' | 'documentNumber' | 'state'> {
  readonly holder: Omit<Holder, 'identityNumber' | 'fullName'> & {
    readonly familyName: string;
    readonly givenNames: string;
  };
  readonly state: string;
  readonly documentNumber: string;
}

/** How the security object is made. */
export interface Signing {
  readonly signer: MessageSigner;
  readonly hash?: HashName | undefined;
  readonly version?: 0 | 1 | undefined;
  readonly flaw?: SecurityObjectFlaw | undefined;
  /** Files as they are signed, made from the honest ones. */
  readonly before?: ((files: CardFiles) => CardFiles) | undefined;
}

/** A card with its chip written. */
export interface IssuedCard {
  readonly files: CardFiles;
  /** Printed on the front: six digits. */
  readonly can: string;
  /** Printed on the back of a card in 90 characters, in a passport in 88. */
  readonly mrz: string;
  /** What opens the chip by the machine readable zone (9303-11 §4.3.2). */
  readonly mrzInformation: string;
  readonly documentNumber: string;
}

export type { SignerName };

/** Numbers of the data groups among the files. */
const DATA_GROUPS = { DG1: 1, DG2: 2, DG13: 13, DG14: 14, DG15: 15 } as const;

/** Issues a card: personalises the files of the chip and has them signed. */
export const issueCard = (order: CardOrder, signing: Signing): IssuedCard =>
  issued({ ...order, mrz: zoneOf(order), owner: order.holder.identityNumber, national: nationalData(order) }, signing);

/** Issues a passport. A number to open it by is printed in those of many states (9303-11 §4.4.2). */
export function issuePassport({ holder, ...order }: PassportOrder, signing: Signing): IssuedCard {
  const { state, documentNumber, expiresOn: expiryDate } = order;
  const { familyName: primaryIdentifier, givenNames: secondaryIdentifier, birthDate, sex } = holder;
  const mrz = formatTd3({
    ...{ documentCode: 'P', issuingState: state, nationality: state, documentNumber, birthDate, sex, expiryDate },
    ...{ primaryIdentifier, secondaryIdentifier },
  });
  return issued({ ...order, mrz, owner: documentNumber.replace(/\D/g, '').padStart(12, '0') }, signing);
}

/** What is written into a chip, whatever is printed around it. */
interface Personalised extends Pick<CardOrder, 'issuedOn' | 'chip' | 'drawing'> {
  readonly mrz: string;
  /** Figures of the document by which it is opened, and its portrait drawn. */
  readonly owner: string;
  readonly national?: NationalData;
}

function issued(order: Personalised, { before = (files) => files, ...signing }: Signing): IssuedCard {
  const { mrz } = order;
  // Cards of the sandbox are for people who live now; the moment only tells the century of a birth date.
  const read = parseMrz(mrz, new Date(`${order.issuedOn}T00:00:00Z`));
  const { chip, owner, national } = order;
  const [cardAccess, dg14] = [writeCardAccess(chip), writeDg14(chip)];
  const files = before({
    ...(cardAccess ? { CardAccess: cardAccess } : {}),
    DG1: writeDg1(mrz),
    DG2: writeDg2(portraitOf(order.drawing ?? 'lotus', owner)),
    ...(national ? { DG13: writeDg13(national) } : {}),
    ...(dg14 ? { DG14: dg14 } : {}),
    ...(chip.active ? { DG15: writeDg15(chip.active) } : {}),
  });
  const dataGroups = new Map(
    Object.entries(DATA_GROUPS).flatMap(([name, number]) => {
      const file = files[name as keyof typeof DATA_GROUPS];
      return file ? [[number, file] as const] : [];
    }),
  );
  return {
    files: { ...files, COM: writeCom([...dataGroups.keys()]), SOD: writeSecurityObject({ ...signing, dataGroups }) },
    can: owner.slice(-6),
    mrz,
    mrzInformation: mrzInformation(read),
    documentNumber: read.documentNumber,
  };
}

/** The machine readable zone of an order. */
function zoneOf({ holder, expiresOn: expiryDate, documentNumber, state }: CardOrder): string {
  const { identityNumber, fullName, birthDate, sex } = holder;
  if (documentNumber === undefined && state === undefined) {
    return formatNationalCard({ personalNumber: identityNumber, fullName, birthDate, sex, expiryDate });
  }
  const [family = '', ...others] = fullName.split(' ');
  return formatTd1({
    documentCode: 'ID',
    issuingState: state ?? 'VNM',
    nationality: state ?? 'VNM',
    documentNumber: documentNumber ?? identityNumber.slice(3),
    optionalData: identityNumber,
    primaryIdentifier: family,
    secondaryIdentifier: others.join(' '),
    ...{ birthDate, sex, expiryDate },
  });
}

const SEXES = { M: 'Nam', F: 'Nữ', X: '' } as const;
/** `dd/MM/yyyy`, or as much of it as is known. */
const written = (iso: string): string => iso.split('-').reverse().join('/');

const nationalData = ({ holder, issuedOn, expiresOn }: CardOrder): NationalData => ({
  personalNumber: holder.identityNumber,
  fullName: holder.fullName,
  birthDate: written(holder.birthDate),
  sex: SEXES[holder.sex],
  nationality: 'Việt Nam',
  ethnicity: 'Kinh',
  religion: 'Không',
  placeOfOrigin: 'Phường Ao Trong, Thành phố Thử Nghiệm',
  residence: 'Số 9, ngõ Hoa Sen, Phường Ao Trong, Thành phố Thử Nghiệm',
  identifyingMarks: 'Nốt ruồi hình hoa sen sau tai trái',
  issueDate: written(issuedOn),
  expiryDate: written(expiresOn),
  fatherName: 'Người Cha Thử Nghiệm',
  motherName: 'Người Mẹ Thử Nghiệm',
});

import type { RefusalCode } from '../../standards/icao9303/refusal.ts';

/** What stands before the dot of a refusal: all that a reader is told. */
type Coarse = RefusalCode extends infer Code ? (Code extends `${infer Area}.${string}` ? Area : never) : never;

const DAMAGED = 'The card sent what no honest card sends. Try once more; if it stays so, have the card examined.';
const NOT_TRUSTED = 'The server does not trust whoever signed this card: ask its operator which countries it knows.';

const ADVICE: Readonly<Record<Coarse | 'connection', string>> = {
  input: 'Some of the card could not be read. Lay it flat on the reader and try again from the sign-in page.',
  asn1: DAMAGED,
  mrz: DAMAGED,
  sod: DAMAGED,
  algorithm: NOT_TRUSTED,
  certificate: NOT_TRUSTED,
  dsc: NOT_TRUSTED,
  csca: NOT_TRUSTED,
  crl: 'The server has no fresh revocation list of this country: its operator has to bring one.',
  masterlist: NOT_TRUSTED,
  dg: DAMAGED,
  image: DAMAGED,
  chip: 'The chip did not prove that it is no copy. Use the original card.',
  aa: 'The chip did not prove that it is no copy. Use the original card.',
  ca: 'The chip did not prove that it is no copy. Use the original card.',
  access: 'The chip did not open: compare the card access number with the six digits on the front of the card.',
  messaging: 'The connection with the chip was disturbed. Leave the card on the reader and try again.',
  apdu: 'The chip refused a command. Leave the card on the reader and try again.',
  document: 'The document is expired, withdrawn, or not the one that is asked for. Use another one.',
  reader:
    'The session is over, or the card went away. Begin again on the sign-in page and leave the card in its place.',
  connection: 'The server does not answer, or the line broke. Look at the address and the network, and begin again.',
};

/** What to do about a refusal, by its coarse code; a server of another day may say one that is not known here. */
export const adviceOn = (code = ''): string =>
  Object.hasOwn(ADVICE, code) ? ADVICE[code as Coarse] : 'Begin again on the sign-in page.';

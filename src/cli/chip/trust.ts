import { readdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import { type Anchor, createAnchors, type TrustAnchors } from '../../standards/icao9303/pki/anchors.ts';
import { type Certificate, parseCertificate } from '../../standards/icao9303/pki/certificate.ts';
import { parseMasterList, verifyMasterList } from '../../standards/icao9303/pki/master-list.ts';
import {
  parseRevocationList,
  type RevocationList,
  speaksFor,
  verifyRevocationList,
} from '../../standards/icao9303/pki/revocation-list.ts';
import { asRefusal, Refused } from '../../standards/icao9303/refusal.ts';
import { CommandFault } from '../command-fault.ts';
import { bytesOf, isFolder } from './dump.ts';

/** Where trust comes from, as typed. */
export interface TrustInput {
  /** Certificates, master lists, or folders of them. */
  readonly trust: readonly string[];
  readonly root?: string;
  readonly crl: readonly string[];
  /** Two letters: an authority of this country is pinned as national, unless only a master list brings it. */
  readonly nation?: string;
  readonly now: Date;
}

/** What somebody decided to trust for this examination, and what an examiner should know about it. */
export interface Trust {
  readonly anchors: TrustAnchors;
  readonly certificates: number;
  readonly masterLists: readonly {
    readonly signer: string;
    readonly signedAt: string;
    readonly certificates: number;
  }[];
  /** Of revocation lists that count. */
  readonly revocationLists: number;
  readonly notes: readonly string[];
}

const CERTIFICATES = ['.cer', '.crt', '.der', '.pem'];
const MAX_BYTES = 8_388_608;

/** Reads and verifies it all. Throws `CommandFault`: 2 for what cannot be read or believed, 64 for a list without its root. */
export async function loadTrust({ trust, root, crl, nation, now }: TrustInput): Promise<Trust> {
  const notes: string[] = [];
  const anchors = new Map<string, Anchor>();
  const masterLists: Trust['masterLists'][number][] = [];
  const files = trust.flatMap((path) => filesIn(path, [...CERTIFICATES, '.ml']));
  for (const path of files.filter((file) => extname(file).toLowerCase() !== '.ml')) {
    for (const certificate of await certificatesIn(path)) {
      anchors.set(certificate.sha256, { certificate, national: certificate.country === nation });
    }
  }
  for (const path of files.filter((file) => extname(file).toLowerCase() === '.ml')) {
    if (!root)
      throw new CommandFault(64, `${path} is a master list: --root FILE says under which certificate it stands.`);
    const [pinned] = await certificatesIn(root);
    const list = await believed(path, async () => {
      const read = parseMasterList(bytesOf(path, MAX_BYTES));
      // An examination of an earlier day is made with a list of today: its signer was valid when it signed.
      return verifyMasterList(read, { root: pinned!, now: read.signedAt > now ? read.signedAt : now });
    });
    const { length } = list.certificates;
    masterLists.push({ signer: list.signer.subject.text, signedAt: list.signedAt.toISOString(), certificates: length });
    let skipped = 0;
    for (const der of list.certificates) {
      const certificate = readable(der);
      if (!certificate) skipped += 1;
      else if (!anchors.has(certificate.sha256)) anchors.set(certificate.sha256, { certificate, national: false });
    }
    if (skipped > 0) notes.push(`${path}: ${skipped} of ${length} certificates cannot be read, and vouch for nobody.`);
  }
  const lists = await revocationLists(crl, [...anchors.values()], notes);
  return {
    anchors: createAnchors({ version: 'command line', anchors: [...anchors.values()], lists }),
    certificates: anchors.size,
    masterLists,
    revocationLists: lists.length,
    notes,
  };
}

/** The lists that one of the trusted authorities signed; another is left aside, and named. */
async function revocationLists(crl: readonly string[], anchors: readonly Anchor[], notes: string[]) {
  const lists: RevocationList[] = [];
  for (const path of crl.flatMap((each) => filesIn(each, ['.crl']))) {
    const list = await believed(path, async () => parseRevocationList(bytesOf(path, MAX_BYTES)));
    const speaking = anchors.filter(({ certificate }) => speaksFor(list, certificate));
    const signed = await Promise.all(speaking.map(({ certificate }) => holds(verifyRevocationList(list, certificate))));
    if (signed.includes(true)) lists.push(list);
    else notes.push(`${path}: left aside, for no trusted authority signed it (it names ${list.issuer.text}).`);
  }
  return lists;
}

const filesIn = (path: string, extensions: readonly string[]): string[] =>
  isFolder(path)
    ? readdirSync(path)
        .sort()
        .filter((name) => extensions.includes(extname(name).toLowerCase()))
        .map((name) => join(path, name))
    : [path];

/** DER, or any number of certificates as PEM (RFC 7468 §5). */
async function certificatesIn(path: string): Promise<Certificate[]> {
  const bytes = bytesOf(path, MAX_BYTES);
  const armoured = [
    ...bytes.toString('latin1').matchAll(/-----BEGIN CERTIFICATE-----([^-]+)-----END CERTIFICATE-----/g),
  ];
  const ders = armoured.length > 0 ? armoured.map(([, text = '']) => Buffer.from(text, 'base64')) : [bytes];
  return believed(path, async () => ders.map(parseCertificate));
}

/** What is trusted must be whole: a refusal here ends the command, and says which file. */
async function believed<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof CommandFault) throw error;
    const { code, about } = asRefusal(error);
    throw new CommandFault(2, `${path}: ${code}${about ? `, ${about}` : ''}.`);
  }
}

function readable(der: Buffer): Certificate | undefined {
  try {
    return parseCertificate(der);
  } catch (error) {
    asRefusal(error);
    return undefined;
  }
}

const holds = (check: Promise<void>): Promise<boolean> =>
  check.then(
    () => true,
    (error: unknown) => {
      if (!(error instanceof Refused)) throw error;
      return false;
    },
  );

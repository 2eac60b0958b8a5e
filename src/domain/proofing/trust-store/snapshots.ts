import type { Database } from '../../../platform/database.ts';
import { declareErrors, EidError } from '../../../platform/errors.ts';
import { type Anchor, createAnchors, type TrustAnchors } from '../../../standards/icao9303/pki/anchors.ts';
import { type Certificate, parseCertificate } from '../../../standards/icao9303/pki/certificate.ts';
import { parseRevocationList, type RevocationList } from '../../../standards/icao9303/pki/revocation-list.ts';
import { createBreath } from './breath.ts';
import { keyOf } from './revocation-lists.ts';
import * as store from './store.ts';

declareErrors('trust', {
  unavailable: {
    status: 503,
    when: 'The certificates and lists that cards are verified against cannot be read: no card is believed meanwhile.',
  },
});

/** Milliseconds that a look at the version row is good for: less than the two seconds that are promised. */
const LOOK_EVERY = 1_500;
/** Certificates that are fetched at once. */
const PAGE = 32;
const MOST_TRIES = 5;

/** What is trusted, in the memory of this process. */
export interface Snapshots {
  current(): Promise<TrustAnchors>;
  /** The next one who asks looks at the database. */
  forget(): void;
}

export function createSnapshots(parts: {
  readonly database: Database;
  /** Whether the pins of a sandbox are believed: only in one. */
  readonly test: boolean;
  readonly failed: (error: unknown) => void;
}): Snapshots {
  const { database, failed } = parts;
  let snapshot: TrustAnchors | undefined;
  let lookedAt = Number.NEGATIVE_INFINITY;
  let looking: Promise<TrustAnchors> | undefined;
  // What was read once is not read again when a list changes: a certificate never does.
  let certificates = new Map<string, Certificate>();

  const load = async (): Promise<TrustAnchors> => {
    for (let tries = 1; tries <= MOST_TRIES; tries += 1) {
      const before = await store.version(database);
      if (snapshot?.version === String(before)) return snapshot;
      const rows = await store.anchorRows(database, parts);
      const known = await readCertificates(database, rows, certificates, failed);
      const lists = await readLists(database, failed);
      // The rows are of one moment only if nothing has changed from the first reading to the last.
      if ((await store.version(database)) !== before) continue;
      certificates = known;
      return assemble(before, { rows, known, lists });
    }
    throw new Error('what is trusted changed all the time');
  };

  const look = (): Promise<TrustAnchors> => {
    const asked = performance.now();
    const mine: Promise<TrustAnchors> = load()
      .then((found) => {
        // Forgotten meanwhile: what was read may be older than the change that somebody has just made.
        if (looking === mine) {
          snapshot = found;
          lookedAt = asked;
        }
        return found;
      })
      .finally(() => {
        if (looking === mine) looking = undefined;
      });
    return mine;
  };

  return {
    async current() {
      if (snapshot && performance.now() - lookedAt < LOOK_EVERY) return snapshot;
      looking ??= look();
      try {
        return await looking;
      } catch (cause) {
        throw new EidError('trust.unavailable', { cause });
      }
    },
    forget() {
      lookedAt = Number.NEGATIVE_INFINITY;
      looking = undefined;
    },
  };
}

type Row = Awaited<ReturnType<typeof store.anchorRows>>[number];
type KeptList = { readonly authority: string; readonly list: RevocationList };

async function readCertificates(
  database: Database,
  rows: readonly Row[],
  before: ReadonlyMap<string, Certificate>,
  failed: (error: unknown) => void,
): Promise<Map<string, Certificate>> {
  const known = new Map<string, Certificate>();
  const missing: string[] = [];
  for (const { sha256 } of rows) {
    const found = before.get(sha256);
    if (found) known.set(sha256, found);
    else missing.push(sha256);
  }
  const breath = createBreath();
  for (let from = 0; from < missing.length; from += PAGE) {
    for (const { sha256, der } of await store.certificatesOf(database, missing.slice(from, from + PAGE))) {
      await breath();
      const certificate = attempt(() => parseCertificate(der), failed);
      if (certificate) known.set(sha256, certificate);
    }
  }
  return known;
}

async function readLists(database: Database, failed: (error: unknown) => void): Promise<KeptList[]> {
  const breath = createBreath();
  const lists: KeptList[] = [];
  for (const { authority, der } of await store.revocationListBytes(database)) {
    await breath();
    const list = attempt(() => parseRevocationList(der), failed);
    if (list) lists.push({ authority, list });
  }
  return lists;
}

/** A row that this version cannot read is not trusted; the others are. */
function attempt<T>(read: () => T, failed: (error: unknown) => void): T | undefined {
  try {
    return read();
  } catch (error) {
    failed(error);
    return undefined;
  }
}

function assemble(
  version: number,
  { rows, known, lists }: { rows: readonly Row[]; known: ReadonlyMap<string, Certificate>; lists: readonly KeptList[] },
): TrustAnchors {
  const anchors: Anchor[] = rows.flatMap(({ sha256, national }) => {
    const certificate = known.get(sha256);
    return certificate ? [{ certificate, national }] : [];
  });
  const pinned = anchors.filter(({ national }) => national);
  const countries = new Set(pinned.map(({ certificate }) => certificate.country));
  const keys = new Set(pinned.map(({ certificate }) => keyOf(certificate)));
  // A list of our country that an authority signed before ours were pinned says nothing about our cards.
  const believed = lists.filter(({ authority, list }) => !countries.has(list.issuer.country) || keys.has(authority));
  return createAnchors({ version: String(version), anchors, lists: believed.map(({ list }) => list) });
}

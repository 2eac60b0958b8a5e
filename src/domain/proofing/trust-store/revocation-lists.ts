import { hash } from 'node:crypto';
import type { Queryable } from '../../../platform/database.ts';
import { type Certificate, parseCertificate } from '../../../standards/icao9303/pki/certificate.ts';
import {
  parseRevocationList,
  type RevocationList,
  speaksFor,
  verifyRevocationList,
} from '../../../standards/icao9303/pki/revocation-list.ts';
import { demand, Refused } from '../../../standards/icao9303/refusal.ts';
import type { Change, Import } from './importing.ts';
import { CLOCK_SKEW } from './master-lists.ts';
import * as store from './store.ts';

/** What a list is kept under: the key that signed it, so that another key of the same name cannot take its place. */
export const keyOf = ({ publicKey }: Certificate): string => hash('sha256', publicKey.spki, 'hex');

/**
 * Puts a revocation list in the place of the one that the same key signed before. A lower number or an earlier moment is a
 * replay (RFC 5280 §5.2.3). One past its next update is taken: what it revokes is revoked; but it counts as stale.
 */
export const importRevocationList =
  (der: Buffer): Import<Change> =>
  async (on, { name, now }) => {
    const list = parseRevocationList(der);
    const { number, thisUpdate, nextUpdate, revoked } = list;
    demand(number >= 0n && nextUpdate >= thisUpdate, 'crl.malformed', 'number or moments');
    demand(thisUpdate.getTime() <= now.getTime() + CLOCK_SKEW, 'crl.malformed', 'it says it was made later than now');
    const signer = await signerOf(on, list);
    const authority = keyOf(signer);
    const sha256 = hash('sha256', der, 'hex');
    const known = (await store.revocationLists(on)).find((row) => row.authority === authority);
    const { country, subject } = signer;
    const late = nextUpdate < now;
    const change = {
      ...{ changed: known?.sha256 !== sha256, sha256, country, subject: subject.text },
      ...(late ? { notes: ['past_next_update'] as const } : {}),
    };
    const detail = {
      ...{ sha256, country, subject: subject.text, number: number.toString(), revoked: revoked.size },
      ...{ thisUpdate: thisUpdate.toISOString(), nextUpdate: nextUpdate.toISOString() },
    };
    const event = { type: 'trust.revocation_list_imported', detail } as const;
    if (!change.changed) return { change, event };
    const back = known && (number <= BigInt(known.number) || thisUpdate < known.thisUpdate);
    demand(!back, 'crl.rollback', `number ${number} after ${known?.number}: ${subject.text}`);
    await store.putRevocationList(on, {
      ...{
        authority,
        certificate: signer.sha256,
        sha256,
        der,
        country,
        number: number.toString(),
        thisUpdate,
        nextUpdate,
      },
      ...{ revoked: revoked.size, importedAt: now, importedBy: name },
    });
    return { change, event };
  };

/** The trusted authority that signed the list; of a country with pinned authorities, one of those. */
async function signerOf(on: Queryable, list: RevocationList): Promise<Certificate> {
  const held = await store.heldOf(on, list.issuer.country, 'anchor');
  const pinned = held.some(({ national }) => national);
  const candidates = held
    .filter(({ national }) => national || !pinned)
    .map(({ der }) => parseCertificate(der))
    .filter((certificate) => speaksFor(list, certificate));
  let refused = new Refused('csca.unknown', list.issuer.text);
  for (const candidate of candidates) {
    try {
      await verifyRevocationList(list, candidate);
      return candidate;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      refused = error;
    }
  }
  throw refused;
}

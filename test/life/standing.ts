import type { Database } from '../../src/platform/database.ts';
import { sql } from '../../src/platform/sql.ts';
import { groundless, openOf, provenInPresence } from '../support/twelve.ts';

/** An event of one account, with the transaction that wrote it. */
export interface Happened {
  readonly id: number;
  readonly tx: string;
  readonly type: string;
  readonly actor: string;
  readonly detail: Readonly<Record<string, unknown>> | null;
}

/** One account as the database has it. */
export interface Standing {
  readonly state: 'active' | 'closed';
  readonly level: 1 | 2;
  readonly reproof: boolean;
  /**
   * Level 2 rests on a record in presence, of somebody of six years or more, with face and fingerprints; of two officers where
   * one of both did not match.
   */
  readonly proofed: boolean;
  /** When face and fingerprints were checked, by the officer who approved it last; milliseconds. */
  readonly checked: number | null;
  readonly locks: readonly string[];
  readonly factors: readonly { readonly id: string; readonly kind: string; readonly status: string }[];
  readonly recoveries: number;
  readonly sessions: number;
  readonly grants: number;
  readonly waiting: number;
  readonly tokens: number;
  readonly subs: Readonly<Record<string, string>> | null;
  /** Disclosures that rest on no consent of this person and client which names the claims and was not taken back before. */
  readonly groundless: number;
  readonly disclosures: number;
  /** Consents that stand. */
  readonly agreed: number;
  readonly events: readonly Happened[] | null;
  /** Everything that was ever written about the account. */
  readonly history: number;
}

/** One look at everything that an account has, in one statement. `after` is the last event that was looked at. */
export async function standingOf(database: Database, id: string, after: number): Promise<Standing> {
  const now = new Date();
  const open = openOf(now);
  const row = await database.row<{ standing: Standing }>(sql`
    SELECT jsonb_build_object(
      'state', s.state, 'level', s.account_level, 'reproof', s.reproofing_required_since IS NOT NULL,
      'proofed', EXISTS (SELECT FROM proofing_records p WHERE p.subscriber_id = s.id AND p.id = s.proofing_id
        AND ${provenInPresence}),
      'checked', (SELECT extract(epoch FROM min(c.made_at)) * 1000 FROM level_2_checks c JOIN (SELECT id, decided_by
          FROM level_2_applications WHERE account_id = s.id AND state = 'APPROVED' ORDER BY decided_at DESC LIMIT 1) a
        ON c.application_id = a.id AND c.officer = a.decided_by
        WHERE c.kind IN ('face_match', 'fingerprint_match') HAVING count(DISTINCT c.kind) = 2),
      'locks', (SELECT coalesce(jsonb_agg(l.id ORDER BY l.id), '[]') FROM subscriber_locks l
        WHERE l.subscriber_id = s.id AND l.lifted_at IS NULL),
      'factors', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', a.id, 'kind', a.kind, 'status', a.status)), '[]')
        FROM authenticators a WHERE a.subscriber_id = s.id),
      'recoveries', (SELECT count(*) FROM recoveries r WHERE r.subscriber_id = s.id
        AND r.state IN ('half', 'proven_one', 'waiting', 'ready') AND r.expires_at > ${now}),
      'sessions', (SELECT count(*) FROM (${open.sessions}) AS x),
      'grants', (SELECT count(*) FROM (${open.grants}) AS x),
      'waiting', (SELECT count(*) FROM (${open.waiting}) AS x),
      'tokens', (SELECT count(*) FROM (${open.tokens}) AS x),
      'subs', (SELECT jsonb_object_agg(p.legal_entity_id, p.sub) FROM pairwise_subjects p WHERE p.subscriber_id = s.id),
      'disclosures', (SELECT count(*) FROM disclosure_receipts d WHERE d.subscriber_id = s.id),
      'groundless', (SELECT count(*) FROM disclosure_receipts d WHERE d.subscriber_id = s.id AND ${groundless}),
      'agreed', (SELECT count(*) FROM consent_entries c WHERE c.subscriber_id = s.id AND c.act = 'given'
        AND NOT EXISTS (SELECT FROM consent_entries w WHERE w.subscriber_id = s.id AND w.client_id = c.client_id
          AND w.purpose = c.purpose AND w.number > c.number)),
      'events', (SELECT jsonb_agg(jsonb_build_object('id', j.id, 'tx', j.xmin::text, 'type', j.type, 'actor', j.actor_kind,
        'detail', j.detail) ORDER BY j.id) FROM journal_incoming j WHERE j.id > ${after} AND j.subscriber_id = s.id),
      'history', (SELECT count(*) FROM journal_incoming j WHERE j.subscriber_id = s.id AND j.id <= ${after})
        + (SELECT count(*) FROM journal j WHERE j.subscriber_id = s.id)
    ) AS standing FROM subscribers s WHERE s.id = ${id}`);
  if (!row) throw new Error(`the account ${id} is gone`);
  return row.standing;
}

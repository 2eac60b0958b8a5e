import type { Operators } from '../../src/domain/operators/index.ts';
import type { Subscribers } from '../../src/domain/subscribers/index.ts';
import type { Database } from '../../src/platform/database.ts';
import { type Sql, sql } from '../../src/platform/sql.ts';

/** Level 2 in presence, of somebody of six years or more, with face and fingerprints; two officers where one did not match. `p`. */
export const provenInPresence = sql.raw(`(p.account_level = 2 AND p.channel = 'in_person' AND p.applicant_age >= 6
  AND p.officer NOT IN ('', 'system')
  AND (p.face_matched AND p.fingerprints_matched OR p.second_officer <> p.officer
    AND (p.face_matched OR p.overridden = 'face_match')
    AND (p.fingerprints_matched OR p.overridden = 'fingerprint_match')))`);

/** What the scopes name (domain.md 6d; OpenID Connect Core §5.4). */
const NAMED = {
  profile: [
    ...['name', 'family_name', 'middle_name', 'given_name', 'nickname', 'preferred_username', 'profile', 'picture'],
    ...['website', 'gender', 'birthdate', 'zoneinfo', 'locale', 'updated_at'],
  ],
  email: ['email', 'email_verified'],
  phone: ['phone_number', 'phone_number_verified'],
  address: ['address'],
  vn_pin: ['personal_identification_number'],
  // Agreed to by the code of the organisation.
  vn_org: ['org_id', 'org_name', 'org_role', 'representative'],
} as const;

/** What the scopes of a consent name, of the row `c`. */
const named = sql.join(
  Object.entries(NAMED).map(
    ([scope, claims]) => sql`CASE WHEN ${scope} = ANY (c.scopes) THEN ${[...claims]}::text[] ELSE '{}' END`,
  ),
  ' || ',
);

/** A receipt without a legal basis, and without a consent that stood at that moment and named what left. `d`. */
export const groundless = sql`(d.legal_basis IS NULL
  AND NOT EXISTS (SELECT FROM consent_entries c WHERE c.subscriber_id = d.subscriber_id AND c.client_id = d.client_id
    AND c.id = d.consent_id AND c.act = 'given' AND c.at <= d.at AND d.claims <@ (c.claims || ${named})
    AND NOT EXISTS (SELECT FROM consent_entries w WHERE w.subscriber_id = d.subscriber_id AND w.client_id = c.client_id
      AND w.purpose = c.purpose AND w.number > c.number AND w.act = 'withdrawn' AND w.at <= d.at)))`;

/** What is open of the account `s` at a moment. */
export const openOf = (now: Date) => ({
  sessions: sql`SELECT FROM sessions x WHERE x.account_id = s.id::text AND x.ended_at IS NULL AND x.expires_at > ${now}`,
  grants: sql`SELECT FROM grants g WHERE g.account_id = s.id::text AND g.revoked_at IS NULL AND g.expires_at > ${now}`,
  waiting: sql`SELECT FROM interactions i WHERE i.account_id = s.id::text AND i.expires_at > ${now}`,
  tokens: sql`SELECT FROM grants g JOIN refresh_tokens t ON t.grant_id = g.id AND t.grant_generation = g.generation
    WHERE g.account_id = s.id::text AND g.revoked_at IS NULL AND t.consumed_at IS NULL AND t.expires_at > ${now}`,
});

/** What every code and token says was proven. */
const told = sql.raw(`(
  SELECT account_id, payload::jsonb->'assurance'->'amr' AS amr, (payload::jsonb->'assurance'->>'accountLevel')::int AS account_level,
    (payload::jsonb->'assurance'->>'authenticationLevel')::int AS level
  FROM (SELECT account_id, payload FROM authorization_codes UNION ALL SELECT account_id, payload FROM refresh_tokens) AS frozen
  UNION ALL SELECT account_id, payload::jsonb->'extra'->'amr', (payload::jsonb->'extra'->>'account_level')::int,
    (payload::jsonb->'extra'->>'authentication_level')::int FROM access_tokens) AS told`);

/** Decree 69/2024 Art. 20 by the values of RFC 8176 §2: what each level takes; a passkey that verified its user is two factors. */
const beyondProof = sql.raw(`(
  told.level >= 1 AND coalesce(jsonb_array_length(told.amr), 0) = 0
  OR told.level >= 2 AND NOT (told.amr ? 'pwd' AND told.amr ?| ARRAY['otp', 'hwk', 'swk', 'pop', 'sc'] OR told.amr ? 'user')
    AND NOT (told.amr ? 'face' AND told.amr ?| ARRAY['hwk', 'swk', 'pop', 'sc', 'otp'])
  OR told.level >= 3 AND NOT (told.amr ? 'face'
    AND (told.amr ?| ARRAY['hwk', 'swk', 'pop', 'sc'] OR told.amr ? 'otp' AND NOT told.amr ? 'sms'))
  OR told.level >= 4 AND NOT told.amr ? 'pwd')`);

/** Whose level 2 there was at a moment: a record by then, and no lock. */
const hadLevel2 = (whose: string, at: string): Sql =>
  sql.raw(`(EXISTS (SELECT FROM proofing_records p WHERE p.subscriber_id = ${whose} AND p.account_level = 2 AND p.decided_at <= ${at})
    AND NOT EXISTS (SELECT FROM subscriber_locks l WHERE l.subscriber_id = ${whose} AND l.opened_at < ${at}
      AND (l.lifted_at IS NULL OR l.lifted_at > ${at})))`);

/** Tables of which nothing is taken away, with the trigger that sees to it. */
const KEPT = ['journal', 'consent_entries', 'disclosure_receipts', 'proofing_records', 'register_events'];

/** What somebody who looks may have to wait for: the jobs of `src/app/jobs.ts` come round every few seconds. */
const PATIENCE = 5 * 60_000;
const dayInVietNam = (moment: number): string => new Date(moment + 7 * 3_600_000).toISOString().slice(0, 10);

/**
 * The twelve invariants of domain.md 8c, each as queries that find what must never be; a row names the culprit. `events` is the
 * journal, sealed or not. What is sealed at rest is looked at by `sealedOf`.
 */
export const twelve = (now: Date, events: Sql): Record<string, Sql> => {
  const open = openOf(now);
  const today = dayInVietNam(now.getTime());
  return {
    '1: a level-2 account that nobody has met with face and fingerprints': sql`
      SELECT s.id::text AS culprit FROM subscribers s WHERE s.account_level = 2 AND NOT EXISTS (SELECT FROM proofing_records p
        WHERE p.subscriber_id = s.id AND p.id = s.proofing_id AND octet_length(p.evidence_hash) = 32 AND ${provenInPresence})`,
    '1: level 2 by an operator’s record without an application that they have approved': sql`
      SELECT p.id::text AS culprit FROM proofing_records p JOIN operators o ON o.id::text = p.officer
      WHERE p.account_level = 2 AND NOT EXISTS (SELECT FROM level_2_applications a
        WHERE a.account_id = p.subscriber_id AND a.state = 'APPROVED' AND NOT a.training AND a.decided_by = o.id
          AND a.second_officer::text IS NOT DISTINCT FROM p.second_officer)`,
    '1: a token of level 2 for somebody who never had it': sql`
      SELECT told.account_id AS culprit FROM ${told} WHERE told.account_level = 2 AND NOT EXISTS
        (SELECT FROM proofing_records p WHERE p.subscriber_id::text = told.account_id AND p.account_level = 2)`,
    '2: level 2 below six years': sql`
      SELECT p.subscriber_id::text AS culprit FROM proofing_records p WHERE p.account_level = 2 AND p.applicant_age < 6`,
    '3: a ward’s account that no guardian has made': sql`
      SELECT a.account_id::text AS culprit FROM enrolment_applications a WHERE a.form = 'WARD_L1' AND a.activation = 'active'
        AND NOT EXISTS (SELECT FROM guardianships g WHERE g.ward_id = a.account_id AND g.guardian_id = a.guardian_id)`,
    '3: a guardian without level 2': sql`
      SELECT g.guardian_id::text AS culprit FROM guardianships g WHERE NOT ${hadLevel2('g.guardian_id', 'g.began_at')}`,
    '4: somebody acts for an organisation without every consent': sql`
      SELECT r.subscriber_id::text AS culprit FROM organisation_representations r
      WHERE NOT EXISTS (SELECT FROM organisation_applications a
          WHERE a.id = r.application_id AND a.state = 'APPROVED' AND a.subscriber_id = r.subscriber_id)
        OR EXISTS (SELECT FROM organisation_consents c
          WHERE c.application_id = r.application_id AND c.answer IS DISTINCT FROM 'given')`,
    '4: somebody acts for an organisation without level 2': sql`
      SELECT r.subscriber_id::text AS culprit FROM organisation_representations r
      WHERE NOT ${hadLevel2('r.subscriber_id', 'r.began_at')}`,
    '5: two sectors share a sub': sql`
      SELECT p.sub AS culprit FROM pairwise_subjects p GROUP BY p.sub HAVING count(*) > 1`,
    '5: a number was told to a client that was never allowed it': sql`
      SELECT d.client_id AS culprit FROM disclosure_receipts d
      WHERE EXISTS (SELECT FROM unnest(d.claims) AS claim WHERE claim LIKE '%personal_identification_number')
        AND NOT EXISTS (SELECT FROM client_versions v WHERE v.client_id = d.client_id
          AND (v.registration->'allowedScopes' ? 'vn_pin'
            OR v.registration->'allowedClaims' ? 'personal_identification_number'))`,
    '6: a token says more than was proven': sql`SELECT told.account_id AS culprit FROM ${told} WHERE ${beyondProof}`,
    // The lock follows midnight by a sweep.
    '7: a card that ran out and locked nothing': sql`
      SELECT s.id::text AS culprit FROM subscribers s WHERE s.state = 'active'
        AND s.card_expires_on < ${dayInVietNam(now.getTime() - PATIENCE)}::date
        AND NOT (s.card_expiry_met IS NOT DISTINCT FROM s.card_expires_on AND EXISTS (SELECT FROM subscriber_locks l
          WHERE l.subscriber_id = s.id AND l.ground IN ('card_expired', 'residence_expired')))`,
    '7: a new card that has opened nothing': sql`
      SELECT s.id::text AS culprit FROM subscribers s JOIN subscriber_locks l ON l.subscriber_id = s.id
      WHERE l.ground IN ('card_expired', 'residence_expired') AND l.opened_by = 'system' AND l.lifted_at IS NULL
        AND s.card_expires_on >= ${today}::date AND s.state = 'active'`,
    '8: something is open of somebody dead or locked': sql`
      SELECT s.id::text AS culprit FROM subscribers s
      WHERE (s.state <> 'active' OR EXISTS (SELECT FROM subscriber_locks l WHERE l.subscriber_id = s.id AND l.lifted_at IS NULL))
        AND (EXISTS (${open.sessions}) OR EXISTS (${open.grants}) OR EXISTS (${open.waiting}) OR EXISTS (${open.tokens}))`,
    '8: a death that has locked nobody': sql`
      SELECT s.id::text AS culprit FROM register_standings r
      JOIN subscriber_identifiers i ON i.kind = 'number' AND i.hash = r.number_hash JOIN subscribers s ON s.id = i.subscriber_id
      WHERE r.aspect = 'life' AND r.value = 'deceased' AND s.state = 'active' AND NOT EXISTS (SELECT FROM subscriber_locks l
        WHERE l.subscriber_id = s.id AND l.ground = 'death' AND l.lifted_at IS NULL)`,
    '9: a disclosure without a consent that stood, and without a legal basis': sql`
      SELECT d.subscriber_id || ' ' || d.id AS culprit FROM disclosure_receipts d WHERE ${groundless}`,
    '10: what left is no longer written down': sql`
      SELECT coalesce(detail->>'receipt', client_id) AS culprit FROM ${events} WHERE type = 'disclosure.made' AND at > now() - interval '5 years'
        AND NOT EXISTS (SELECT FROM disclosure_receipts d WHERE d.subscriber_id = events.subscriber_id
          AND d.id::text = events.detail->>'receipt')`,
    '10: a history that can be taken away': sql`
      SELECT kept AS culprit FROM unnest(${KEPT}::text[]) AS kept WHERE NOT EXISTS (SELECT FROM pg_trigger t
        WHERE t.tgrelid = kept::regclass AND t.tgenabled IN ('O', 'A') AND t.tgtype & 8 = 8 AND NOT t.tgisinternal)`,
    '10: an erasure that was answered without a reason': sql`
      SELECT r.id::text AS culprit FROM data_requests r
      WHERE r.kind = 'erase' AND r.outcome IS NOT NULL AND coalesce(octet_length(r.decision), 0) = 0`,
    '11: somebody was refused for an address or the figures of a place': sql`
      SELECT a.id::text AS culprit FROM (SELECT id, reason FROM enrolment_applications
        UNION ALL SELECT id, reason FROM level_2_applications) AS a
      WHERE a.reason ~ '(address|place|province|commune|district|figures|code)'`,
    '12: a name that is not composed': sql`
      SELECT o.id::text AS culprit FROM organisations o WHERE o.name IS NOT NFC NORMALIZED`,
  };
};

/** Who opens what is sealed at rest. */
export interface Opening {
  readonly subscribers: Pick<Subscribers, 'find' | 'identityNumbers'>;
  /** Missing where nobody is an operator. */
  readonly operators?: Pick<Operators, 'personOf'>;
}

/** How many people are looked at one by one: those who were changed last. */
const LOOKED_AT = 300;

/** What no query sees, because names and numbers are sealed: 1, an officer is not the applicant; 12, a name is kept as it was. */
export async function sealedOf(database: Database, { subscribers, operators }: Opening): Promise<string[]> {
  const found: string[] = [];
  const made = await database.rows<{ id: string; person: string }>(sql`
    SELECT p.subscriber_id AS id, o.person FROM proofing_records p JOIN operators o ON o.id::text IN (p.officer, p.second_officer)
    WHERE p.account_level = 2`);
  for (const { id, person } of made)
    for (const { number } of await subscribers.identityNumbers(id))
      if (operators?.personOf(number) === person) found.push(`1: an officer has recorded their own level 2: ${id}`);
  const last = await database.rows<{ id: string }>(
    sql`SELECT id FROM subscribers WHERE state = 'active' ORDER BY updated_at DESC LIMIT ${LOOKED_AT}`,
  );
  for (const { id } of last) {
    const { fullName = '' } = (await subscribers.find(id)) ?? {};
    if (fullName !== fullName.normalize('NFC') || fullName.includes('\uFFFD'))
      found.push(`12: a name that is not what was said: ${id}`);
  }
  return found;
}

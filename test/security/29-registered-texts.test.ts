import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createJournal } from '../../src/domain/audit/index.ts';
import {
  clientChanges,
  createRelyingParties,
  parseRegistration,
  type Registration,
  type RelyingParties,
} from '../../src/domain/relying-parties/index.ts';
import { createEgress } from '../../src/platform/egress.ts';
import { sql } from '../../src/platform/sql.ts';
import { aRegistration } from '../support/clients.ts';
import { fixedClock } from '../support/clock.ts';
import { freshDatabase } from '../support/database.ts';

// Abuse case 29, the registry's side: an address that would be a script is refused whatever way it comes. What runs in a browser
// is in browser/29-cross-site-scripting.test.ts.
const MEMBERS = [
  'logo_uri',
  'policy_uri',
  'tos_uri',
  'client_uri',
  'initiate_login_uri',
  'backchannel_logout_uri',
  'jwks_uri',
  'eventsUri',
];
/** All but the last are metadata of the protocol. */
const placeOf = (member: string): string => (member === 'eventsUri' ? member : `metadata.${member}`);
const ADDRESSES = [
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  'java\nscript:alert(1)',
  ' javascript:alert(1)',
  'javascript://lotus.example/%0Aalert(1)',
  'data:text/html,<script>alert(1)</script>',
  'vbscript:msgbox(1)',
  'file:///etc/passwd',
  'blob:https://lotus.example/1',
  '//lotus.example/',
  'https://lotus.example/"><script>alert(1)</script>',
  'https://lotus.example/<script>',
  'https://user:password@lotus.example/',
];
const withAddress = (member: string, address: string, environment: 'sandbox' | 'production' = 'sandbox') => {
  const { metadata, ...rest } = aRegistration();
  const at = { [member]: address };
  return (
    member === 'eventsUri'
      ? { ...rest, environment, metadata, ...at }
      : { ...rest, environment, metadata: { ...metadata, ...at } }
  ) as Registration;
};

describe.each(MEMBERS)('%s', (member) => {
  test.each(ADDRESSES)('is never %j', (address) => {
    for (const environment of ['sandbox', 'production'] as const) {
      const parsed = parseRegistration(withAddress(member, address, environment));
      expect(!parsed.parsed && parsed.faults.map(({ path }) => path)).toContain(placeOf(member));
    }
  });
});

describe.each(['redirect_uris', 'post_logout_redirect_uris'])('%s', (member) => {
  test.each(ADDRESSES.filter((address) => !address.startsWith('https://lotus.example/')))('holds no %j', (address) => {
    for (const application_type of ['web', 'native']) {
      const { metadata, ...rest } = aRegistration();
      const method = 'none' as const;
      const more = { application_type, token_endpoint_auth_method: method, [member]: [address] };
      const parsed = parseRegistration({ ...rest, metadata: { ...metadata, ...more } });
      expect(!parsed.parsed && parsed.faults.map(({ path }) => path)).toContain(`metadata.${member}.0`);
    }
  });
});

test.each([
  ['a control character', 'Sông\u0007 Hồng'],
  ['a line break', 'Sông\nHồng'],
  ['a text that turns round', 'Sông Hồng \u202egnoh gnos'],
  ['an isolate', '\u2067Sông Hồng'],
  ['a mark of direction', 'Sông\u200f Hồng'],
  ['an Arabic letter mark', 'Sông\u061c Hồng'],
  ['a line separator', 'Sông\u2028Hồng'],
])('no name or purpose holds %s', (_, text) => {
  const base = aRegistration();
  const texts = { vi: text, en: text };
  const parsed = parseRegistration({ ...base, purpose: texts, relyingParty: { ...base.relyingParty, name: texts } });
  expect(!parsed.parsed && parsed.faults[0]?.message).toMatch(
    /^People would read something else: this holds \\u[0-9a-f]{4}\./,
  );
  expect(!parsed.parsed && [...new Set(parsed.faults.map(({ path }) => path))].sort()).toEqual([
    'purpose.en',
    'purpose.vi',
    'relyingParty.name.en',
    'relyingParty.name.vi',
  ]);
});

describe('whatever way it comes', () => {
  const admin = { kind: 'operator', id: 'admin-1' } as const;
  const clock = fixedClock();
  let fresh: Awaited<ReturnType<typeof freshDatabase>>;
  let here: RelyingParties;
  let folder: string;
  const refused: string[] = [];
  beforeAll(async () => {
    fresh = await freshDatabase();
    folder = await mkdtemp(join(tmpdir(), 'senid-scripts-'));
    const { database } = fresh;
    here = createRelyingParties({
      ...{ database, clock, journal: createJournal({ database, clock }), sandbox: true },
      refused: (clientId) => void refused.push(clientId),
    });
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
    await fresh.end();
  });
  const script = () => withAddress('policy_uri', 'javascript:alert(1)');

  test('by a registration, a change, a file or a change request it is a fault', async () => {
    expect(await here.register(script(), admin)).toMatchObject({ registered: false });
    const good = aRegistration();
    await here.register(good, admin);
    expect(await here.update({ ...script(), clientId: good.clientId }, admin)).toMatchObject({ registered: false });
    const path = join(folder, 'clients.json');
    await writeFile(
      path,
      JSON.stringify({ clients: [{ ...script(), secret: 'a-secret-of-a-developer-32-characters' }] }),
    );
    expect(await here.loadClientsFile(path)).toMatchObject({ loaded: false });
    const journal = createJournal({ database: fresh.database, clock });
    const subject = clientChanges({
      database: fresh.database,
      clock,
      journal,
      sandbox: true,
      egress: createEgress(),
      relyingParties: here,
    });
    expect(subject.parse(script())).toMatchObject({ parsed: false, faults: [{ path: 'metadata.policy_uri' }] });
  });

  test('what stands there from before the rule is read without it, and the client goes on', async () => {
    const good = aRegistration({
      purposes: [{ id: 'fly', text: { vi: 'bay', en: 'fly' }, scopes: ['openid'], claims: [] }],
    });
    await here.register(good, admin);
    const { id, legalEntity } = good.relyingParty;
    await fresh.database.execute(sql`UPDATE clients SET terms = jsonb_set(jsonb_set(terms, '{purpose,vi}',
      to_jsonb(${'làm\u202e cụt ủht'}::text)), '{purposes,0,text,en}', to_jsonb(${'\u2067fly\u2069'}::text))
      WHERE client_id = ${good.clientId}`);
    await fresh.database.execute(
      sql`UPDATE relying_parties SET name_vi = ${'Sông\u202e gnồH'}, name_en = ${'\u200f'} WHERE id = ${id}`,
    );
    await fresh.database.execute(
      sql`UPDATE legal_entities SET name_en = ${'Red\u200f River'} WHERE id = ${legalEntity.id}`,
    );
    here.forget(good.clientId);
    expect(await here.find(good.clientId)).toMatchObject({
      relyingParty: { name: { vi: 'Sông  gnồH', en: '?' } },
      purpose: { vi: 'làm  cụt ủht' },
      purposes: [{ text: { en: 'fly' } }],
    });
    expect(await here.party(id)).toMatchObject({ name: { vi: 'Sông  gnồH' }, entityName: { en: 'Red  River' } });
    const [line] = await here.search({ text: good.clientId });
    expect(line?.name).toEqual({ vi: 'Sông  gnồH', en: '?' });
    expect(refused).toEqual([]);
    // Whoever changes the client is asked to leave it out.
    const parsed = parseRegistration((await here.versions(good.clientId, { limit: 1 }))[0]?.registration);
    expect(!parsed.parsed && parsed.faults.map(({ path }) => path)).toContain('relyingParty.name.vi');
    await here.update(good, admin);
  });

  test('by hand in the database, the client is not used at all', async () => {
    const good = aRegistration();
    await here.register(good, admin);
    await fresh.database.execute(sql`
      UPDATE clients SET metadata = metadata || '{"policy_uri": "javascript:alert(1)"}' WHERE client_id = ${good.clientId}`);
    expect(await here.find(good.clientId)).toBeUndefined();
    expect(refused).toEqual([good.clientId]);
  });
});

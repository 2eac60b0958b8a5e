import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { faultSentence, type Registration, readClientFiles } from '../../../../src/domain/relying-parties/index.ts';
import { aRegistration } from '../../../support/clients.ts';

const folder = mkdtempSync(join(tmpdir(), 'senid-client-files-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, content: unknown): string => {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, typeof content === 'string' || Buffer.isBuffer(content) ? content : JSON.stringify(content));
  return path;
};
const secret = 'a-secret-of-a-developer-32-characters';

const AIRLINE = `# yaml-language-server: $schema=registration.schema.json
clientId: lotus-check-in
relyingParty:
  id: lotus-air
  name: { vi: Hãng hàng không Lotus Air, en: Lotus Air }
  legalEntity: { id: lotus-air-jsc, name: { vi: Công ty Lotus Air, en: Lotus Air JSC } }
  mark: LA
  colour: "#1f4e8c"
environment: sandbox
metadata:
  token_endpoint_auth_method: none
  redirect_uris:
    - https://lotus.example/callback
purpose: { vi: làm thủ tục, en: check in }
allowedScopes: [openid]
`;

const faultsOf = async (paths: string[], use: 'sandbox' | 'production' = 'sandbox'): Promise<string[]> => {
  const result = await readClientFiles(paths, use);
  return result.read ? [] : result.faults.map((fault) => faultSentence(fault).replace(`${folder}/`, ''));
};
const idsOf = async (...paths: string[]): Promise<string[]> => {
  const result = await readClientFiles(paths, 'sandbox');
  if (!result.read) throw new Error(result.faults.map(faultSentence).join('\n'));
  return result.clients.map(({ registration }) => registration.clientId);
};

describe('files of clients', () => {
  test('hold one registration or a list of them, in YAML or JSON', async () => {
    const [one, two] = [1, 2].map(() => aRegistration({ relyingParty: partyOf('other') })) as [
      Registration,
      Registration,
    ];
    const json = file('some.json', {
      clients: [
        { ...one, secret },
        { ...two, secret },
      ],
    });
    expect(await idsOf(file('airline.yaml', AIRLINE), json)).toEqual(['lotus-check-in', one.clientId, two.clientId]);
  });

  test('name their schema without it being a member of the client', async () => {
    const one = aRegistration();
    expect(await idsOf(file('schema.json', { $schema: './registration.schema.json', ...one, secret }))).toEqual([
      one.clientId,
    ]);
  });

  test('of a folder are read in the order of their names; examples, schemas and what is hidden are not', async () => {
    const client = (id: string) => AIRLINE.replace('lotus-check-in', id);
    file('all/b.yml', client('b'));
    file('all/a.yaml', client('a'));
    file('all/c.json', { ...aRegistration({ clientId: 'c' }), secret, relyingParty: partyOf('other') });
    for (const name of ['d.example.yaml', 'registration.schema.json', '.e.yaml', 'README.md', 'f.yaml~'])
      file(`all/${name}`, 'no client: [');
    expect(await idsOf(join(folder, 'all'))).toEqual(['a', 'b', 'c']);
    // Somebody who names it means it.
    expect(await faultsOf([join(folder, 'all/d.example.yaml')])).not.toEqual([]);
  });

  test('all faults of all files are told at once, each with file, line, column and member', async () => {
    const faulty = AIRLINE.replace('https://lotus', 'http://lotus').replace('colour: "#1f4e8c"', 'color: red');
    expect(
      await faultsOf([file('faulty.yaml', faulty), file('torn.yaml', 'a: [1'), join(folder, 'none.yaml')]),
    ).toEqual([
      'none.yaml: There is no such file or folder.',
      expect.stringMatching(/^faulty\.yaml:3:1 relyingParty\.colour: /),
      expect.stringMatching(/^faulty\.yaml:8:3 relyingParty\.color: There is no such member\.$/),
      expect.stringMatching(/^faulty\.yaml:13:7 metadata\.redirect_uris\.0: /),
      expect.stringMatching(/^torn\.yaml:1:6: /),
    ]);
  });

  test.each([
    ['a list without a name', [1], 'f.json:1:1: A file holds one registration, or a list of them: clients.'],
    ['a text', '"a"', 'f.json:1:1: A file holds one registration, or a list of them: clients.'],
    ['nothing', '', 'f.json:1:1: A file holds one registration, or a list of them: clients.'],
    ['clients that are no list', { clients: {} }, 'f.json:1:2 clients: This is a list of clients.'],
    [
      'something beside the list',
      '{clients: [],\nclient: 1}',
      'f.json:2:1 client: Beside clients stands nothing else.',
    ],
    ['a client that is none', '{clients: [7]}', 'f.json:1:12 clients.0: A client is an object.'],
    ['what is no text', Buffer.from([0x61, 0xff]), 'f.json: This is not UTF-8.'],
    ['more than any client needs', `# ${'x'.repeat(256 * 1024)}`, 'f.json: This is larger than 256 KiB.'],
  ])('%s is a fault', async (_, content, fault) => {
    expect(await faultsOf([file('f.json', content)])).toEqual([fault]);
  });

  test('a folder without any is a fault: who reads nothing meant something else', async () => {
    mkdirSync(join(folder, 'empty'));
    expect(await faultsOf([join(folder, 'empty')])).toEqual(['empty: There is no file of a client in this folder.']);
  });

  test('no two of them have one id, or say different things of one relying party', async () => {
    const other = AIRLINE.replace('lotus-check-in', 'lotus-crew').replace('mark: LA', 'mark: LC');
    expect(await faultsOf([file('1.yaml', AIRLINE), file('2.yaml', AIRLINE), file('3.yaml', other)])).toEqual([
      '2.yaml:2:1 clientId: Another client of these files has this id.',
      '3.yaml:3:1 relyingParty: Another client says something else of this relying party.',
    ]);
  });
});

const partyOf = (id: string) => ({ ...aRegistration().relyingParty, id });

describe('secrets and environments of files', () => {
  const confidential = aRegistration();
  test('in a sandbox a client that has a secret brings it, and no other does', async () => {
    expect(await faultsOf([file('s.json', confidential)])).toEqual(['s.json:1:1 secret: A secret is missing.']);
    expect(await faultsOf([file('s.json', { ...confidential, secret: 'short' })])).toEqual([
      expect.stringMatching(/ secret: A secret has at least 32 characters\.$/),
    ]);
    expect(await faultsOf([file('s.yaml', `${AIRLINE}secret: ${secret}\n`)])).toEqual([
      's.yaml:16:1 secret: This client has no secret.',
    ]);
  });

  test('in production no secret stands in a file, and no client of a sandbox', async () => {
    const faults = await faultsOf([file('s.yaml', `${AIRLINE}secret: ${secret}\n`)], 'production');
    expect(faults).toEqual([
      's.yaml:9:1 environment: This is no sandbox: here clients are in production.',
      's.yaml:16:1 secret: No secret stands in a file: it is made here, and told once.',
    ]);
    expect(faults.join()).not.toContain(secret);
  });

  test('a sandbox takes no client of production', async () => {
    const faults = await faultsOf([file('p.yaml', AIRLINE.replace('environment: sandbox', 'environment: production'))]);
    expect(faults).toContain('p.yaml:9:1 environment: A file brings a sandbox clients of a sandbox only.');
  });
});

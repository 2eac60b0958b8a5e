import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ChipEvidence, fileOf } from '../../../src/domain/proofing/chip-evidence.ts';
import { type ReadCardOptions, readCard } from '../../../src/reader/read-card.ts';
import { createTestAuthority } from '../../../src/sandbox/cards/authority/test-authority.ts';
import { createVirtualCard, type VirtualCardParts } from '../../../src/sandbox/cards/chip/virtual-card.ts';
import { type ChipOptions, chipOptions } from '../../../src/sandbox/cards/chip-options.ts';
import { issueCard } from '../../../src/sandbox/cards/issue.ts';
import { verifyActiveAuthentication } from '../../../src/standards/icao9303/chip/active-authentication.ts';
import { verifyChipAuthentication } from '../../../src/standards/icao9303/chip/chip-authentication.ts';
import { type OpenedSession, startReaderSocket } from '../../support/reader-socket.ts';

const authority = createTestAuthority();
const full = chipOptions('097204012345', 1, 'brainpoolP256r1');
const without = (...parts: (keyof ChipOptions)[]): ChipOptions =>
  Object.fromEntries(Object.entries(full).filter(([name]) => !parts.includes(name as keyof ChipOptions)));

function aCard(chip: ChipOptions = full, more: Partial<VirtualCardParts> = {}) {
  const holder = {
    identityNumber: '097204012345',
    fullName: 'Trần Thị Sen',
    birthDate: '2004-05-06',
    sex: 'F',
  } as const;
  const issued = issueCard(
    { holder, issuedOn: '2025-01-10', expiresOn: '2035-01-10', chip },
    { signer: authority.signer('national') },
  );
  const { can, mrzInformation, files } = issued;
  return { ...issued, card: createVirtualCard({ files, chip, can, mrzInformation, random: randomBytes, ...more }) };
}

// Two servers on one database: the page polls one, the reader connects to the other.
describe('a card is read', () => {
  let page: Awaited<ReturnType<typeof startReaderSocket>>;
  let server: Awaited<ReturnType<typeof startReaderSocket>>;
  beforeAll(async () => {
    page = await startReaderSocket();
    server = await startReaderSocket({ databaseUrl: page.databaseUrl });
  });
  afterAll(async () => {
    await server.end();
    await page.end();
  });

  const readBy = (
    session: OpenedSession,
    { card, can }: ReturnType<typeof aCard>,
    more: Partial<ReadCardOptions> = {},
  ) =>
    readCard({
      ...{ url: server.urlOf(session.sid), token: session.token, transmit: card.transmit },
      password: { kind: 'CAN', secret: can },
      ...more,
    });
  const taken = async (session: OpenedSession): Promise<ChipEvidence> => {
    expect(await page.sessions.outcome(session.sid, session.sessionKey)).toEqual({ ready: true });
    const evidence = await page.sessions.take(session.sid, session.sessionKey);
    expect(evidence?.session).toBe(session.sid);
    return evidence!;
  };
  const refusal = async (session: OpenedSession) => page.sessions.outcome(session.sid, session.sessionKey);
  const activeProof = (session: OpenedSession, evidence: ChipEvidence) =>
    verifyActiveAuthentication({
      ...{ dg15: fileOf(evidence, 'DG15')!, dg14: fileOf(evidence, 'DG14')!, challenge: session.aaChallenge },
      response: Buffer.from(evidence.active!.response, 'base64url'),
    });
  const chipProof = (evidence: ChipEvidence) =>
    verifyChipAuthentication({
      dg14: fileOf(evidence, 'DG14')!,
      ephemeral: Buffer.from(evidence.chip!.ephemeral, 'base64url'),
      response: Buffer.from(evidence.chip!.response, 'base64url'),
    });
  /** What was read is octet for octet what the chip holds, and nothing that nobody asked for. */
  const expectFiles = (evidence: ChipEvidence, { files }: ReturnType<typeof aCard>, names: string[]) => {
    expect(Object.keys(evidence.files).sort()).toEqual([...names].sort());
    for (const name of names) expect(fileOf(evidence, name as 'DG1')).toEqual(files[name as 'DG1']);
  };

  test('in mode aa: the chip signs our challenge, and the evidence shows it', async () => {
    const session = await page.open({ mode: 'aa' });
    const read = aCard(without('chipAuthentication'));
    expect(await readBy(session, read)).toEqual({ status: 'accepted' });
    const evidence = await taken(session);
    expect(evidence.access).toBe('PACE-CAN');
    expect(evidence.chip).toBeUndefined();
    const dg15 = { dg15: fileOf(evidence, 'DG15')!, challenge: session.aaChallenge };
    const response = Buffer.from(evidence.active!.response, 'base64url');
    await expect(verifyActiveAuthentication({ ...dg15, response })).resolves.toEqual({
      algorithm: 'ECDSA-P-256-SHA-256',
    });
    await expect(verifyActiveAuthentication({ ...dg15, challenge: randomBytes(8), response })).rejects.toMatchObject({
      code: 'aa.signature',
    });
  });

  test('in mode handover: chip authentication under a key of the server, and a signature in the new channel', async () => {
    const session = await page.open({ mode: 'handover', need: ['SOD', 'DG1', 'DG2', 'DG13', 'DG14', 'DG15'] });
    const read = aCard();
    const steps: string[] = [];
    expect(await readBy(session, read, { onProgress: (step) => steps.push(step) })).toEqual({ status: 'accepted' });
    const evidence = await taken(session);
    expectFiles(evidence, read, ['CardAccess', 'SOD', 'DG1', 'DG2', 'DG13', 'DG14', 'DG15']);
    expect(await chipProof(evidence)).toEqual({ algorithm: 'CA-ECDH-AES-128', curve: 'brainpoolP256r1' });
    expect(await activeProof(session, evidence)).toEqual({ algorithm: 'ECDSA-P-256-SHA-256' });
    expect([...new Set(steps)]).toEqual(['connected', 'opening', 'reading', 'proving']);
  });

  test.each([
    ['PACE and the card access number', 'CAN', full, 'PACE-CAN'],
    ['PACE and the machine readable zone', 'MRZ', full, 'PACE-MRZ'],
    ['BAC, where the chip has no PACE', 'MRZ', without('pace'), 'BAC'],
  ] as const)(
    'in mode relay by %s: the server opens it, and the kiosk knows no password',
    async (_, kind, chip, access) => {
      const read = aCard(chip);
      const secret = kind === 'CAN' ? read.can : read.mrzInformation;
      const session = await page.open({ mode: 'relay', access: { kind, secret } });
      const { password: _none, ...kiosk } = { password: undefined, platform: 'kiosk' as const };
      const result = await readCard({
        ...{ url: server.urlOf(session.sid), token: session.token, transmit: read.card.transmit },
        ...kiosk,
      });
      expect(result).toEqual({ status: 'accepted' });
      const evidence = await taken(session);
      expect(evidence.access).toBe(access);
      const names = ['SOD', 'DG1', 'DG13', 'DG14', 'DG15', ...(chip.pace ? ['CardAccess'] : [])];
      expectFiles(evidence, read, names);
      await expect(chipProof(evidence)).resolves.toBeDefined();
      await expect(activeProof(session, evidence)).resolves.toBeDefined();
    },
  );

  test('in mode relay with extended length, the portrait too', async () => {
    const read = aCard();
    const need = ['SOD', 'DG1', 'DG2', 'DG14'] as const;
    const session = await page.open({ mode: 'relay', need, access: { kind: 'CAN', secret: read.can } });
    expect(await readBy(session, read, { policy: { extended: true } })).toEqual({ status: 'accepted' });
    expectFiles(await taken(session), read, ['CardAccess', ...need]);
  });

  test.each([
    ['hands over where the chip has chip authentication', full, { chip: true, active: true }],
    ['signs where it can only sign', without('chipAuthentication'), { chip: false, active: true }],
    [
      'proves nothing where the chip can prove nothing',
      without('chipAuthentication', 'active'),
      { chip: false, active: false },
    ],
  ])('in mode any the reader %s', async (_, chip, proofs) => {
    const session = await page.open();
    expect(await readBy(session, aCard(chip))).toEqual({ status: 'accepted' });
    const evidence = await taken(session);
    expect({ chip: evidence.chip !== undefined, active: evidence.active !== undefined }).toEqual(proofs);
  });

  describe('and refused, with a coarse code for the reader and the whole one for the page', () => {
    test.each(['aa', 'relay'] as const)('a wrong card access number, in mode %s', async (mode) => {
      const read = aCard();
      const wrong = read.can === '000000' ? '111111' : '000000';
      const session = await page.open({ mode, access: { kind: 'CAN', secret: wrong } });
      expect(await readBy(session, { ...read, can: wrong })).toEqual({ status: 'refused', code: 'access' });
      expect(await refusal(session)).toEqual({ refused: 'access.failed' });
      expect(read.card.failures()).toBe(1);
    });

    test('a chip that refuses PACE is not opened by BAC instead', async () => {
      for (const mode of ['aa', 'relay'] as const) {
        const read = aCard(full, { fault: 'refused-pace' });
        const secret = { kind: 'MRZ', secret: read.mrzInformation } as const;
        const session = await page.open({ mode, access: secret });
        const asked: number[] = [];
        const transmit = (command: Buffer): Promise<Buffer> => {
          asked.push(command[1]!);
          return read.card.transmit(command);
        };
        expect(await readBy(session, read, { password: secret, transmit })).toEqual({
          status: 'refused',
          code: 'access',
        });
        expect(await refusal(session)).toEqual({ refused: 'access.unsupported' });
        // Neither GET CHALLENGE nor EXTERNAL AUTHENTICATE, which BAC is made of.
        expect(asked).toContain(0x22);
        expect(asked.filter((instruction) => instruction === 0x84 || instruction === 0x82)).toEqual([]);
        expect(await page.sessions.take(session.sid, session.sessionKey)).toBeUndefined();
      }
    });

    test.each(['aa', 'handover', 'relay'] as const)('a card that leaves the field, in mode %s', async (mode) => {
      const read = aCard();
      const session = await page.open({ mode, access: { kind: 'CAN', secret: read.can } });
      let left = 25;
      const transmit = async (command: Buffer): Promise<Buffer> => {
        left -= 1;
        if (left === 0) read.card.tear();
        return read.card.transmit(command);
      };
      expect(await readBy(session, read, { transmit })).toEqual({ status: 'refused', code: 'reader' });
      expect(await refusal(session)).toEqual({ refused: 'reader.lost' });
    });

    test('a chip without the key of its DG14: chip authentication fails at its first answer', async () => {
      const other = chipOptions('097204012345', 2, 'brainpoolP256r1');
      const read = aCard();
      const { files, can, mrzInformation } = read;
      // The honest card's files in a chip that has to make up its keys.
      const card = createVirtualCard({ files, can, mrzInformation, chip: other, random: randomBytes });
      // Read before: the wrong answer is evidence, judged with everything else.
      const handed = await page.open({ mode: 'handover' });
      expect(await readBy(handed, { ...read, card })).toMatchObject({ status: 'accepted' });
      const evidence = await taken(handed);
      await expect(chipProof(evidence)).rejects.toMatchObject({ code: 'ca.failed' });
      // Read after: without the new channel there is nothing more to read.
      card.reset();
      const relayed = await page.open({ mode: 'relay', access: { kind: 'CAN', secret: can } });
      expect(await readBy(relayed, { ...read, card })).toEqual({ status: 'refused', code: 'ca' });
      expect(await refusal(relayed)).toEqual({ refused: 'ca.failed' });
    });

    test('answers that are changed on their way', async () => {
      const read = aCard(full, { fault: 'tampered-messaging' });
      const session = await page.open({ mode: 'relay', access: { kind: 'CAN', secret: read.can } });
      expect(await readBy(session, read)).toEqual({ status: 'refused', code: 'messaging' });
      expect(await refusal(session)).toEqual({ refused: 'messaging.mac' });
    });

    test('a person who gives up', async () => {
      const read = aCard();
      const session = await page.open();
      const abort = new AbortController();
      const transmit = (command: Buffer): Promise<Buffer> => {
        abort.abort();
        return read.card.transmit(command);
      };
      expect(await readBy(session, read, { transmit, signal: abort.signal })).toEqual({
        status: 'refused',
        code: 'reader',
      });
      expect(await refusal(session)).toEqual({ refused: 'reader.cancelled' });
    });

    test('a second reader with the same token, while the first goes on', async () => {
      const [first, second] = [aCard(), aCard()];
      const session = await page.open();
      let late: Promise<unknown> | undefined;
      const transmit = async (command: Buffer): Promise<Buffer> => {
        late ??= readBy(session, second);
        return first.card.transmit(command);
      };
      expect(await readBy(session, first, { transmit })).toEqual({ status: 'accepted' });
      expect(await late).toEqual({ status: 'refused', code: 'reader' });
      await taken(session);
    });
  });

  test('no log line, metric or column tells anything about a card', async () => {
    const read = aCard();
    const session = await page.open({ mode: 'relay', access: { kind: 'CAN', secret: read.can } });
    await readBy(session, read);
    const told = server.lines.join('') + (await server.metrics());
    expect(server.lines.length).toBeGreaterThan(10);
    const { sid, token, sessionKey } = session;
    for (const secret of [
      sid,
      token,
      sessionKey,
      read.can,
      read.mrzInformation,
      read.documentNumber,
      'TRAN',
      '097204012345',
    ])
      expect(told).not.toContain(secret);
    for (const line of server.lines) {
      const { level, time, msg, requestId, ...facts } = JSON.parse(line);
      expect([level, msg]).toEqual(['info', 'reader session']);
      expect(Object.keys(facts).filter((name) => !['kind', 'outcome', 'code', 'ms', 'count'].includes(name))).toEqual(
        [],
      );
    }
    expect(told).toMatch(/senid_reader_sessions_total\{mode="relay",outcome="accepted"\} \d/);
  });
});

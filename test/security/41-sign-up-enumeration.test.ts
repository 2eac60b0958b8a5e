import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { drawPerson } from '../../src/sandbox/cards/portraits/drawing.ts';
import { createBrowser, type Page } from '../support/http-client.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { signUp, type Typed } from '../support/sign-up.ts';

describe('case 41: the form never says whether a number exists, matches, or has an account', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.end());

  /** What differs from visit to visit by its nature, taken out: tokens, the reference, the request, and what was typed. */
  const plain = ({ text }: Page, typed: Typed): string =>
    [typed.identityNumber.replace(/^(.{3})(.{3})/, '$1 $2 '), typed.identityNumber, typed.fullName]
      .concat(typed.birthdate.split('-').reverse().join('/'), typed.phone.slice(-3))
      .reduce((left, said) => left.replaceAll(said, '…'), text)
      .replace(/name="csrf" value="[^"]*"/g, '')
      .replace(/<strong id="reference">[^<]*/g, '')
      .replace(/value="\d{0,4}"/g, '')
      .replace(/0\d{3} \d{3} \d{3}|0\d{3} \d{3} …/g, '…');

  test('every page is the same for somebody who fits, a number that nobody has, another name, and the number of an account', async () => {
    const account = server.persona('level-2-chip');
    const newcomer = { identityNumber: '097197000021', fullName: 'Sương', birthdate: '1997-11-02' };
    const stranger = { fullName: 'Trần Văn Không', birthdate: '1985-01-01' };
    const visits = [
      newcomer,
      { ...stranger, identityNumber: '097000000999' },
      { ...newcomer, fullName: 'Sướng' },
      { ...stranger, identityNumber: account.identityNumber },
    ];
    const seen: { pages: string[]; status: number[]; headers: string[][] }[] = [];
    for (const [index, said] of visits.entries()) {
      const picture = await drawPerson(said.identityNumber);
      const typed = { ...said, phone: `+8491200070${index}`, picture };
      const pages = await signUp(server, createBrowser(), typed);
      expect(pages.at(-1)?.words).toContain('Chúng tôi đã nhận hồ sơ');
      seen.push({
        pages: pages.map((page) => plain(page, typed)),
        status: pages.map(({ status }) => status),
        headers: pages.map(({ headers }) =>
          Object.keys(headers)
            .filter((name) => name !== 'set-cookie')
            .sort(),
        ),
      });
    }
    const [first, ...others] = seen;
    expect(first?.pages).toHaveLength(7);
    for (const other of others) expect(other).toEqual(first);
  });

  test('a reference that nobody has is answered like one that somebody has', async () => {
    const picture = await drawPerson('098188000022');
    const person = { fullName: 'Công Tằng Tôn Nữ Huyền Ngọc Diễm My', birthdate: '1988-01-30', phone: '+84900000122' };
    const pages = await signUp(server, createBrowser(), { ...person, identityNumber: '098188000022', picture });
    const reference = /[0-9A-Z]{5}-[0-9A-Z]{5}/.exec(pages.at(-1)?.words ?? '')?.[0] ?? '';
    expect(reference).not.toBe('');
    const answers = await Promise.all(
      [reference, 'ZZZZZ-ZZZZZ'].map(async (typed) => {
        const form = await createBrowser().open(`${server.issuer}/sign-up/status`);
        const asked = await form.submit({ reference: typed }, { form: '/sign-up/status' });
        const wrong = await asked.submit({ code: '000000' }, { form: '/sign-up/status/code' });
        return [asked, wrong].map(({ status, text }) => [status, text.replace(/name="csrf" value="[^"]*"/g, '')]);
      }),
    );
    expect(answers[1]).toEqual(answers[0]);
  });
});

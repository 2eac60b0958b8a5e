import { readFile } from 'node:fs/promises';
import pg from 'pg';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createUsedPictures, type UsedPictures } from '../../../src/domain/biometrics/index.ts';
import { newId } from '../../../src/platform/ids.ts';
import { createPortraitDecoder } from '../../../src/platform/portrait-decoder/portrait-decoder.ts';
import { createSealer } from '../../../src/platform/sealed.ts';
import { Secret } from '../../../src/platform/secret.ts';
import { sql } from '../../../src/platform/sql.ts';
import { writeTogether } from '../../../src/platform/unit-of-work.ts';
import { drawPerson, PERSONAS } from '../../../src/sandbox/index.ts';
import { fixedClock } from '../../support/clock.ts';
import { freshDatabase } from '../../support/database.ts';
import { testSealer } from '../../support/people.ts';
import { pictureOf } from '../../support/pictures.ts';
import { SAVED_ANEW } from '../../support/saved-anew.ts';

const decoder = createPortraitDecoder();
const [{ identityNumber: HERS }, { identityNumber: OTHERS }] = PERSONAS as [
  (typeof PERSONAS)[number],
  (typeof PERSONAS)[number],
];

describe('which pictures have come before', () => {
  const texts: string[] = [];
  const sentAt: number[] = [];
  let fresh: Awaited<ReturnType<typeof freshDatabase>>;
  let used: UsedPictures;
  beforeAll(async () => {
    fresh = await freshDatabase({
      onStatement: (text) => {
        texts.push(text);
        sentAt.push(performance.now());
      },
    });
    used = createUsedPictures({
      database: fresh.database,
      clock: fixedClock(),
      sealer: testSealer('pictures'),
      decoder,
    });
  });
  beforeEach(async () => void (await fresh.database.execute(sql`DELETE FROM in_person_pictures`)));
  afterAll(() => fresh.end());

  // At a moment of its own, as below: of drawings at random one in thirty, enlarged by a quarter, is not known again.
  const COPIED = 1;

  test('another moment is new, and the same picture is not, in whichever file it comes', async () => {
    const picture = await drawPerson(HERS, 'plain', COPIED);
    expect(await used.isNew(picture)).toBe(true);
    expect(await used.isNew(picture)).toBe(false);
    for (const [name, change] of Object.entries(SAVED_ANEW))
      expect([name, await used.isNew(await change(picture))]).toEqual([name, false]);
    for (let moment = 0; moment < 10; moment += 1) expect(await used.isNew(await pictureOf(HERS))).toBe(true);
  });

  test('of many files of one picture at once at most one is new, and of one file exactly one', async () => {
    for (let round = 0; round < 4; round += 1) {
      const picture = await drawPerson(HERS, 'plain', COPIED + round);
      const files = await Promise.all(Object.values(SAVED_ANEW).map((change) => change(picture)));
      const all = await Promise.all(files.map((file) => used.isNew(file)));
      expect(all.filter((isNew) => isNew).length).toBeLessThanOrEqual(1);
      const other = await pictureOf(HERS);
      const same = await Promise.all(Array.from({ length: 8 }, () => used.isNew(other)));
      expect(same.filter((isNew) => isNew).length).toBe(1);
    }
  });

  test('what is asked twice for one occasion is answered twice alike, and for no other', async () => {
    const [picture, occasion] = [await pictureOf(HERS), newId()];
    const saved = await SAVED_ANEW['quality 60'](picture);
    expect(await used.isNew(picture, { occasion })).toBe(true);
    expect(await used.isNew(picture, { occasion })).toBe(true);
    for (const other of [{ occasion: newId() }, {}]) {
      expect(await used.isNew(picture, other)).toBe(false);
      expect(await used.isNew(saved, other)).toBe(false);
    }
    const late = { occasion: newId() };
    const again = await pictureOf(HERS);
    expect(await used.isNew(again)).toBe(true);
    for (const _ of [1, 2]) expect(await used.isNew(again, late)).toBe(false);
  });

  // Whoever has read a chip has its portrait: the nearest picture there is, and of no camera.
  test('a portrait that it is compared with is not new, in whichever file, on a chip too', async () => {
    const drawn = await drawPerson(HERS, 'plain', COPIED);
    for (const [name, change] of [['as it is', async (one: Buffer) => one], ...Object.entries(SAVED_ANEW)] as const) {
      const coming = { portraits: [await drawPerson(OTHERS), drawn] };
      expect([name, await used.isNew(await change(drawn), coming)]).toEqual([name, false]);
      await fresh.database.execute(sql`DELETE FROM in_person_pictures`);
      expect(await used.isNew(await pictureOf(HERS), coming)).toBe(true);
    }
    const chip = await readFile('test/vectors/faces/collins-portrait.jp2');
    const file = await sharp(await readFile('test/vectors/faces/collins-portrait.jpg'))
      .jpeg({ quality: 80 })
      .toBuffer();
    expect(await used.isNew(file, { portraits: [chip] })).toBe(false);
    expect(await used.isNew(await pictureOf(HERS), { portraits: [Buffer.from('no picture')] })).toBe(true);
  });

  test('of whoever only shows a card it is known for a day, in whichever file, and then no more', async () => {
    const picture = await pictureOf(HERS);
    const as = 'of_passer_by';
    expect(await used.isNew(picture, { as })).toBe(true);
    expect(await used.isNew(await SAVED_ANEW['quality 60'](picture), { as })).toBe(false);
    const hers = await pictureOf(HERS);
    expect(await used.isNew(hers)).toBe(true);
    expect(await used.isNew(await SAVED_ANEW['quality 60'](hers), { as })).toBe(false);
    const rows = await fresh.database.rows<{ days: number }>(sql`SELECT DISTINCT round(extract(epoch FROM until
      - ${fixedClock().now()}::timestamptz) / 86400)::int AS days FROM in_person_pictures ORDER BY days`);
    expect(rows.map(({ days }) => days)).toEqual([1, 90]);
  });

  test('a portrait that somebody was proven by is one of before, in whichever file, until its document has had its last day', async () => {
    const portrait = await pictureOf(HERS);
    await writeTogether(fresh.database, await used.barring(portrait, '2031-05-06'));
    for (const one of [portrait, await SAVED_ANEW['quality 60'](portrait)])
      expect(await used.isNew(one, { occasion: newId() })).toBe(false);
    expect(await used.isNew(await pictureOf(HERS))).toBe(true);
    // Known already, from a sign-in or from another document: until the later day.
    const known = await pictureOf(HERS);
    expect(await used.isNew(known, { occasion: 'one' })).toBe(true);
    for (const day of ['2031-05-06', '2030-01-01']) await writeTogether(fresh.database, await used.barring(known, day));
    expect(await used.isNew(known, { occasion: 'one' })).toBe(false);
    const late = (day: string) =>
      createUsedPictures({
        ...{ database: fresh.database, clock: fixedClock(day), sealer: testSealer('pictures'), decoder },
      });
    await late('2031-05-06T23:59:59Z').sweep();
    expect(await late('2031-05-06T23:59:59Z').isNew(known)).toBe(false);
    await late('2031-05-07T00:00:00Z').sweep();
    for (const one of [known, portrait]) expect(await late('2031-05-07T00:00:00Z').isNew(one)).toBe(true);
    // What shows nothing is told from nothing.
    expect(await used.barring(Buffer.from('no picture'), '2031-05-06')).toEqual([]);
  });

  test('of one that nobody could look at nothing is remembered: it may come again', async () => {
    const picture = await pictureOf(HERS);
    const portraits = [await pictureOf(OTHERS)];
    const parts = { database: fresh.database, clock: fixedClock(), sealer: testSealer('pictures') };
    const busy = createUsedPictures({ ...parts, decoder: { decode: async () => undefined } });
    const slow = createUsedPictures({ ...parts, decoder: createPortraitDecoder({ timeoutMs: 1 }) });
    for (const one of [busy, slow])
      await expect(one.isNew(picture, { portraits })).rejects.toMatchObject({ code: 'face_matcher.unavailable' });
    expect(await used.isNew(picture, { portraits })).toBe(true);
  });

  test('a release that writes no bands is understood', async () => {
    const picture = await pictureOf(HERS);
    expect(await used.isNew(picture)).toBe(true);
    await fresh.database.execute(sql`UPDATE in_person_pictures SET bands = DEFAULT, occasion = DEFAULT`);
    expect(await used.isNew(picture)).toBe(false);
    expect(await used.isNew(await pictureOf(HERS))).toBe(true);
  });

  test('whoever has the table without the key finds no picture in it', async () => {
    const picture = await pictureOf(HERS);
    expect(await used.isNew(picture)).toBe(true);
    const sealer = createSealer(new Secret(Buffer.alloc(32, 8)), 'pictures');
    const stranger = createUsedPictures({ database: fresh.database, clock: fixedClock(), sealer, decoder });
    expect(await stranger.isNew(picture)).toBe(true);
  });

  test('costs two statements, and the second goes by an index', async () => {
    // As many as an index is worth; of a season they are thousands of times as many.
    for (let thousand = 0; thousand < 10; thousand += 1)
      await fresh.database.execute(sql`INSERT INTO in_person_pictures (hash, until, occasion, bands)
        SELECT sha256(('hash' || n)::bytea), now() + interval '90 days', sha256(('occasion' || n)::bytea),
          (SELECT array_agg(hashtextextended(n || ' ' || band, 0)) FROM generate_series(1, 30) AS band)
        FROM generate_series(${thousand * 1_000 + 1}::int, ${thousand * 1_000 + 1_000}::int) AS n`);
    await fresh.database.execute(sql`ANALYZE in_person_pictures`);
    const picture = await pictureOf(HERS);
    await used.isNew(await pictureOf(HERS));
    const before = texts.length;
    expect(await used.isNew(picture)).toBe(true);
    const sent = texts.slice(before);
    expect(sent.length).toBe(2);
    const client = new pg.Client({ connectionString: fresh.url });
    await client.connect();
    const { rows } = await client.query<{ 'QUERY PLAN': string }>(`EXPLAIN (GENERIC_PLAN) ${sent[1]}`);
    await client.end();
    const plan = rows.map((line) => line['QUERY PLAN']).join('\n');
    expect(plan).toMatch(/Index Scan on in_person_pictures_bands/);
    expect(plan).not.toMatch(/Seq Scan/);
    const spent = { looking: 0, writing: 0, finding: 0 };
    for (let asked = 0; asked < 20; asked += 1) {
      const started = performance.now();
      await used.isNew(picture);
      const ended = performance.now();
      const [written, looked] = sentAt.slice(-2) as [number, number];
      spent.looking += (written - started) / 20;
      spent.writing += (looked - written) / 20;
      spent.finding += (ended - looked) / 20;
    }
    console.info('milliseconds for a picture among 10,000', spent);
    // Reading through all of them takes 130 and more.
    expect(spent.finding).toBeLessThan(60);
  });
});

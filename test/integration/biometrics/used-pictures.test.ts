import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createUsedPictures, type UsedPictures } from '../../../src/domain/biometrics/index.ts';
import { newId } from '../../../src/platform/ids.ts';
import { createSealer } from '../../../src/platform/sealed.ts';
import { Secret } from '../../../src/platform/secret.ts';
import { sql } from '../../../src/platform/sql.ts';
import { PERSONAS } from '../../../src/sandbox/index.ts';
import { fixedClock } from '../../support/clock.ts';
import { freshDatabase } from '../../support/database.ts';
import { testSealer } from '../../support/people.ts';
import { pictureOf } from '../../support/pictures.ts';
import { SAVED_ANEW } from '../../support/saved-anew.ts';

const [{ identityNumber: HERS }] = PERSONAS as [(typeof PERSONAS)[number]];

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
    used = createUsedPictures({ database: fresh.database, clock: fixedClock(), sealer: testSealer('pictures') });
  });
  beforeEach(async () => void (await fresh.database.execute(sql`DELETE FROM in_person_pictures`)));
  afterAll(() => fresh.end());

  test('another moment is new, and the same picture is not, in whichever file it comes', async () => {
    const picture = await pictureOf(HERS);
    expect(await used.isNew(picture)).toBe(true);
    expect(await used.isNew(picture)).toBe(false);
    for (const [name, change] of Object.entries(SAVED_ANEW))
      expect([name, await used.isNew(await change(picture))]).toEqual([name, false]);
    for (let moment = 0; moment < 10; moment += 1) expect(await used.isNew(await pictureOf(HERS))).toBe(true);
  });

  test('of many files of one picture at once at most one is new, and of one file exactly one', async () => {
    for (let round = 0; round < 4; round += 1) {
      const picture = await pictureOf(HERS);
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
    expect(await used.isNew(picture, occasion)).toBe(true);
    expect(await used.isNew(picture, occasion)).toBe(true);
    for (const other of [newId(), undefined]) {
      expect(await used.isNew(picture, other)).toBe(false);
      expect(await used.isNew(saved, other)).toBe(false);
    }
    const late = newId();
    const again = await pictureOf(HERS);
    expect(await used.isNew(again)).toBe(true);
    for (const _ of [1, 2]) expect(await used.isNew(again, late)).toBe(false);
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
    const stranger = createUsedPictures({ database: fresh.database, clock: fixedClock(), sealer });
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

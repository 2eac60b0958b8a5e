import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Koa, { type Context } from 'koa';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { unitOfWork } from '../../../src/oidc/request-unit.ts';
import { sql } from '../../../src/platform/sql.ts';
import { createSend } from '../../support/http-client.ts';
import { inSeconds, storedModels } from '../../support/stored-models.ts';

const here = storedModels();

describe('a request', () => {
  const server = createServer();
  let url: string;
  let handler: (ctx: Context) => Promise<void>;
  const flushed: number[] = [];
  beforeAll(async () => {
    const app = new Koa();
    app.silent = true;
    const { units, database, adapter, clock } = here;
    app.use(
      unitOfWork({
        units,
        database,
        adapter,
        clock,
        renderError: (ctx, out) => {
          ctx.body = `<h1>${out.error}</h1>`;
        },
        beforeFlush: (ctx, unit) => {
          flushed.push(ctx.status);
          if (ctx.query.note) unit.write({ statement: sql`INSERT INTO noted (id) VALUES (${String(ctx.query.note)})` });
        },
      }),
    );
    app.use((ctx) => handler(ctx));
    const handle = app.callback();
    server.on('request', (request, response) => void handle(request, response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://localhost:${(server.address() as AddressInfo).port}`;
    await here.database.execute(sql`CREATE TABLE noted (id text PRIMARY KEY)`);
  });
  afterAll(() => void server.close());
  beforeEach(() => void flushed.splice(0));

  const send = createSend();
  const save = (id: string) => here.models('Interaction').upsert(id, { exp: inSeconds(60), params: {} });
  const isThere = async (id: string) => (await here.find('Interaction', id)) !== undefined;
  const noted = async (id: string) => (await here.database.rows(sql`SELECT FROM noted WHERE id = ${id}`)).length === 1;

  test('that is answered, or refused, is written before the answer leaves', async () => {
    for (const status of [200, 303, 400, 403, 404]) {
      handler = async (ctx) => {
        await save(`answered ${status}`);
        ctx.status = status;
        ctx.body = 'x';
      };
      expect((await send(url)).status).toBe(status);
      expect(await isThere(`answered ${status}`)).toBe(true);
    }
  });

  test('that fails, by status or by a throw, writes nothing', async () => {
    handler = async (ctx) => {
      await save('failed');
      ctx.status = 500;
    };
    expect((await send(url)).status).toBe(500);
    handler = async () => {
      await save('failed');
      throw new Error('a fault of ours');
    };
    expect((await send(url)).status).toBe(500);
    expect(await isThere('failed')).toBe(false);
    expect(flushed).toEqual([]);
  });

  test('is written together with what is put in at the last moment, or not at all', async () => {
    handler = async (ctx) => {
      await save('together');
      ctx.body = 'x';
    };
    await send(`${url}?note=event`);
    expect([await isThere('together'), await noted('event')]).toEqual([true, true]);
    handler = async (ctx) => {
      await save('apart');
      ctx.body = 'x';
    };
    // The same event again: its key is taken, so nothing of this request happens.
    expect((await send(`${url}?note=event`)).status).toBe(500);
    expect(await isThere('apart')).toBe(false);
  });

  test('whose write lost gives its answer back: no redirect, no cookie, a page that says so', async () => {
    await here.request(() => save('contested'));
    let meanwhile = 0;
    handler = async (ctx) => {
      await here.models('Interaction').find('contested');
      await here.models('Interaction').destroy('contested');
      // Another request comes between.
      if (meanwhile++ === 0) expect((await send(url)).status).toBe(303);
      ctx.cookies.set('a-cookie', 'of-a-session-that-was-not-written');
      ctx.redirect('http://localhost:9999/callback?code=never-issued');
      ctx.status = 303;
    };
    const reply = await send(url);
    expect(reply.status).toBe(400);
    expect(reply.location).toBeUndefined();
    expect(reply.headers['set-cookie']).toBeUndefined();
    expect(reply.text).toBe('<h1>invalid_request</h1>');
  });

  test('that cannot be written sends neither its redirect nor its cookie', async () => {
    handler = async (ctx) => {
      here.units.current()!.write({ statement: sql`INSERT INTO noted (id) VALUES (NULL)` });
      ctx.cookies.set('a-cookie', 'of-a-session-that-was-not-written');
      ctx.redirect('http://localhost:9999/callback?code=never-issued');
    };
    const reply = await send(url);
    expect(reply.status).toBe(500);
    expect(reply.location).toBeUndefined();
    expect(reply.headers['set-cookie']).toBeUndefined();
  });

  test('that writes nothing sends no statement', async () => {
    handler = async (ctx) => {
      ctx.body = 'x';
    };
    const before = here.database.statements;
    await send(url);
    expect(here.database.statements).toBe(before);
  });
});

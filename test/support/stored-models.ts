import { afterAll, beforeAll } from 'vitest';
import { createSqlAdapter, type SqlAdapter } from '../../src/oidc/sql-adapter.ts';
import type { ModelStore } from '../../src/oidc/storage/model-store.ts';
import type { Payload } from '../../src/oidc/storage/row.ts';
import { createSealer } from '../../src/platform/sealed.ts';
import { Secret } from '../../src/platform/secret.ts';
import { createUnitsOfWork, type UnitsOfWork } from '../../src/platform/unit-of-work.ts';
import { fixedClock } from './clock.ts';
import { freshDatabase } from './database.ts';

export type Models = (model: string) => ModelStore;

/** For a test file: the storage of the protocol, without the library before it. */
export function storedModels() {
  let fresh: Awaited<ReturnType<typeof freshDatabase>>;
  let units: UnitsOfWork;
  let adapter: SqlAdapter;
  const clock = fixedClock(new Date().toISOString());
  beforeAll(async () => {
    fresh = await freshDatabase();
    units = createUnitsOfWork(fresh.database);
    const sealer = createSealer(new Secret(Buffer.alloc(32, 3)), 'oidc');
    adapter = createSqlAdapter({ database: fresh.database, units, sealer, clock, findClient: async () => undefined });
  });
  afterAll(() => fresh?.end());

  const here = {
    clock,
    get database() {
      return fresh.database;
    },
    get units() {
      return units;
    },
    get adapter() {
      return adapter;
    },
    /** The storage of one model, as the library would ask for it. */
    models: ((model) => adapter(model) as unknown as ModelStore) as Models,
    /** One request: what `work` writes is flushed when it is done. */
    request: <T>(work: (models: Models) => Promise<T>): Promise<T> =>
      units.run(async () => {
        const result = await work(here.models);
        await units.flush();
        return result;
      }),
    /** A request that stops after its first half until `go` is called: another one can come between. */
    async halted(first: (models: Models) => Promise<unknown>, then: (models: Models) => Promise<unknown>) {
      const gate = Promise.withResolvers<void>();
      const reached = Promise.withResolvers<void>();
      const done = here.request(async (models) => {
        await first(models);
        reached.resolve();
        await gate.promise;
        await then(models);
      });
      done.catch(() => {});
      await Promise.race([reached.promise, done]);
      const go = (): Promise<void> => {
        gate.resolve();
        return done;
      };
      return { go };
    },
    find: (model: string, id: string): Promise<Payload | undefined> => here.request((models) => models(model).find(id)),
  };
  return here;
}

/** Seconds since 1970, `seconds` from now. */
export const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;

import { createBreath } from '../../../src/domain/proofing/trust-store/breath.ts';
import { verifyActiveAuthentication } from '../../../src/standards/icao9303/chip/active-authentication.ts';
import {
  type ChainCache,
  createChainCache,
  NATIONAL_PROFILE,
  passiveAuthentication,
} from '../../../src/standards/icao9303/passive-authentication.ts';
import { createAnchors } from '../../../src/standards/icao9303/pki/anchors.ts';
import { parseCertificate } from '../../../src/standards/icao9303/pki/certificate.ts';
import { parseMasterList, verifyMasterList } from '../../../src/standards/icao9303/pki/master-list.ts';
import { asRefusal } from '../../../src/standards/icao9303/refusal.ts';
import { NOW } from '../../support/card-authority.ts';
import { cardVectors } from '../../support/card-vectors-folder.ts';
import { median } from '../measure.ts';
import { type BenchCard, benchCard } from './card.ts';
import { cpuOf, type Held, heldBy } from './clock.ts';
import { type BenchList, benchList } from './list.ts';
import { rawChecks, rawListCheck } from './raw.ts';

/** One row. Figures are CPU of the whole process; a ratio is how many times the raw verifications the whole costs. */
interface Row {
  readonly name: string;
  readonly [figure: string]: string | number | undefined;
}

/** `npm run bench -- chip`: what it costs to believe a card, beside its raw signatures in alternating slices of one run. */
export async function benchChip({ json, slices }: { json: boolean; slices: number }): Promise<void> {
  const show = (row: Row): void => console.log(json ? JSON.stringify(row) : lineOf(row));
  const list = benchList(cardVectors);
  const load = await loadRow(list);
  const card = await benchCard();
  const raw = rawChecks(card);
  const cache = createChainCache();
  const uncached = { ours: () => believe(card), raw: raw.uncached, ready: raw.uncachedKeysReady };
  const cached = { ours: () => believe(card, cache), raw: raw.cached, ready: raw.cachedKeysReady };
  show(await cardRow('pa_aa_uncached', uncached, slices));
  show(await cardRow('pa_aa_cached', cached, slices));
  show(await listRow(list, slices));
  show(load);
}

async function believe(card: BenchCard, cache?: ChainCache): Promise<void> {
  const { sod, dataGroups, trust, now, challenge, response } = card;
  await passiveAuthentication({ sod, dataGroups, trust, now, profile: NATIONAL_PROFILE, ...(cache ? { cache } : {}) });
  await verifyActiveAuthentication({ dg15: dataGroups.get(15)!, dg14: dataGroups.get(14)!, challenge, response });
}

interface Sides {
  ours(): Promise<void>;
  raw(): void;
  ready(): void;
}

const TIMES = 150;

async function cardRow(name: string, { ours, raw, ready }: Sides, slices: number): Promise<Row> {
  await cpuOf(ours, 2 * TIMES);
  const held = await heldBy(() => cpuOf(ours, TIMES));
  for (const side of [raw, ready]) await cpuOf(side, 2 * TIMES);
  const costs: [ours: number, raw: number, ready: number][] = [];
  for (let slice = 0; slice < slices; slice += 1) {
    costs.push([await cpuOf(ours, TIMES), await cpuOf(raw, TIMES), await cpuOf(ready, TIMES)]);
  }
  return {
    name,
    per_second_core: Math.round(1000 / median(costs.map(([cost]) => cost))),
    limit: Math.round(1000 / median(costs.map(([, cost]) => cost))),
    limit_keys_ready: Math.round(1000 / median(costs.map(([, , cost]) => cost))),
    ratio: rounded(median(costs.map(([cost, least]) => cost / least))),
    ...heldFigures(held),
  };
}

async function listRow(list: BenchList, slices: number): Promise<Row> {
  const root = parseCertificate(list.root);
  const parsed = parseMasterList(list.der);
  const raw = rawListCheck(parsed, root);
  const ours = () => verifyMasterList(parseMasterList(list.der), { root, now: NOW });
  for (const side of [ours, raw]) await cpuOf(side, 10);
  const costs: [ours: number, raw: number][] = [];
  for (let slice = 0; slice < slices; slice += 1) costs.push([await cpuOf(ours, 10), await cpuOf(raw, 10)]);
  return {
    name: 'master_list',
    ms: rounded(median(costs.map(([cost]) => cost))),
    limit: rounded(median(costs.map(([, least]) => least))),
    ratio: rounded(median(costs.map(([cost, least]) => cost / least))),
    ...heldFigures(await heldBy(ours)),
    certificates: parsed.certificates.length,
    from: list.from,
  };
}

/** Every certificate of the list into anchors, as `trust-store/snapshots.ts` does once it has the rows: the first thing of a process. */
async function loadRow({ der, from }: BenchList): Promise<Row> {
  const { certificates } = parseMasterList(der);
  let unreadable = 0;
  const load = async (): Promise<void> => {
    const breath = createBreath();
    const anchors = [];
    for (const each of certificates) {
      await breath();
      try {
        anchors.push({ certificate: parseCertificate(each), national: false });
      } catch (error) {
        asRefusal(error);
        unreadable += 1;
      }
    }
    createAnchors({ version: 'bench', anchors, lists: [] });
  };
  let held: Held | undefined;
  const ms = await cpuOf(async () => {
    held = await heldBy(load);
  }, 1);
  const figures = { certificates: certificates.length, unreadable, from };
  return { name: 'trust_load', ms: rounded(ms), ...heldFigures(held!), ...figures };
}

const heldFigures = ({ cpuMs, wallMs }: Held) => ({ held_ms: rounded(cpuMs), held_wall_ms: rounded(wallMs) });

const rounded = (value: number): number => Math.round(value * 100) / 100;

const lineOf = ({ name, ...figures }: Row): string =>
  [name.padEnd(16), ...Object.entries(figures).map(([figure, value]) => `${figure} ${value}`)].join('  ');

import type { Networks } from '../networks/networks.ts';
import { findFaces } from './detector.ts';
import { measure } from './landmarks.ts';
import { lookAt } from './quality.ts';
import { template, upright } from './recogniser.ts';

/** Runs everything on a grey wall before the first person waits for it: code is compiled then, and memory is there. */
export async function warmUp({ detect, mesh, recognise }: Networks): Promise<void> {
  for (let time = 0; time < ROUNDS; time += 1) {
    await findFaces(WALL, detect);
    // The wall has no face: one is said to be where it might be.
    const points = await measure(WALL, FACE, async (crop) => ({ ...(await mesh(crop)), face: 1 }));
    const crop = upright(WALL, { ...points!, five: PARTS });
    lookAt(crop);
    await template(crop, recognise);
  }
}

const ROUNDS = 3;
const SIDE = 640;
const WALL = { width: SIDE, height: SIDE, channels: 3, pixels: Buffer.alloc(SIDE * SIDE * 3, 128) } as const;
const [LEFT, RIGHT] = [[260, 260] as const, [380, 260] as const];
const PARTS = [LEFT, RIGHT, [320, 330], [270, 400], [370, 400]] as const;
const FACE = { centre: [320, 320], side: 300, eyes: [LEFT, RIGHT], certainty: 1 } as const;

import { resolve } from 'node:path';

/** What a process of ours is given of this one's environment: where programs are, and what Node has compiled before. */
export const BARE = { PATH: process.env.PATH, NODE_COMPILE_CACHE: resolve('node_modules/.cache/node') };

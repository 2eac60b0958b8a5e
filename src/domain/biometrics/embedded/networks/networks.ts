import { env, InferenceSession, Tensor } from 'onnxruntime-web';
import { DETECTOR_SIZE, type RunDetector } from '../faces/detector.ts';
import { MESH_SIZE, type RunMesh } from '../faces/landmarks.ts';
import { RECOGNISED_SIZE, type RunRecogniser } from '../faces/recogniser.ts';
import type { Weights } from '../weights.ts';
import { translate } from './graph-model.ts';

/** The three networks, ready to run. */
export interface Networks {
  readonly detect: RunDetector;
  readonly mesh: RunMesh;
  readonly recognise: RunRecogniser;
}

/** Loads them: only in a thread of its own, where nothing else waits. One thread: it is not alone on the machine. */
export async function loadNetworks(weights: Weights): Promise<Networks> {
  env.wasm.numThreads = 1;
  env.logLevel = 'error';
  const detector = await load(
    translate(weights['blazeface.json'], weights['blazeface.bin'], Object.values(DETECTED)),
    DETECTOR_SIZE,
  );
  const mesh = await load(
    translate(weights['facemesh.json'], weights['facemesh.bin'], Object.values(MEASURED)),
    MESH_SIZE,
  );
  const recogniser = await load(weights['fr_feature.onnx'], RECOGNISED_SIZE);
  return {
    detect: async (crop) => {
      const said = await detector(crop);
      return {
        logits: [said[DETECTED.nearLogits]!, said[DETECTED.farLogits]!],
        boxes: [said[DETECTED.nearBoxes]!, said[DETECTED.farBoxes]!],
      };
    },
    mesh: async (crop) => {
      const said = await mesh(crop);
      return { face: said[MEASURED.face]![0]!, points: said[MEASURED.points]! };
    },
    recognise: async (crop) => Object.values(await recogniser(crop))[0]!,
  };
}

/** What the networks call what they say. */
const DETECTED = {
  nearLogits: 'Identity',
  farLogits: 'Identity_1',
  nearBoxes: 'Identity_2',
  farBoxes: 'Identity_3',
} as const;
const MEASURED = { face: 'Identity_1', points: 'Identity_2' } as const;

async function load(network: Uint8Array, size: number) {
  const session = await InferenceSession.create(network, { executionProviders: ['wasm'] });
  const [input = ''] = session.inputNames;
  return async (crop: Float32Array): Promise<Record<string, Float32Array>> => {
    const said = await session.run({ [input]: new Tensor('float32', crop, [1, 3, size, size]) });
    return Object.fromEntries(Object.entries(said).map(([name, { data }]) => [name, data as Float32Array]));
  };
}

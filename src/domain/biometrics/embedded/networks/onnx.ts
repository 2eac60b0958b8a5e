/**
 * As much of the ONNX format (onnx.proto, IR version 8, operator set 13) as writing a network takes. Field numbers are those of the
 * published `onnx.proto`; a message is its fields, one after another.
 */

/** An operation: its inputs and its one output by name. */
export interface Operation {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes?: Readonly<Record<string, number | string | readonly number[]>>;
}

/** Constant numbers: `float32` or, for shapes and paddings, `int64`. */
export interface Constant {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array | BigInt64Array;
}

export interface Network {
  readonly input: { readonly name: string; readonly shape: readonly number[] };
  readonly outputs: readonly string[];
  readonly constants: readonly Constant[];
  /** In an order in which each finds its inputs made. */
  readonly operations: readonly Operation[];
}

const FLOAT = 1;
const INT64 = 7;

/** The bytes that a runtime reads. */
export const writeOnnx = ({ input, outputs, constants, operations }: Network): Buffer =>
  Buffer.concat([
    number(1, 8),
    message(7, [
      ...operations.map((operation) => message(1, operationFields(operation))),
      text(2, 'network'),
      ...constants.map((constant) => message(5, constantFields(constant))),
      message(11, [text(1, input.name), message(2, [message(1, tensorType(input.shape))])]),
      ...outputs.map((name) => message(12, [text(1, name), message(2, [message(1, [number(1, FLOAT)])])])),
    ]),
    message(8, [text(1, ''), number(2, 13)]),
  ]);

const tensorType = (shape: readonly number[]): Buffer[] => [
  number(1, FLOAT),
  message(
    2,
    shape.map((size) => message(1, [number(1, size)])),
  ),
];

const operationFields = ({ op, inputs, output, attributes = {} }: Operation): Buffer[] => [
  ...inputs.map((name) => text(1, name)),
  text(2, output),
  text(4, op),
  ...Object.entries(attributes).map(([name, value]) => message(5, [text(1, name), ...attributeFields(value)])),
];

/** AttributeProto.type: 2 a whole number, 3 a text, 7 whole numbers. */
function attributeFields(value: number | string | readonly number[]): Buffer[] {
  if (typeof value === 'number') return [number(3, value), number(20, 2)];
  if (typeof value === 'string') return [text(4, value), number(20, 3)];
  return [...value.map((each) => number(8, each)), number(20, 7)];
}

const constantFields = ({ name, shape, values }: Constant): Buffer[] => [
  ...shape.map((size) => number(1, size)),
  number(2, values instanceof Float32Array ? FLOAT : INT64),
  text(8, name),
  // Little-endian, as this machine has them.
  bytes(9, Buffer.from(values.buffer, values.byteOffset, values.byteLength)),
];

// Protocol Buffers, wire types 0 (varint) and 2 (a length and as many bytes).
const number = (field: number, value: number): Buffer => Buffer.concat([varint(field << 3), varint(value)]);
const bytes = (field: number, value: Buffer): Buffer =>
  Buffer.concat([varint((field << 3) | 2), varint(value.length), value]);
const text = (field: number, value: string): Buffer => bytes(field, Buffer.from(value));
const message = (field: number, fields: readonly Buffer[]): Buffer => bytes(field, Buffer.concat(fields));

function varint(value: number): Buffer {
  const octets: number[] = [];
  let rest = value;
  do {
    octets.push((rest % 128) | (rest >= 128 ? 0x80 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return Buffer.from(octets);
}

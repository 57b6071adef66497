// Compares what this browser computes with the golden rows: what the trained model computed.

import { pixelsOff } from "./layouts.js";
import { get, product } from "./routes.js";

const TYPES = { float32: Float32Array, int64: BigInt64Array, uint8: Uint8Array };

/**
 * Returns the largest difference, relative to the largest value of a row where that is above 1;
 * NaN if a value is not finite. Of pixels it is what `pixelsOff` says.
 */
export function difference(values, expected, rows) {
  const size = expected.length / rows;
  let largest = 0;
  if (values.length !== expected.length) return NaN;
  if (expected instanceof Uint8Array) return pixelsOff(values, expected);
  for (let row = 0; row < rows; row++) {
    let scale = 1;
    for (let i = row * size; i < (row + 1) * size; i++) {
      scale = Math.max(scale, Math.abs(expected[i]));
    }
    for (let i = row * size; i < (row + 1) * size; i++) {
      const error = Math.abs(values[i] - expected[i]) / scale;
      if (!Number.isFinite(error)) return NaN;
      largest = Math.max(largest, error);
    }
  }
  return largest;
}

/** Returns {endpoint, rows, largest} of one endpoint of the page. */
export async function check(page, routes, endpoint) {
  const bytes = await (await get("model/goldens.bin")).arrayBuffer();
  const read = ({ dtype, shape, offset }) => new TYPES[dtype](bytes, offset, product(shape));
  const golden = page.goldens[endpoint];
  const inputs = Object.fromEntries(
    Object.entries(golden.inputs).map(([name, where]) => [name, read(where)]),
  );
  const outputs = await routes.run(endpoint, inputs);
  let [largest, rows] = [0, 0];
  for (const [name, where] of Object.entries(golden.outputs)) {
    rows = where.shape[0];
    const error = difference(outputs[name].data, read(where), rows);
    largest = Number.isNaN(error) ? NaN : Math.max(largest, error);
  }
  return { endpoint, rows, largest };
}

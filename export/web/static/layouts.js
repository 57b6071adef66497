// Images as the page has them, with the channels last, and as the model's graphs take and give them.

const LEVELS = 255; // of a pixel, above 0
const FEWEST = 4096; // pixels that a fraction is of: one of few pixels is a large part of them

/** Returns inputs as the graphs take them; `described` is what the manifest says of the inputs. */
export function given(inputs, described, layout) {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, data]) => {
      const { dtype, shape } = described[name];
      // clamps and rounds
      if (dtype === "uint8") data = new Uint8Array(Uint8ClampedArray.from(data).buffer);
      return [name, isFirst(shape, layout) ? toFirst(data, shape.slice(1)) : data];
    }),
  );
}

/** Returns outputs, {name: {data, dims}}, as the page has them. */
export function taken(outputs, layout) {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, { data, dims }]) => {
      if (!isFirst(dims, layout)) return [name, { data, dims }];
      const [rows, channels, height, width] = dims;
      const turned = toLast(data, [channels, height, width]);
      return [name, { data: turned, dims: [rows, height, width, channels] }];
    }),
  );
}

const isFirst = (shape, layout) => layout === "NCHW" && shape.length === 4;

/** Returns images of [height, width, channels] as images of the shape [channels, height, width]. */
export function toFirst(data, [channels, height, width]) {
  return turned(data, height * width, channels);
}

/** Returns images of the shape [channels, height, width] as images of [height, width, channels]. */
export function toLast(data, [channels, height, width]) {
  return turned(data, channels, height * width);
}

/** Returns rows of matrices [outer, inner] as rows of [inner, outer]. */
function turned(data, outer, inner) {
  const result = new data.constructor(data.length);
  const size = outer * inner;
  for (let i = 0; i < data.length; i++) {
    const [row, at] = [Math.floor(i / size), i % size];
    result[row * size + (at % inner) * outer + Math.floor(at / inner)] = data[i];
  }
  return result;
}

/**
 * Returns the difference of uint8 pixels, as the bundle's gate has it: the fraction that is off by
 * one level, over 510; where one is off by more, its levels over 255.
 */
export function pixelsOff(values, expected) {
  let [largest, sum] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    const off = Math.abs(values[i] - expected[i]);
    largest = Math.max(largest, off);
    sum += off;
  }
  if (largest > 1) return largest / LEVELS;
  return sum / Math.max(expected.length, FEWEST) / (2 * LEVELS);
}

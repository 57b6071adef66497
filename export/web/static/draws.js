// Draws that are a function of one seed per row: those of the model's own graph, in JavaScript.
// Threefry-2x32 with 20 rounds. Salmon et al., 2011, "Parallel random numbers: as easy as 1, 2, 3".

const ROTATIONS = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
];
const PARITY = 0x1bd11bda; // Threefry's key schedule constant for 32-bit words
const MASK = 0xffffffffn;

/** Returns two pseudo-random words for a seed (BigInt), the number of a draw, and a counter. */
export function threefry(seed, stream, counter) {
  const low = Number(seed & MASK);
  const high = Number((seed >> 32n) & MASK);
  const keys = [low, high, low ^ high ^ PARITY];
  let x0 = (counter + keys[0]) | 0;
  let x1 = (stream + keys[1]) | 0;
  for (let group = 0; group < 5; group++) {
    for (const bits of ROTATIONS[group % 2]) {
      x0 = (x0 + x1) | 0;
      x1 = ((x1 << bits) | (x1 >>> (32 - bits))) ^ x0;
    }
    x0 = (x0 + keys[(group + 1) % 3]) | 0;
    x1 = (x1 + keys[(group + 2) % 3] + group + 1) | 0;
  }
  return [x0 >>> 0, x1 >>> 0];
}

// the top 23 bits and a half: exact in float32, never 0 nor 1
const unit = (word) => ((word >>> 9) + 0.5) * 2 ** -23;

/** Returns `count` draws on the open interval (0, 1). */
export function uniform(seed, stream, count) {
  const half = (count + 1) >> 1;
  const drawn = new Float32Array(2 * half);
  for (let i = 0; i < half; i++) {
    const [first, second] = threefry(seed, stream, i);
    drawn[i] = unit(first);
    drawn[half + i] = unit(second);
  }
  return drawn.subarray(0, count);
}

/** Returns `count` draws of N(0, 1), by Box and Muller's transform in float32. */
export function normal(seed, stream, count) {
  const half = (count + 1) >> 1;
  const drawn = new Float32Array(2 * half);
  const round = Math.fround;
  for (let i = 0; i < half; i++) {
    const [first, second] = threefry(seed, stream, i);
    const radius = round(Math.sqrt(round(-2 * round(Math.log(unit(first))))));
    const angle = round(round(2 * Math.PI) * unit(second));
    drawn[i] = radius * round(Math.cos(angle));
    drawn[half + i] = radius * round(Math.sin(angle));
  }
  return drawn.subarray(0, count);
}

/** Returns the latent of a seed under a prior: `name`, `size` and `bounds` of the manifest. */
export function latent(prior, seed) {
  if (prior.name === "uniform") {
    const [low, high] = prior.bounds;
    return uniform(seed, 0, prior.size).map((u) => low + Math.fround((high - low) * u));
  }
  return settle(prior, normal(seed, 0, prior.size));
}

/** Returns the latent that a prior has nearest to `z`: in its box, or on its sphere. */
export function settle(prior, z) {
  if (prior.name === "uniform") {
    const [low, high] = prior.bounds;
    return Float32Array.from(z, (value) => Math.min(high, Math.max(low, value)));
  }
  if (prior.name === "sphere") {
    const length = Math.hypot(...z);
    return Float32Array.from(z, (value) => value / length);
  }
  return Float32Array.from(z);
}

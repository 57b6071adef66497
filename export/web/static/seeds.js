// Seeds as a user types them, and the seed of each sample.

export const LIMIT = 2n ** 63n;
const DRAWS = 2n ** 31n; // a seed below is that of a draw: it stands above the number of the sample

/** Returns the integer that a text says; throws an Error with a sentence for the user. */
export function parse(text) {
  if (!/^\s*\d{1,19}\s*$/.test(text) || BigInt(text) >= LIMIT) {
    throw new Error("A seed is a whole number from 0 to 9223372036854775807.");
  }
  return BigInt(text);
}

/**
 * Returns the seeds of `count` samples, as BigInts.
 *
 * A seed below 2**31 gives what `zoo sample --seed` gives: sample i has the seed
 * seed * 2**32 + i. A larger one is the seed of the first sample.
 */
export function rows(seed, count) {
  const first = seed < DRAWS ? seed << 32n : seed;
  if (first + BigInt(count) > LIMIT) {
    throw new Error(`The seeds of ${count} samples would go beyond 9223372036854775807.`);
  }
  return BigInt64Array.from({ length: count }, (_, i) => first + BigInt(i));
}

/** Returns a random seed of a draw. */
export function random() {
  return BigInt(crypto.getRandomValues(new Uint32Array(1))[0] >>> 1);
}

// Walks through latents: along great circles, and along principal directions.

/**
 * Returns the latents of a walk from z0 to z1 with `steps` stops, both ends among them.
 *
 * Directions follow the great circle at even angles, lengths change evenly; between latents on one
 * line through the origin the walk is straight. White, 2016, arXiv:1609.04468.
 */
export function greatCircle(z0, z1, steps) {
  const lengths = [Math.hypot(...z0), Math.hypot(...z1)];
  const tiny = Number.MIN_VALUE;
  const units = [z0, z1].map((z, i) => Array.from(z, (v) => v / Math.max(lengths[i], tiny)));
  const cosine = units[0].reduce((sum, value, i) => sum + value * units[1][i], 0);
  const angle = Math.acos(Math.min(1, Math.max(-1, cosine)));
  // below, the arc is the chord to float32's last digit, or there are many arcs
  const bent = Math.sin(angle) > 1e-4;
  return Array.from({ length: steps }, (_, step) => {
    const t = steps > 1 ? step / (steps - 1) : 0;
    if (!bent) return Float32Array.from(z0, (value, i) => (1 - t) * value + t * z1[i]);
    const length = (1 - t) * lengths[0] + t * lengths[1];
    const weights = [(1 - t) * angle, t * angle].map((part) => Math.sin(part) / Math.sin(angle));
    return Float32Array.from(
      units[0],
      (value, i) => length * (weights[0] * value + weights[1] * units[1][i]),
    );
  });
}

/** Returns `z` moved by `amounts` standard deviations along directions (of page.json). */
export function moved(z, directions, amounts) {
  const result = Float64Array.from(z);
  amounts.forEach((amount, k) => {
    const step = amount * directions.scales[k];
    directions.vectors[k].forEach((value, i) => {
      result[i] += step * value;
    });
  });
  return Float32Array.from(result);
}

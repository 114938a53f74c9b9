// Geodesics on WGS84, so that a drawn leg is the leg that the rules measure.
//
// Vincenty's iteration, inverse and direct; it does not converge near antipodes, where no leg of an
// observation flight can be, and the great circle stands in there. tests/e2e holds it against pyproj.

export type Position = [lon: number, lat: number];

const A = 6378137.0; // metres, WGS84 semi-major axis
const F = 1 / 298.257223563;
const B = A * (1 - F);
const RAD = Math.PI / 180;

export interface Leg {
  metres: number;
  azimuth: number; // degrees at the start, clockwise from north
}

/** Length in metres and first azimuth of the geodesic between two places. */
export function inverse([lon1, lat1]: Position, [lon2, lat2]: Position): Leg {
  const l = wrap(lon2 - lon1) * RAD;
  const u1 = Math.atan((1 - F) * Math.tan(lat1 * RAD));
  const u2 = Math.atan((1 - F) * Math.tan(lat2 * RAD));
  const [s1, c1, s2, c2] = [Math.sin(u1), Math.cos(u1), Math.sin(u2), Math.cos(u2)];
  let lambda = l;
  for (let n = 0; n < 60; n += 1) {
    const [sl, cl] = [Math.sin(lambda), Math.cos(lambda)];
    const sinSigma = Math.hypot(c2 * sl, c1 * s2 - s1 * c2 * cl);
    if (sinSigma === 0) return { metres: 0, azimuth: 0 };
    const cosSigma = s1 * s2 + c1 * c2 * cl;
    const sigma = Math.atan2(sinSigma, cosSigma);
    const sinAlpha = (c1 * c2 * sl) / sinSigma;
    const cos2Alpha = 1 - sinAlpha * sinAlpha;
    const cos2m = cos2Alpha === 0 ? 0 : cosSigma - (2 * s1 * s2) / cos2Alpha;
    const c = (F / 16) * cos2Alpha * (4 + F * (4 - 3 * cos2Alpha));
    const before = lambda;
    lambda = l + (1 - c) * F * sinAlpha * (sigma + c * sinSigma * (cos2m + c * cosSigma * (2 * cos2m * cos2m - 1)));
    if (Math.abs(lambda - before) < 1e-12) {
      const { a, b } = series(cos2Alpha);
      const azimuth = Math.atan2(c2 * Math.sin(lambda), c1 * s2 - s1 * c2 * Math.cos(lambda)) / RAD;
      return { metres: B * a * (sigma - correction(b, sigma, cos2m)), azimuth };
    }
  }
  return onSphere([lon1, lat1], [lon2, lat2]);
}

/** The place `metres` along the geodesic that leaves `from` at `azimuth` degrees. */
export function direct([lon, lat]: Position, azimuth: number, metres: number): Position {
  const [sa, ca] = [Math.sin(azimuth * RAD), Math.cos(azimuth * RAD)];
  const tanU = (1 - F) * Math.tan(lat * RAD);
  const cosU = 1 / Math.sqrt(1 + tanU * tanU);
  const sinU = tanU * cosU;
  const sigma1 = Math.atan2(tanU, ca);
  const sinAlpha = cosU * sa;
  const cos2Alpha = 1 - sinAlpha * sinAlpha;
  const { a, b } = series(cos2Alpha);
  let sigma = metres / (B * a);
  let cos2m = Math.cos(2 * sigma1 + sigma);
  for (let n = 0; n < 60; n += 1) {
    cos2m = Math.cos(2 * sigma1 + sigma);
    const before = sigma;
    sigma = metres / (B * a) + correction(b, sigma, cos2m);
    if (Math.abs(sigma - before) < 1e-12) break;
  }
  const [ss, cs] = [Math.sin(sigma), Math.cos(sigma)];
  const rest = sinU * ss - cosU * cs * ca;
  const lat2 = Math.atan2(sinU * cs + cosU * ss * ca, (1 - F) * Math.hypot(sinAlpha, rest));
  const lambda = Math.atan2(ss * sa, cosU * cs - sinU * ss * ca);
  const c = (F / 16) * cos2Alpha * (4 + F * (4 - 3 * cos2Alpha));
  const l = lambda - (1 - c) * F * sinAlpha * (sigma + c * ss * (cos2m + c * cs * (2 * cos2m * cos2m - 1)));
  return [wrap(lon + l / RAD), lat2 / RAD];
}

/** Length of a path in kilometres. */
export function pathKm(points: readonly Position[]): number {
  let metres = 0;
  for (let n = 1; n < points.length; n += 1) metres += inverse(points[n - 1]!, points[n]!).metres;
  return metres / 1000;
}

/** The path with points added so that no step is longer than `stepKm`. */
export function densify(points: readonly Position[], stepKm = 20): Position[] {
  const out: Position[] = points.length ? [points[0]!] : [];
  for (let n = 1; n < points.length; n += 1) {
    const { metres, azimuth } = inverse(points[n - 1]!, points[n]!);
    const steps = Math.min(2000, Math.max(1, Math.ceil(metres / (stepKm * 1000))));
    for (let k = 1; k < steps; k += 1) out.push(direct(points[n - 1]!, azimuth, (metres * k) / steps));
    out.push(points[n]!);
  }
  return out;
}

/** The middle of the geodesic between two places. */
export function middle(from: Position, to: Position): Position {
  const { metres, azimuth } = inverse(from, to);
  return direct(from, azimuth, metres / 2);
}

/** Cut a dense line where it crosses 180 degrees, so that no piece runs round the world. */
export function splitAt180(line: readonly Position[]): Position[][] {
  const pieces: Position[][] = [];
  let piece: Position[] = [];
  line.forEach((point, n) => {
    const before = line[n - 1];
    if (before && Math.abs(point[0] - before[0]) > 180) {
      const east = before[0] > 0 ? 180 : -180;
      const ahead = point[0] + (before[0] > 0 ? 360 : -360);
      const share = ahead === before[0] ? 0 : (east - before[0]) / (ahead - before[0]);
      const lat = before[1] + share * (point[1] - before[1]);
      piece.push([east, lat]);
      pieces.push(piece);
      piece = [[-east, lat]];
    }
    piece.push(point);
  });
  if (piece.length > 1) pieces.push(piece);
  return pieces;
}

/** A longitude between -180 and 180. */
export function wrap(lon: number): number {
  return lon >= -180 && lon <= 180 ? lon : ((((lon + 180) % 360) + 360) % 360) - 180;
}

function series(cos2Alpha: number): { a: number; b: number } {
  const u = (cos2Alpha * (A * A - B * B)) / (B * B);
  return {
    a: 1 + (u / 16384) * (4096 + u * (-768 + u * (320 - 175 * u))),
    b: (u / 1024) * (256 + u * (-128 + u * (74 - 47 * u))),
  };
}

function correction(b: number, sigma: number, cos2m: number): number {
  const [s, c] = [Math.sin(sigma), Math.cos(sigma)];
  const inner = c * (2 * cos2m * cos2m - 1) - (b / 6) * cos2m * (4 * s * s - 3) * (4 * cos2m * cos2m - 3);
  return b * s * (cos2m + (b / 4) * inner);
}

function onSphere([lon1, lat1]: Position, [lon2, lat2]: Position): Leg {
  const l = wrap(lon2 - lon1) * RAD;
  const [p1, p2] = [lat1 * RAD, lat2 * RAD];
  const y = Math.hypot(Math.cos(p2) * Math.sin(l), Math.cos(p1) * Math.sin(p2) - Math.sin(p1) * Math.cos(p2) * Math.cos(l));
  const x = Math.sin(p1) * Math.sin(p2) + Math.cos(p1) * Math.cos(p2) * Math.cos(l);
  const azimuth = Math.atan2(
    Math.sin(l) * Math.cos(p2),
    Math.cos(p1) * Math.sin(p2) - Math.sin(p1) * Math.cos(p2) * Math.cos(l),
  );
  return { metres: 6371008.8 * Math.atan2(y, x), azimuth: azimuth / RAD };
}

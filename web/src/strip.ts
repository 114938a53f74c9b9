// The strip under the chart: length against its limit, and the ground under the path.

import { drawing, element, word } from './words.ts';

export interface Lengths {
  length_km: number;
  counted_km: number;
  limit_km: number | null;
}

export interface Profile {
  km: number[];
  ground_m: number[];
  error_m: number | null;
  height_agl_m: number | null;
  dataset?: string;
}

const km = (value: number): string => value.toLocaleString('en', { maximumFractionDigits: 1 }).replace(/,/g, '\u2009');

export function showLengths(place: HTMLElement, lengths: Lengths): void {
  const { length_km, counted_km, limit_km } = lengths;
  const whole = Math.max(limit_km ?? 0, counted_km, 1);
  const over = limit_km !== null && counted_km > limit_km;
  const bar = drawing('svg', { class: 'track', viewBox: '0 0 1000 12', preserveAspectRatio: 'none', 'aria-hidden': 'true' });
  bar.append(
    drawing('rect', { class: 'ground', x: 0, y: 3, width: 1000, height: 6, rx: 3, fill: 'var(--line)' }),
    drawing('rect', { x: 0, y: 3, width: (1000 * counted_km) / whole, height: 6, rx: 3, fill: over ? 'var(--breaches)' : 'var(--ours)' }),
  );
  if (limit_km !== null) bar.append(drawing('rect', { x: Math.min(997, (1000 * limit_km) / whole), y: 0, width: 3, height: 12, fill: 'var(--ink)' }));
  place.replaceChildren(
    element('b', {}, word('length', { km: km(length_km) })),
    element('span', { class: over ? 'verdict breaches' : 'muted' }, limit_km === null ? word('no-limit', { counted: km(counted_km) }) : word('of-limit', { counted: km(counted_km), limit: km(limit_km) })),
    bar,
  );
}

/** The ground below the path and the flight's height over it, with a scale in metres and kilometres. */
export function showProfile(place: SVGElement, profile: Profile | null): void {
  const nothing = !profile || profile.km.length < 2;
  const caption = place.parentElement?.querySelector('.profile-caption');
  place.toggleAttribute('hidden', nothing);
  caption?.replaceChildren();
  if (nothing) return;
  const [width, height, side, head, foot] = [Math.max(280, place.clientWidth), 112, 52, 8, 18];
  const long = profile.km[profile.km.length - 1]! || 1;
  const above = profile.height_agl_m;
  const flown = above ? profile.ground_m.map((m) => m + above) : [];
  const most = Math.max(500, ...profile.ground_m, ...flown);
  const step = niceStep(most, 3);
  const top = Math.ceil(most / step) * step;
  const x = (at: number): string => (side + ((width - side - 8) * at) / long).toFixed(1);
  const y = (m: number): string => (height - foot - ((height - foot - head) * Math.max(0, m)) / top).toFixed(1);
  const line = (heights: number[]): string => heights.map((m, n) => `${n ? 'L' : 'M'}${x(profile.km[n]!)} ${y(m)}`).join('');
  place.setAttribute('viewBox', `0 0 ${width} ${height}`);
  place.setAttribute('preserveAspectRatio', 'none');
  const said = word('ground') + (profile.error_m === null ? '' : ` ${word('ground-error', { error: Math.round(profile.error_m) })}`);
  place.setAttribute('aria-label', said);
  const heights = ticks(top, step).map((m) => [
    drawing('path', { class: 'tick', d: `M${side} ${y(m)}H${width - 8}` }),
    drawing('text', { x: side - 6, y: Number(y(m)) + 4, 'text-anchor': 'end' }, `${km(m)} m`),
  ]);
  const along = ticks(long, niceStep(long, Math.max(2, Math.floor(width / 130)))).map((at) =>
    drawing('text', { x: x(at), y: height - 4, 'text-anchor': at ? 'middle' : 'start' }, `${km(at)} km`),
  );
  place.replaceChildren(
    ...heights.flat(),
    drawing('path', { class: 'ground', d: `${line(profile.ground_m)}L${x(long)} ${y(0)}L${side} ${y(0)}Z` }),
    ...(flown.length ? [drawing('path', { class: 'flown', d: line(flown) })] : []),
    ...along,
  );
  const range = `${km(Math.round(Math.min(...profile.ground_m)))}–${km(Math.round(Math.max(...profile.ground_m)))} m`;
  caption?.append(
    named('ground', 'M1 9V6L8 3L14 5L21 2V9Z', `${said} (${range})${profile.dataset ? ` · ${profile.dataset}` : ''}`),
    ...(above ? [named('flown', 'M1 6L8 3L14 5L21 2', word('flown-height', { m: km(above) }))] : []),
  );
}

/** A line of the legend. */
function named(kind: string, d: string, text: string): HTMLElement {
  return element('span', {}, drawing('svg', { viewBox: '0 0 22 10', 'aria-hidden': 'true' }, drawing('path', { class: kind, d })), text);
}

/** A step of 1, 2 or 5 times a power of ten that cuts `whole` into at most `most` parts or so. */
function niceStep(whole: number, most: number): number {
  const power = 10 ** Math.floor(Math.log10(whole / most));
  return power * ([1, 2, 5, 10].find((n) => n * power * most >= whole) ?? 10);
}

function ticks(whole: number, step: number): number[] {
  return Array.from({ length: Math.floor(whole / step + 1e-9) + 1 }, (_, n) => n * step);
}

// The strip under the chart: length against its limit, and the ground under the path.

import { km, named, niceStep, redrawn, ticks } from './plots.ts';
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
  errors_m?: number[];
  level_m?: number[] | null;
  certified?: { sensor: string; m: number }[];
  height_agl_m: number | null;
  dataset?: string;
}

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
  place.toggleAttribute('hidden', !profile || profile.km.length < 2);
  redrawn(place, () => drawProfile(place, profile));
}

function drawProfile(place: SVGElement, profile: Profile | null): void {
  const nothing = !profile || profile.km.length < 2;
  const caption = place.parentElement?.querySelector('.profile-caption');
  caption?.replaceChildren();
  if (nothing) return;
  const [width, height, side, head, foot] = [Math.max(280, place.clientWidth), 112, 52, 8, 18];
  const long = profile.km[profile.km.length - 1]! || 1;
  const above = profile.height_agl_m;
  const flown = profile.level_m ?? (above ? profile.ground_m.map((m) => m + above) : []);
  const errors = profile.errors_m ?? [];
  const least = Math.max(0, ...(profile.certified ?? []).map((one) => one.m));
  const most = Math.max(500, ...profile.ground_m.map((m) => m + least), ...flown);
  const step = niceStep(most, 3);
  const top = Math.ceil(most / step) * step;
  const x = (at: number): string => (side + ((width - side - 8) * at) / long).toFixed(1);
  const y = (m: number): string => (height - foot - ((height - foot - head) * Math.max(0, m)) / top).toFixed(1);
  const line = (heights: number[]): string => heights.map((m, n) => `${n ? 'L' : 'M'}${x(profile.km[n]!)} ${y(m)}`).join('');
  const band = (middle: number[], aside: number[]): string => {
    const over = middle.map((m, n) => m + (aside[n] ?? 0));
    const under = middle.map((m, n) => m - (aside[n] ?? 0));
    const back = under.map((_, n) => under.length - 1 - n).map((n) => `L${x(profile.km[n]!)} ${y(under[n]!)}`);
    return `${line(over)}${back.join('')}Z`;
  };
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
    ...(errors.length ? [drawing('path', { class: 'error', d: band(profile.ground_m, errors) })] : []),
    ...(least ? [drawing('path', { class: 'certified', d: line(profile.ground_m.map((m) => m + least)) })] : []),
    ...(flown.length ? [drawing('path', { class: 'flown', d: line(flown) })] : []),
    ...along,
  );
  const range = `${km(Math.round(Math.min(...profile.ground_m)))}–${km(Math.round(Math.max(...profile.ground_m)))} m`;
  caption?.append(
    named('ground', 'M1 9V6L8 3L14 5L21 2V9Z', `${said} (${range})${profile.dataset ? ` · ${profile.dataset}` : ''}`),
    ...(above ? [named('flown', 'M1 6L8 3L14 5L21 2', word('flown-height', { m: km(above) }))] : []),
    ...(profile.certified ?? []).map((one) => named('certified', 'M1 5H21', word('certified-height', { sensor: one.sensor, m: km(one.m) }))),
  );
}

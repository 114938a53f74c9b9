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

export function showProfile(place: SVGElement, profile: Profile | null): void {
  place.toggleAttribute('hidden', !profile || profile.km.length < 2);
  if (!profile || profile.km.length < 2) return;
  const [width, height, foot] = [1000, 88, 16];
  const long = profile.km[profile.km.length - 1]! || 1;
  const flown = profile.height_agl_m ? profile.ground_m.map((m) => m + profile.height_agl_m!) : [];
  const top = Math.max(500, ...profile.ground_m, ...flown) * 1.08;
  const x = (at: number): string => ((width * at) / long).toFixed(1);
  const y = (m: number): string => (height - foot - ((height - foot) * Math.max(0, m)) / top).toFixed(1);
  const line = (heights: number[]): string => heights.map((m, n) => `${n ? 'L' : 'M'}${x(profile.km[n]!)} ${y(m)}`).join('');
  place.setAttribute('viewBox', `0 0 ${width} ${height}`);
  place.setAttribute('preserveAspectRatio', 'none');
  const said = word('ground') + (profile.error_m === null ? '' : ` ${word('ground-error', { error: Math.round(profile.error_m) })}`);
  place.setAttribute('aria-label', said);
  place.replaceChildren(
    drawing('path', { class: 'ground', d: `${line(profile.ground_m)}L${width} ${height - foot}L0 ${height - foot}Z` }),
    ...(flown.length ? [drawing('path', { class: 'flown', d: line(flown) })] : []),
  );
  const caption = place.parentElement?.querySelector('.profile-caption');
  if (caption) caption.textContent = `${said} (0–${Math.round(Math.max(...profile.ground_m))} m)${profile.dataset ? ` · ${profile.dataset}` : ''}`;
}

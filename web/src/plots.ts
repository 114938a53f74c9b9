// Small plots: axes with round numbers, and the value that a search found over time under its bound.

import { drawing, element, word } from './words.ts';

export const km = (value: number): string => value.toLocaleString('en', { maximumFractionDigits: 1 }).replace(/,/g, '\u2009');

/** A step of 1, 2 or 5 times a power of ten that cuts `whole` into at most `most` parts or so. */
export function niceStep(whole: number, most: number): number {
  const power = 10 ** Math.floor(Math.log10(whole / most));
  return power * ([1, 2, 5, 10].find((n) => n * power * most >= whole) ?? 10);
}

export function ticks(whole: number, step: number): number[] {
  return Array.from({ length: Math.floor(whole / step + 1e-9) + 1 }, (_, n) => n * step);
}

/** A line of the legend. */
export function named(kind: string, d: string, text: string): HTMLElement {
  return element('span', {}, drawing('svg', { viewBox: '0 0 22 10', 'aria-hidden': 'true' }, drawing('path', { class: kind, d })), text);
}

const drawn = new WeakMap<Element, () => void>();
const resized = new ResizeObserver((entries) => entries.forEach(({ target }) => drawn.get(target)?.()));

/** Draw now, and again whenever the place is another size: a plot is never stretched. */
export function redrawn(place: Element, draw: () => void): void {
  if (!drawn.has(place)) resized.observe(place);
  let width = -1;
  drawn.set(place, () => {
    if (place.clientWidth === width) return;
    width = place.clientWidth;
    draw();
  });
  width = place.clientWidth;
  draw();
}

export interface Moment {
  seconds: number;
  step: number;
  value: number;
  bound?: number | null;
  gap?: number | null;
}

/** Value against seconds as a staircase, and the proven bound above it. */
export function showCurve(place: SVGElement, moments: readonly Moment[], until: number): void {
  const told = [...moments];
  place.toggleAttribute('hidden', told.length === 0);
  redrawn(place, () => curve(place, told, until));
}

function curve(place: SVGElement, moments: readonly Moment[], ended: number): void {
  const nothing = moments.length === 0;
  const caption = place.parentElement?.querySelector('.curve-caption');
  caption?.replaceChildren();
  if (nothing) return;
  const last = moments[moments.length - 1]!;
  const until = Math.max(ended, last.seconds);
  const bounds = moments.flatMap((m) => (m.bound == null ? [] : [m.bound]));
  const [width, height, side, head, foot] = [Math.max(280, place.clientWidth), 112, 52, 8, 18];
  const most = Math.max(1e-9, ...moments.map((m) => m.value), ...bounds);
  const step = niceStep(most, 3);
  const top = Math.ceil(most / step - 1e-9) * step;
  const long = Math.max(until, last.seconds, 0.1);
  const x = (t: number): string => (side + ((width - side - 8) * t) / long).toFixed(1);
  const y = (v: number): string => (height - foot - ((height - foot - head) * v) / top).toFixed(1);
  const stairs = (told: readonly [number, number][]): string =>
    told.map(([t, v], n) => (n ? `H${x(t)}V${y(v)}` : `M${x(t)} ${y(v)}`)).join('') + `H${x(until)}`;
  place.setAttribute('viewBox', `0 0 ${width} ${height}`);
  place.setAttribute('preserveAspectRatio', 'none');
  place.setAttribute('aria-label', word('curve', { value: km(last.value), seconds: km(until) }));
  const bounded = moments.flatMap((m): [number, number][] => (m.bound == null ? [] : [[m.seconds, m.bound]]));
  if (bounded.length === 1) bounded[0]![0] = 0; // proven once, at the end: it held all the time
  const size = niceStep(long, Math.max(4, Math.floor(width / 80)));
  place.replaceChildren(
    ...ticks(top, step).flatMap((v) => [
      drawing('path', { class: 'tick', d: `M${side} ${y(v)}H${width - 8}` }),
      drawing('text', { x: side - 6, y: Number(y(v)) + 4, 'text-anchor': 'end' }, km(v)),
    ]),
    ...ticks(long, size).map((t) => drawing('text', { x: x(t), y: height - 4, 'text-anchor': t ? 'middle' : 'start' }, `${km(t)} s`)),
    ...(bounded.length ? [drawing('path', { class: 'bound', d: stairs(bounded) })] : []),
    drawing('path', { class: 'flown', d: stairs(moments.map((m) => [m.seconds, m.value])) }),
    drawing('circle', { class: 'reached', cx: x(until), cy: y(last.value), r: 3 }),
  );
  caption?.append(named('flown', 'M1 8H8V5H14V2H21', word('curve-value', { value: km(last.value) })));
  if (last.bound != null) caption?.append(named('bound', 'M1 3H21', word('curve-bound', { bound: km(last.bound) })));
  if (last.gap != null) caption?.append(element('span', {}, word('curve-gap', { gap: (100 * last.gap).toFixed(1) })));
}

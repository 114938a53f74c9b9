// What a planner asks beyond airfields and swath: stops, ways in and out, aircraft, legs and turns, daylight, regions.

import { element, word } from './words.ts';

export type Values = Record<string, string>;

export interface Regions {
  regions: GeoJSON.FeatureCollection;
  sub_limits: { name: string; most_km: number }[];
  closed: string[];
}

const NUMBERS = ['range_km', 'speed_kmh', 'stop_hours', 'notified_km', 'min_leg_km', 'turn_radius_km', 'min_sun_deg'];
const LISTS = ['via', 'sensors', 'swaths', 'aircraft', 'region_names'];
const TEXTS = ['entry', 'exit', 'take_off'];

/** Fields with a text of their own, and boxes to tick. */
export const FIELDS = [...NUMBERS, ...LISTS.filter((name) => name !== 'region_names'), ...TEXTS, 'turn', 'observing', 'readings', 'seed', 'steps'];
export const TICKED = ['daylight', 'taxi', 'region_names'];

export const list = (text: string | undefined): string[] => (text ?? '').split(/[\s,;]+/).filter(Boolean);

/** What a form holds; boxes that share a name stand in one text, with spaces between. */
export function valuesOf(form: HTMLFormElement): Values {
  const out: Values = {};
  for (const [name, value] of new FormData(form)) if (value !== '') out[name] = out[name] === undefined ? String(value) : `${out[name]} ${String(value)}`;
  return out;
}

/** Tick those boxes of a name whose value stands in `text`. */
export function tick(form: HTMLFormElement, name: string, text: string): void {
  const wanted = new Set(list(text));
  for (const box of form.querySelectorAll<HTMLInputElement>(`input[type="checkbox"][name="${name}"]`)) box.checked = wanted.has(box.value);
}

/** The conditions of the form as the node's interface takes them. */
export function conditionsOf(values: Values, regions: Regions | undefined): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const name of NUMBERS) if (values[name]) out[name] = Number(values[name]);
  for (const name of LISTS) if (list(values[name]).length) out[name] = list(values[name]);
  for (const name of TEXTS) if (values[name]) out[name] = values[name];
  for (const name of ['daylight', 'taxi']) if (values[name]) out[name] = true;
  if (values['turn'] === 'over') out['turn'] = 'over';
  if (values['readings']) out['readings'] = Object.fromEntries(list(values['readings']).map((pair) => [pair.split('=')[0], pair.split('=')[1] ?? '']));
  if (regions) out['regions'] = regions.regions;
  return out;
}

/** The sensors of the form, `ID` or `ID=METRES`, as a plan file states them. */
export function sensorsOf(values: Values): { sensor: string; certified_h_min_m: number | null }[] {
  return list(values['sensors']).map((text) => {
    const [sensor, metres] = text.split('=');
    return { sensor: sensor!, certified_h_min_m: metres && Number.isFinite(Number(metres)) ? Number(metres) : null };
  });
}

export function sayRegions(place: HTMLElement, regions: Regions | undefined): void {
  const rows = regions
    ? [
        ...regions.sub_limits.map((one) => word('sub-limit', { name: one.name, km: one.most_km })),
        ...regions.closed.map((name) => word('closed-area', { name })),
      ]
    : [];
  place.replaceChildren(...rows.map((text) => element('li', { class: 'small' }, text)));
}

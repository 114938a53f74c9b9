// What a planner asks beyond airfields and swath: stops, aircraft, legs and turns, daylight, regions.

import { element, word } from './words.ts';

export type Values = Record<string, string>;

export interface Regions {
  regions: GeoJSON.FeatureCollection;
  sub_limits: { name: string; most_km: number }[];
  closed: string[];
}

export const FIELDS = ['via', 'range_km', 'speed_kmh', 'take_off', 'min_leg_km', 'turn_radius_km', 'turn', 'min_sun_deg', 'sensors', 'aircraft', 'region_names'];

const NUMBERS = ['range_km', 'speed_kmh', 'min_leg_km', 'turn_radius_km', 'min_sun_deg'];

const list = (text: string | undefined): string[] => (text ?? '').split(/[\s,;]+/).filter(Boolean);

/** The conditions of the form as the node's interface takes them. */
export function conditionsOf(values: Values, regions: Regions | undefined): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const name of NUMBERS) if (values[name]) out[name] = Number(values[name]);
  for (const name of ['via', 'sensors', 'aircraft', 'region_names']) if (list(values[name]).length) out[name] = list(values[name]);
  if (values['take_off']) out['take_off'] = values['take_off'];
  if (values['turn'] === 'over') out['turn'] = 'over';
  if (values['daylight']) out['daylight'] = true;
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

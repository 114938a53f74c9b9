// Versions of the mission plan compared on the chart, and the flight as flown over them.

import { Chart, collection, colour, lettering, pathShape, pointShape } from './chart.ts';
import { ask, data } from './words.ts';
import type { Position } from './geodesy.ts';

interface Version {
  version: string;
  number: number;
  by: string;
  origin: string;
  coordinates: Position[];
  current: boolean;
}

interface Flight {
  versions: Version[];
  party: string;
  observed: string | null;
  day: string;
  fixes: [lon: number, lat: number, seconds: number][];
  excursions: { where: { coordinates: Position } }[];
}

const GAP_S = 120; // the line is broken where fixes lie farther apart

export async function start(): Promise<void> {
  const place = document.getElementById('chart');
  const flight = data<Flight>('flight');
  if (!place || !flight) return;
  const chart = await Chart.open(place, [50, 56], 2.4);
  if (!chart) return;
  const parties = await ask<{ code: string }[]>(`/api/treaty/parties?on=${flight.day}`);
  chart.parties(parties.map((p) => p.code), flight.observed ? [flight.observed] : []);
  chart.ink('versions', () => [
    { id: 'others', type: 'line', source: 'versions', filter: ['!', ['get', 'current']], layout: { 'line-cap': 'round' }, paint: { 'line-color': ['match', ['get', 'side'], 'ours', colour('ours'), colour('theirs')], 'line-width': 2, 'line-dasharray': [2, 2] } },
    { id: 'current', type: 'line', source: 'versions', filter: ['get', 'current'], layout: { 'line-cap': 'round', 'line-join': 'round' }, paint: { 'line-color': colour('ours'), 'line-width': 3 } },
  ]);
  chart.ink('track', () => [
    { id: 'track', type: 'line', source: 'track', filter: ['==', ['get', 'kind'], 'line'], paint: { 'line-color': colour('map-ink'), 'line-width': 1.4 } },
    { id: 'off', type: 'circle', source: 'track', filter: ['==', ['get', 'kind'], 'off'], paint: { 'circle-radius': 10, 'circle-opacity': 0, 'circle-stroke-color': colour('undetermined'), 'circle-stroke-width': 2 } },
  ]);
  chart.ink('now', () => [{ id: 'now', type: 'circle', source: 'now', paint: { 'circle-radius': 6, 'circle-color': colour('theirs'), 'circle-stroke-color': colour('surface'), 'circle-stroke-width': 2 } }]);
  chart.ink('ends', () => [
    { id: 'ends', type: 'circle', source: 'ends', paint: { 'circle-radius': 4, 'circle-color': colour('surface'), 'circle-stroke-color': colour('map-ink'), 'circle-stroke-width': 1.8 } },
    { id: 'end-names', type: 'symbol', source: 'ends', layout: { ...lettering(12), 'text-field': ['get', 'name'] }, paint: { 'text-color': colour('map-ink'), 'text-halo-color': colour('map-land'), 'text-halo-width': 1.4 } },
  ]);
  const boxes = [...document.querySelectorAll<HTMLInputElement>('input[data-version]')];
  const show = (): void => {
    const wanted = new Set(boxes.filter((box) => box.checked).map((box) => box.dataset['version']));
    const shown = flight.versions.filter((v) => wanted.has(v.version));
    chart.show('versions', collection(shown.map((v) => pathShape(v.coordinates, { current: v.current, side: v.by === flight.party ? 'ours' : 'theirs' }))));
    const inForce = flight.versions.find((v) => v.current) ?? flight.versions[0];
    chart.show('ends', collection((inForce?.coordinates ?? []).slice(1, -1).map((at, n) => pointShape(at, { name: String(n + 1) }))));
  };
  boxes.forEach((box) => box.addEventListener('change', show));
  show();
  const off = flight.excursions.map((e) => pointShape(e.where.coordinates, { kind: 'off' }));
  chart.show('track', collection([...pieces(flight.fixes).map((line) => pathShape(line, { kind: 'line' })), ...off]));
  scrub(chart, flight.fixes);
  const all = flight.versions.flatMap((v) => v.coordinates);
  if (all.length) chart.frame(all, 40);
}

/** The track as lines, broken where it has gaps. */
function pieces(fixes: Flight['fixes']): Position[][] {
  const out: Position[][] = [];
  let before = Number.NEGATIVE_INFINITY;
  const usual = fixes.length > 1 ? (fixes[fixes.length - 1]![2] - fixes[0]![2]) / fixes.length : 0;
  for (const [lon, lat, seconds] of fixes) {
    if (seconds - before > Math.max(GAP_S, 4 * usual)) out.push([]);
    out[out.length - 1]!.push([lon, lat]);
    before = seconds;
  }
  return out.filter((line) => line.length > 1);
}

/** The slider moves a dot along the track. */
function scrub(chart: Chart, fixes: Flight['fixes']): void {
  const slide = document.querySelector<HTMLInputElement>('#scrub');
  const words = document.getElementById('scrub-at');
  if (!slide || !fixes.length) return;
  const show = (): void => {
    const [lon, lat, seconds] = fixes[Number(slide.value)] ?? fixes[0]!;
    const at = `${new Date(seconds * 1000).toISOString().slice(0, 16).replace('T', ' ')}Z`;
    if (words) words.textContent = at;
    slide.setAttribute('aria-valuetext', at);
    chart.show('now', collection([pointShape([lon, lat])]));
  };
  slide.addEventListener('input', show);
  show();
}

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
  track?: Position[];
}

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
  chart.ink('track', () => [{ id: 'track', type: 'line', source: 'track', paint: { 'line-color': colour('map-ink'), 'line-width': 1.4 } }]);
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
  chart.show('track', collection(flight.track ? [pathShape(flight.track)] : []));
  const all = [...flight.versions.flatMap((v) => v.coordinates), ...(flight.track ?? [])];
  if (all.length) chart.frame(all, 40);
}

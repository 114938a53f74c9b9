// Footprints on the chart; a footprint and its picture point to each other.

import { Chart, colour } from './chart.ts';
import { type Position } from './geodesy.ts';
import { data } from './words.ts';

export async function start(): Promise<void> {
  const place = document.getElementById('chart');
  const shapes = data<GeoJSON.FeatureCollection>('footprints');
  if (!place || !shapes) return;
  const chart = await Chart.open(place, [45, 55], 1.6);
  if (!chart) return;
  chart.ink('footprints', () => [
    { id: 'footprints', type: 'fill', source: 'footprints', paint: { 'fill-color': colour('theirs'), 'fill-opacity': 0.3 } },
    { id: 'footprint-edges', type: 'line', source: 'footprints', paint: { 'line-color': colour('theirs'), 'line-width': 1.4 } },
  ]);
  chart.show('footprints', shapes);
  const corners = shapes.features.flatMap((f) => positions(f.geometry));
  if (corners.length) chart.frame(corners, 40, 11);
  chart.map.on('click', 'footprints', (event) => {
    const id: unknown = event.features?.[0]?.properties?.['id'];
    if (typeof id === 'string') location.assign(`/images/${encodeURIComponent(id)}`);
  });
}

function positions(geometry: GeoJSON.Geometry): Position[] {
  if (geometry.type === 'Polygon') return geometry.coordinates.flat() as Position[];
  if (geometry.type === 'MultiPolygon') return geometry.coordinates.flat(2) as Position[];
  return [];
}

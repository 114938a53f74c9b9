// Footprints on the chart; a footprint and its picture point to each other.

import { Chart, collection, colour, pointShape } from './chart.ts';
import { type Position } from './geodesy.ts';
import { ask, data } from './words.ts';

export async function start(): Promise<void> {
  const place = document.getElementById('chart');
  const shapes = data<GeoJSON.FeatureCollection>('footprints');
  if (!place || !shapes) return;
  const chart = await Chart.open(place, [45, 55], 1.6);
  if (!chart) return;
  const parties = await ask<{ code: string }[]>('/api/treaty/parties');
  chart.parties(parties.map((p) => p.code));
  chart.ink('footprints', () => [
    { id: 'footprints', type: 'fill', source: 'footprints', paint: { 'fill-color': colour('theirs'), 'fill-opacity': 0.3 } },
    { id: 'footprint-edges', type: 'line', source: 'footprints', paint: { 'line-color': colour('theirs'), 'line-width': 1.4 } },
  ]);
  chart.ink('places', () => [
    { id: 'places', type: 'circle', source: 'places', maxzoom: 8, paint: { 'circle-radius': 5, 'circle-color': colour('theirs'), 'circle-stroke-color': colour('surface'), 'circle-stroke-width': 1.6 } },
  ]);
  chart.show('footprints', shapes);
  const middles = shapes.features.flatMap((f) => {
    const ring = positions(f.geometry);
    return ring.length ? [pointShape(ring[0]!, f.properties)] : [];
  });
  chart.show('places', collection(middles));
  const corners = shapes.features.flatMap((f) => positions(f.geometry));
  if (corners.length) chart.frame(corners, 40, 11);
  for (const layer of ['footprints', 'places']) {
    chart.map.on('click', layer, (event) => {
      const id: unknown = event.features?.[0]?.properties?.['id'];
      if (typeof id === 'string') location.assign(`/images/${encodeURIComponent(id)}`);
    });
    chart.map.on('mouseenter', layer, () => (chart.map.getCanvas().style.cursor = 'pointer'));
    chart.map.on('mouseleave', layer, () => (chart.map.getCanvas().style.cursor = ''));
  }
}

function positions(geometry: GeoJSON.Geometry): Position[] {
  if (geometry.type === 'Polygon') return geometry.coordinates.flat() as Position[];
  if (geometry.type === 'MultiPolygon') return geometry.coordinates.flat(2) as Position[];
  return [];
}

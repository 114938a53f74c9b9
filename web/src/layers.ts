// How the planner's chart draws what is not the path itself: airfields, sites, regions, the place of a finding.

import { colour, lettering, type Chart } from './chart.ts';

export function layPlanner(chart: Chart): void {
  chart.ink('airfields', () => [
    { id: 'airfields', type: 'circle', source: 'airfields', paint: { 'circle-radius': 4, 'circle-color': colour('surface'), 'circle-stroke-color': colour('map-ink'), 'circle-stroke-width': 1.8 } },
    { id: 'airfield-names', type: 'symbol', source: 'airfields', minzoom: 3, layout: { ...lettering(12), 'text-field': ['get', 'name'] }, paint: { 'text-color': colour('map-ink'), 'text-halo-color': colour('map-land'), 'text-halo-width': 1.4 } },
  ]);
  chart.ink('sites', () => [
    {
      id: 'sites', type: 'circle', source: 'sites',
      paint: {
        'circle-radius': ['get', 'radius'],
        'circle-color': colour('theirs'),
        'circle-opacity': ['case', ['get', 'seen'], 0.95, 0],
        'circle-stroke-color': colour('theirs'),
        'circle-stroke-width': 1.4,
      },
    },
  ]);
  chart.ink('regions', () => [
    { id: 'regions', type: 'fill', source: 'regions', paint: { 'fill-color': ['match', ['get', 'kind'], 'closed', colour('breaches'), colour('undetermined')], 'fill-opacity': 0.14 } },
    { id: 'region-lines', type: 'line', source: 'regions', paint: { 'line-color': ['match', ['get', 'kind'], 'closed', colour('breaches'), colour('undetermined')], 'line-width': 1.4, 'line-dasharray': [3, 2] } },
  ]);
  chart.ink('finding', () => [
    { id: 'finding', type: 'circle', source: 'finding', paint: { 'circle-radius': 13, 'circle-color': colour('breaches'), 'circle-opacity': 0.15, 'circle-stroke-color': colour('breaches'), 'circle-stroke-width': 2.4 } },
  ]);
}

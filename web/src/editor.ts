// The path on the chart: drag a waypoint, drag a small dot to insert one, double-click to remove, click to draw on.
//
// Places are found by their distance on the screen, not by layers, so that fingers hit them too. The first and
// the last point are the airfields and stand still.

import type { MapMouseEvent, MapTouchEvent } from 'maplibre-gl';
import { collection, colour, lettering, pathShape, pointShape, type Chart } from './chart.ts';
import { direct, inverse, middle, wrap, densify, type Position } from './geodesy.ts';

export type Mode = 'move' | 'draw' | 'sites';

export interface Heard {
  changed: (points: readonly Position[], settled: boolean) => void;
  pointed: (at: Position) => void; // a click in the mode `sites`
  mode: (mode: Mode) => void;
}

type Hold = { index: number; inserted: boolean; before: Position[] };

const NEAR_PX = 16;
const MOST_UNDO = 200;

export class PathEditor {
  readonly #chart: Chart;
  readonly #heard: Heard;
  #points: Position[] = [];
  #past: Position[][] = [];
  #hold: Hold | undefined;
  #mode: Mode = 'move';
  #swathKm = 0;

  constructor(chart: Chart, heard: Heard) {
    this.#chart = chart;
    this.#heard = heard;
    chart.ink('swath', () => [
      { id: 'swath', type: 'fill', source: 'swath', paint: { 'fill-color': colour('ours'), 'fill-opacity': 0.16, 'fill-antialias': false } },
    ]);
    chart.ink('path', () => [
      { id: 'path', type: 'line', source: 'path', layout: { 'line-join': 'round', 'line-cap': 'round' }, paint: { 'line-color': colour('ours'), 'line-width': 2.6 } },
    ]);
    chart.ink('handles', () => [
      { id: 'middles', type: 'circle', source: 'handles', filter: ['==', ['get', 'kind'], 'middle'], paint: { 'circle-radius': 3.5, 'circle-color': colour('surface'), 'circle-stroke-color': colour('ours'), 'circle-stroke-width': 1.4 } },
      { id: 'handles', type: 'circle', source: 'handles', filter: ['==', ['get', 'kind'], 'waypoint'], paint: { 'circle-radius': 6.5, 'circle-color': colour('ours'), 'circle-stroke-color': colour('surface'), 'circle-stroke-width': 2 } },
      { id: 'numbers', type: 'symbol', source: 'handles', filter: ['==', ['get', 'kind'], 'waypoint'], layout: { ...lettering(12), 'text-field': ['get', 'name'] }, paint: { 'text-color': colour('map-ink'), 'text-halo-color': colour('map-land'), 'text-halo-width': 1.4 } },
    ]);
    this.#listen();
  }

  get points(): readonly Position[] {
    return this.#points;
  }

  get mode(): Mode {
    return this.#mode;
  }

  set mode(mode: Mode) {
    this.#mode = mode;
    this.#chart.map.getCanvas().style.cursor = mode === 'move' ? '' : 'crosshair';
    this.#heard.mode(mode);
  }

  get canUndo(): boolean {
    return this.#past.length > 0;
  }

  /** Show another path; `remember` lets the user come back to the one before. */
  set(points: readonly Position[], remember = true): void {
    if (remember && this.#points.length) this.#remember(this.#points);
    this.#points = points.map(([lon, lat]) => [lon, lat]);
    this.#draw();
    this.#heard.changed(this.#points, true);
  }

  undo(): void {
    const before = this.#past.pop();
    if (!before) return;
    this.#points = before;
    this.#draw();
    this.#heard.changed(this.#points, true);
  }

  move(index: number, to: Position): void {
    this.set(this.#points.map((point, n) => (n === index ? to : point)));
  }

  remove(index: number): void {
    if (index > 0 && index < this.#points.length - 1) this.set(this.#points.filter((_, n) => n !== index));
  }

  /** Insert a waypoint in the middle of the longest leg: the way to draw without a pointer. */
  split(): void {
    const legs = this.#points.slice(1).map((to, n) => inverse(this.#points[n]!, to).metres);
    const at = legs.indexOf(Math.max(...legs)) + 1;
    if (at < 1 || this.#points.length < 2) return;
    const [from, to] = [this.#points[at - 1]!, this.#points[at]!];
    // between an airfield and itself there is no middle: a little to the north of it will do
    const made: Position = legs[at - 1] === 0 ? [from[0], Math.min(89, from[1] + 1)] : middle(from, to);
    this.set([...this.#points.slice(0, at), [round(made[0]), round(made[1])], ...this.#points.slice(at)]);
  }

  swath(km: number): void {
    this.#swathKm = km;
    this.#draw();
  }

  #remember(points: readonly Position[]): void {
    this.#past.push(points.map(([lon, lat]) => [lon, lat]));
    if (this.#past.length > MOST_UNDO) this.#past.shift();
  }

  #draw(): void {
    const points = this.#points;
    this.#chart.show('path', collection(points.length > 1 ? [pathShape(points)] : []));
    const inner = points.slice(1, -1).map((at, n) => pointShape(at, { kind: 'waypoint', name: String(n + 1) }));
    const between = points.slice(1).map((to, n) => pointShape(middle(points[n]!, to), { kind: 'middle', name: '' }));
    this.#chart.show('handles', collection(this.#hold ? inner : [...between, ...inner]));
    this.#chart.show('swath', collection(this.#swathKm > 0 && !this.#hold ? ribbon(points, this.#swathKm / 2) : []));
  }

  #listen(): void {
    const map = this.#chart.map;
    map.on('mousedown', (event) => this.#take(event));
    map.on('touchstart', (event) => event.points.length === 1 && this.#take(event));
    map.on('mousemove', (event) => this.#carry(event));
    map.on('touchmove', (event) => this.#carry(event));
    map.on('mouseup', () => this.#drop());
    map.on('touchend', () => this.#drop());
    map.on('touchcancel', () => this.#drop());
    map.on('click', (event) => this.#click(event));
    map.on('dblclick', (event) => {
      const found = this.#near(event.point, false);
      if (found === undefined) return;
      event.preventDefault();
      this.remove(found.index);
    });
    document.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && this.#mode !== 'move') this.mode = 'move';
      const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement;
      if (event.key.toLowerCase() === 'z' && (event.ctrlKey || event.metaKey) && !typing) {
        event.preventDefault();
        this.undo();
      }
    });
  }

  #take(event: MapMouseEvent | MapTouchEvent): void {
    if (this.#mode === 'sites') return;
    const found = this.#near(event.point, this.#mode === 'move');
    if (found === undefined) return;
    event.preventDefault(); // the chart stays, the waypoint moves
    this.#hold = { index: found.index, inserted: found.between, before: this.#points.map(([lon, lat]) => [lon, lat]) };
    if (found.between) this.#points.splice(found.index, 0, place(event));
  }

  #carry(event: MapMouseEvent | MapTouchEvent): void {
    if (!this.#hold) {
      if (this.#mode === 'move') this.#chart.map.getCanvas().style.cursor = this.#near(event.point, true) ? 'grab' : '';
      return;
    }
    this.#points[this.#hold.index] = place(event);
    this.#draw();
    this.#heard.changed(this.#points, false);
  }

  #drop(): void {
    const hold = this.#hold;
    if (!hold) return;
    this.#hold = undefined;
    const moved = JSON.stringify(hold.before) !== JSON.stringify(this.#points);
    if (moved) this.#remember(hold.before);
    this.#draw();
    if (moved) this.#heard.changed(this.#points, true);
  }

  #click(event: MapMouseEvent): void {
    if (this.#mode === 'sites') this.#heard.pointed(place(event));
    if (this.#mode !== 'draw' || this.#near(event.point, false) || this.#points.length < 2) return;
    this.set([...this.#points.slice(0, -1), place(event), this.#points[this.#points.length - 1]!]);
  }

  /** The waypoint, or the gap between two, that lies under `at` on the screen. */
  #near(at: { x: number; y: number }, between: boolean): { index: number; between: boolean } | undefined {
    const off = (point: Position): number => {
      const shown = this.#chart.map.project(point as [number, number]);
      return Math.hypot(shown.x - at.x, shown.y - at.y);
    };
    for (let n = 1; n < this.#points.length - 1; n += 1) if (off(this.#points[n]!) < NEAR_PX) return { index: n, between: false };
    if (!between) return undefined;
    for (let n = 1; n < this.#points.length; n += 1) {
      if (off(middle(this.#points[n - 1]!, this.#points[n]!)) < NEAR_PX - 4) return { index: n, between: true };
    }
    return undefined;
  }
}

const round = (x: number): number => Math.round(x * 1e5) / 1e5;

function place(event: MapMouseEvent | MapTouchEvent): Position {
  return [round(wrap(event.lngLat.lng)), round(event.lngLat.lat)];
}

/** The strip of ground within `halfKm` of each leg; a piece that crosses 180 degrees runs past it, not round the world. */
export function ribbon(points: readonly Position[], halfKm: number): GeoJSON.Feature[] {
  const strips: GeoJSON.Feature[] = [];
  for (let n = 1; n < points.length; n += 1) {
    const line = densify([points[n - 1]!, points[n]!], 40);
    const left: Position[] = [];
    const right: Position[] = [];
    line.forEach((at, k) => {
      const last = k === line.length - 1;
      const { azimuth } = last ? inverse(line[k - 1]!, at) : inverse(at, line[k + 1]!);
      left.push(direct(at, azimuth - 90, halfKm * 1000));
      right.push(direct(at, azimuth + 90, halfKm * 1000));
    });
    const ring = [...left, ...right.reverse(), left[0]!];
    const first = ring[0]![0];
    const together = ring.map(([lon, lat]): Position => [lon - first > 180 ? lon - 360 : lon - first < -180 ? lon + 360 : lon, lat]);
    strips.push({ type: 'Feature', properties: {}, geometry: { type: 'Polygon', coordinates: [together] } });
  }
  return strips;
}

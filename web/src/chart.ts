// The chart under every map of the pages: quiet land, borders by status, disputed areas hatched, graticule.

import * as maplibre from 'maplibre-gl';
import type { ExpressionSpecification, GeoJSONSource, LayerSpecification, Map as MapLibre } from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url';
import 'maplibre-gl/dist/maplibre-gl.css';
import { densify, splitAt180, type Position } from './geodesy.ts';
import { element, word } from './words.ts';

maplibre.setWorkerUrl(workerUrl);

export type Shape = GeoJSON.FeatureCollection | GeoJSON.Feature;
export const NOTHING: GeoJSON.FeatureCollection = { type: 'FeatureCollection', features: [] };

interface Ink {
  source: string;
  layers: () => LayerSpecification[];
}

/** The page's own colour of that name, in the theme that is on. */
export function colour(name: string): string {
  const probe = document.createElement('i');
  probe.hidden = true;
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

/** A path as geodesics, cut at 180 degrees. */
export function pathShape(points: readonly Position[], properties: GeoJSON.GeoJsonProperties = {}): GeoJSON.Feature {
  const pieces = points.length > 1 ? splitAt180(densify(points)) : [];
  return { type: 'Feature', properties, geometry: { type: 'MultiLineString', coordinates: pieces } };
}

export function pointShape(at: Position, properties: GeoJSON.GeoJsonProperties = {}): GeoJSON.Feature {
  return { type: 'Feature', properties, geometry: { type: 'Point', coordinates: [...at] } };
}

export function collection(features: GeoJSON.Feature[]): GeoJSON.FeatureCollection {
  return { type: 'FeatureCollection', features };
}

export class Chart {
  readonly map: MapLibre;
  readonly #inks: Ink[] = [];
  readonly #shapes = new Map<string, Shape>();
  #parties: string[] = [];
  #marked: string[] = [];
  #level = 0;

  private constructor(map: MapLibre) {
    this.map = map;
  }

  /** Open the chart in `place`; undefined, with a sentence in its stead, where the browser has no WebGL. */
  static async open(place: HTMLElement, centre: Position = [45, 55], zoom = 1.6): Promise<Chart | undefined> {
    const canvas = place.querySelector<HTMLElement>('.canvas')!;
    const drawing = element('p', { class: 'drawing' }, word('drawing'));
    place.append(drawing);
    try {
      const map = new maplibre.Map({
        container: canvas,
        style: { version: 8, projection: { type: 'globe' }, sources: {}, layers: [] },
        center: centre,
        zoom,
        minZoom: 0,
        maxZoom: 13,
        attributionControl: false,
        dragRotate: false,
        pitchWithRotate: false,
        fadeDuration: 0,
        cooperativeGestures: false,
      });
      map.getCanvas().setAttribute('aria-label', place.dataset['label'] ?? 'Map');
      map.addControl(new maplibre.NavigationControl({ showCompass: true }), 'top-right');
      map.addControl(new maplibre.ScaleControl({ unit: 'metric' }), 'bottom-right');
      map.on('idle', () => {
        if (map.getSource('land') && map.isSourceLoaded('land')) {
          place.dataset['idle'] = 'yes';
          drawing.remove();
        }
      });
      map.on('movestart', () => delete place.dataset['idle']);
      const chart = new Chart(map);
      await new Promise<void>((done) => void map.once('load', () => done()));
      chart.#land();
      document.addEventListener('overflight:theme', () => chart.#paint());
      return chart;
    } catch {
      drawing.remove();
      const sentence = document.createElement('p');
      sentence.className = 'failed';
      sentence.textContent = word('no-webgl');
      place.append(sentence);
      return undefined;
    }
  }

  /** Which States are Parties on the day, and which are the subject of the page. */
  parties(codes: Iterable<string>, marked: Iterable<string> = []): void {
    this.#parties = [...codes];
    this.#marked = [...marked];
    this.#landColours();
  }

  /** Add a source with its layers; the layers are made anew when the theme changes. */
  ink(source: string, layers: () => LayerSpecification[]): void {
    this.#inks.push({ source, layers });
    this.#lay({ source, layers });
  }

  /** What a source shows. */
  show(source: string, shape: Shape): void {
    this.#shapes.set(source, shape);
    delete (this.map.getContainer().parentElement as HTMLElement).dataset['idle'];
    this.map.getSource<GeoJSONSource>(source)?.setData(shape);
  }

  /** Move so that all places are seen; places east and west of 180 degrees stay together. */
  frame(points: readonly Position[], padding = 60, maxZoom = 7): void {
    if (!points.length) return;
    const first = points[0]![0];
    const box = new maplibre.LngLatBounds();
    for (const [lon, lat] of points) {
      const near = lon - first > 180 ? lon - 360 : lon - first < -180 ? lon + 360 : lon;
      box.extend([near, lat]);
    }
    this.map.fitBounds(box, { padding: { top: padding + 20, bottom: padding + 24, left: padding, right: padding }, maxZoom, animate: false });
  }

  #land(): void {
    this.#hatch();
    this.map.addSource('graticule', { type: 'geojson', data: graticule() });
    this.map.addSource('land', { type: 'geojson', data: '/api/map/borders?level=world', tolerance: 0.3 });
    this.#base().forEach((layer) => this.map.addLayer(layer));
    this.map.on('moveend', () => this.#sharpen());
    this.#sharpen();
  }

  /** Finer borders once they can be seen; a finer level stays. */
  #sharpen(): void {
    const zoom = this.map.getZoom();
    const level = zoom > 7 ? 2 : zoom > 3 ? 1 : 0;
    if (level <= this.#level) return;
    this.#level = level;
    this.map.getSource<GeoJSONSource>('land')?.setData(`/api/map/borders?level=${['world', 'coarse', 'fine'][level]}`);
  }

  #base(): LayerSpecification[] {
    const border = colour('map-border');
    const disputed = colour('map-disputed');
    const isDisputed: ExpressionSpecification = ['has', 'sides'];
    const isState: ExpressionSpecification = ['!', ['has', 'sides']];
    return [
      { id: 'sea', type: 'background', paint: { 'background-color': colour('map-sea') } },
      { id: 'land', type: 'fill', source: 'land', filter: isState, paint: { 'fill-color': this.#landColour(), 'fill-antialias': false } },
      { id: 'hatch', type: 'fill', source: 'land', filter: isDisputed, paint: { 'fill-pattern': 'hatch' } },
      { id: 'graticule', type: 'line', source: 'graticule', paint: { 'line-color': border, 'line-opacity': 0.28, 'line-width': 0.6 } },
      { id: 'borders', type: 'line', source: 'land', filter: isState, paint: { 'line-color': border, 'line-width': ['interpolate', ['linear'], ['zoom'], 1, 0.5, 6, 1.2] } },
      { id: 'disputed', type: 'line', source: 'land', filter: isDisputed, paint: { 'line-color': disputed, 'line-width': 1, 'line-dasharray': [3, 2] } },
    ];
  }

  #landColour(): ExpressionSpecification {
    return [
      'case',
      ['in', ['get', 'code'], ['literal', this.#marked]],
      colour('map-marked'),
      ['in', ['get', 'code'], ['literal', this.#parties]],
      colour('map-party'),
      colour('map-land'),
    ];
  }

  #landColours(): void {
    if (this.map.getLayer('land')) this.map.setPaintProperty('land', 'fill-color', this.#landColour());
  }

  #lay({ source, layers }: Ink): void {
    if (!this.map.getSource(source)) this.map.addSource(source, { type: 'geojson', data: this.#shapes.get(source) ?? NOTHING });
    layers().forEach((layer) => this.map.addLayer(layer));
  }

  /** Colours follow the theme: only the paint changes, layers and data stay. */
  #paint(): void {
    this.#hatch();
    for (const layer of [...this.#base(), ...this.#inks.flatMap((ink) => ink.layers())]) {
      for (const [name, value] of Object.entries(layer.paint ?? {})) {
        if (name !== 'fill-pattern') this.map.setPaintProperty(layer.id, name as never, value as never);
      }
    }
  }

  #hatch(): void {
    const size = 12;
    const paper = Object.assign(document.createElement('canvas'), { width: size, height: size });
    const pen = paper.getContext('2d')!;
    pen.fillStyle = colour('map-land');
    pen.fillRect(0, 0, size, size);
    pen.strokeStyle = colour('map-disputed');
    pen.lineWidth = 1.6;
    pen.beginPath();
    for (const shift of [-size, 0, size]) {
      pen.moveTo(shift, size);
      pen.lineTo(shift + size, 0);
    }
    pen.stroke();
    const image = pen.getImageData(0, 0, size, size);
    if (this.map.hasImage('hatch')) this.map.updateImage('hatch', image);
    else this.map.addImage('hatch', image);
  }
}

/** Text on the chart, in the page's own type. */
export function lettering(size = 12): Record<string, unknown> {
  return { 'text-font': ['IBM Plex Sans'], 'text-size': size, 'text-anchor': 'left', 'text-offset': [0.8, 0], 'text-optional': true };
}

function graticule(): GeoJSON.FeatureCollection {
  const lines: GeoJSON.Feature[] = [];
  const line = (coordinates: Position[]): void => {
    lines.push({ type: 'Feature', properties: {}, geometry: { type: 'LineString', coordinates } });
  };
  for (let lon = -180; lon < 180; lon += 15) {
    line(Array.from({ length: 17 }, (_, n): Position => [lon, -80 + n * 10]));
  }
  for (let lat = -75; lat <= 75; lat += 15) {
    line(Array.from({ length: 73 }, (_, n): Position => [-180 + n * 5, lat]));
  }
  return { type: 'FeatureCollection', features: lines };
}

// A proposed change to a plan: is its ground permitted, what it does, and what to offer instead.

import { Chart, collection, colour, pathShape, pointShape } from './chart.ts';
import { PlanChoice, sitesOf, type PlanFeature } from './choose.ts';
import { PathEditor } from './editor.ts';
import { conditionsOf, sayRegions, tick, valuesOf, type Regions } from './conditions.ts';
import { download, said } from './files.ts';
import { showFindings, type Finding } from './findings.ts';
import type { Position } from './geodesy.ts';
import { showRows } from './rows.ts';
import type { Site } from './search.ts';
import { ask, element, icon, send, word } from './words.ts';

interface Offer {
  name: string;
  says: string;
  plan: PlanFeature | null;
  not?: string;
  value_after?: number;
  value_lost?: number;
  km_added?: number;
  complies?: boolean;
  conditions_kept?: boolean;
  same_path_as?: string;
}

interface Weighed {
  permitted: boolean;
  complies: boolean;
  ground_findings: Finding[];
  findings: Finding[];
  conditions: Finding[];
  length_km: number;
  km_added: number;
  minutes_added: number | null;
  start_later_min: number | null;
  deadlines: { proposals_by: { at: string }; agreement_by: { at: string } } | null;
  plan: PlanFeature;
  private?: boolean;
  value_lost?: number;
  total_value?: number;
  sites_lost?: string[];
  sites_gained?: string[];
  repaired?: Offer | null;
  repaired_not?: string;
  alternatives?: Offer[];
}

const get = <T extends Element>(id: string): T => document.getElementById(id) as unknown as T;
const value = (id: string): string => get<HTMLInputElement>(id).value.trim();
const ticked = (id: string): boolean => get<HTMLInputElement>(id).checked;
const round = (x: number): string => String(Math.round(x * 100) / 100);
const signed = (x: number): string => `${x < 0 ? '\u2212' : '+'}${round(Math.abs(x))}`;
const same = (a: readonly Position[], b: readonly Position[]): boolean => JSON.stringify(a) === JSON.stringify(b);
const FEW = 12;
const OWN = ['swaths', 'range_km', 'readings'];

class Negotiation {
  readonly #choice = new PlanChoice((text, bad) => this.#say(text, bad), (plan) => this.#chosen(plan));
  #chart: Chart | undefined;
  #editor: PathEditor | undefined;
  #sites: Site[] = [];
  #regions: Regions | undefined;
  #lost = new Set<string>();

  async start(): Promise<void> {
    this.#listen();
    this.#setSites(this.#choice.draft.sites ?? []);
    this.#conditions();
    this.#chart = await Chart.open(get('chart'), [60, 58], 2);
    if (this.#chart) await this.#layers(this.#chart);
    this.#choice.begin();
    get<HTMLElement>('chart').dataset['ready'] = 'yes';
  }

  /** What the planner's own page was asked: widths, range, areas. */
  #conditions(): void {
    const { form = {}, regions } = this.#choice.draft;
    const own = get<HTMLFormElement>('change');
    for (const name of ['swath_km', 'max_km', ...OWN]) if (form[name]) get<HTMLInputElement>(name).value = form[name];
    if (form['region_names']) tick(own, 'region_names', form['region_names']);
    this.#setRegions(regions);
    if (regions || ['max_km', 'region_names', ...OWN].some((name) => form[name])) get<HTMLDetailsElement>('conditions').open = true;
  }

  #setRegions(regions: Regions | undefined): void {
    this.#regions = regions;
    sayRegions(get('regions-said'), regions);
    get<HTMLElement>('clear-regions').hidden = !regions;
  }

  #say(text: string, bad = false): void {
    const place = get<HTMLElement>('said');
    place.textContent = text;
    place.className = bad ? 'notice bad' : 'small';
  }

  #listen(): void {
    get<HTMLFormElement>('change').addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#weigh();
    });
    get<HTMLElement>('undo').addEventListener('click', () => this.#editor?.undo());
    for (const mode of ['move', 'sites'] as const) {
      get<HTMLElement>(`tool-${mode}`).addEventListener('click', () => {
        if (this.#editor) this.#editor.mode = mode;
      });
    }
    get<HTMLElement>('corners').addEventListener('input', () => this.#drawClosed());
    get<HTMLElement>('clear-sites').addEventListener('click', () => this.#setSites([]));
    get<HTMLElement>('clear-regions').addEventListener('click', () => this.#setRegions(undefined));
    get<HTMLInputElement>('file').addEventListener('change', (event) => void this.#upload(event.target as HTMLInputElement));
  }

  async #layers(chart: Chart): Promise<void> {
    const parties = await ask<{ code: string }[]>(`/api/treaty/parties?on=${value('on')}`);
    chart.parties(parties.map((p) => p.code));
    chart.ink('closed', () => [
      { id: 'closed', type: 'fill', source: 'closed', paint: { 'fill-color': colour('breaches'), 'fill-opacity': 0.16 } },
      { id: 'closed-line', type: 'line', source: 'closed', paint: { 'line-color': colour('breaches'), 'line-width': 1.6 } },
    ]);
    chart.ink('submitted', () => [
      { id: 'submitted', type: 'line', source: 'submitted', paint: { 'line-color': colour('theirs'), 'line-width': 2.2, 'line-dasharray': [2, 2] } },
    ]);
    chart.ink('offer', () => [{ id: 'offer', type: 'line', source: 'offer', paint: { 'line-color': colour('map-ink'), 'line-width': 1.8 } }]);
    chart.ink('sites', () => [
      {
        id: 'sites', type: 'circle', source: 'sites',
        paint: { 'circle-radius': 4, 'circle-color': colour('breaches'), 'circle-opacity': ['case', ['get', 'lost'], 0.9, 0], 'circle-stroke-color': ['case', ['get', 'lost'], colour('breaches'), colour('theirs')], 'circle-stroke-width': 1.4 },
      },
    ]);
    chart.ink('finding', () => [
      { id: 'finding', type: 'circle', source: 'finding', paint: { 'circle-radius': 13, 'circle-color': colour('breaches'), 'circle-opacity': 0.15, 'circle-stroke-color': colour('breaches'), 'circle-stroke-width': 2.4 } },
    ]);
    this.#editor = new PathEditor(chart, {
      changed: (points, settled) => this.#changed(points, settled),
      pointed: (at) => this.#corner(at),
      mode: (mode) => {
        for (const name of ['move', 'sites']) get<HTMLElement>(`tool-${name}`).setAttribute('aria-pressed', String(name === mode));
        const hint = get<HTMLElement>('hint');
        hint.hidden = false;
        hint.textContent = word(mode === 'sites' ? 'closed-hint' : 'drag-hint');
      },
    });
    this.#drawSites();
  }

  #chosen(plan: PlanFeature): void {
    const points = plan.geometry.coordinates.map(([lon, lat]): Position => [lon, lat]);
    this.#chart?.show('submitted', collection([pathShape(points)]));
    this.#chart?.show('offer', collection([]));
    this.#editor?.set(points, false);
    this.#chart?.frame(points);
    get<HTMLElement>('answer').hidden = true;
  }

  #changed(points: readonly Position[], settled: boolean): void {
    get<HTMLButtonElement>('undo').disabled = !this.#editor?.canUndo;
    if (settled) showRows(get('waypoints'), points, () => this.#editor);
  }

  // closed areas

  #corner([lon, lat]: Position): void {
    const corners = get<HTMLTextAreaElement>('corners');
    corners.value = `${corners.value.trim()}\n${lat} ${lon}`.trim();
    this.#drawClosed();
  }

  /** The ring of corners, or the number of the line that holds none. */
  #ring(): Position[] | number {
    const out: Position[] = [];
    const lines = value('corners').split('\n').map((line) => line.trim());
    for (const [n, line] of lines.entries()) {
      if (!line) continue;
      const [lat, lon] = line.split(/[\s,;]+/).map(Number);
      if (lat === undefined || lon === undefined || !(Math.abs(lat) <= 90) || !(Math.abs(lon) <= 180)) return n + 1;
      out.push([lon, lat]);
    }
    return out;
  }

  #drawClosed(): void {
    const ring = this.#ring();
    const shape: GeoJSON.Feature[] = typeof ring === 'number' || ring.length < 3 ? [] : [{ type: 'Feature', properties: {}, geometry: { type: 'Polygon', coordinates: [[...ring, ring[0]!]] } }];
    this.#chart?.show('closed', collection(shape));
  }

  // sites, which only one side has

  async #upload(input: HTMLInputElement): Promise<void> {
    this.#say('');
    try {
      const found = await sitesOf(input, this.#choice.plan?.properties.observed, value('on'));
      if (found.length) this.#setSites(found);
    } catch (failure) {
      this.#say(said(failure, word('no-answer')), true);
    }
  }

  #setSites(sites: Site[]): void {
    this.#sites = sites;
    this.#lost = new Set();
    const total = sites.reduce((sum, s) => sum + s.value, 0);
    get<HTMLElement>('sites-said').textContent = sites.length ? word('sites-count', { n: sites.length, value: round(total) }) : '';
    get<HTMLElement>('clear-sites').hidden = sites.length === 0;
    this.#drawSites();
  }

  #drawSites(): void {
    this.#chart?.show('sites', collection(this.#sites.map((s) => pointShape([s.lon_deg, s.lat_deg], { lost: this.#lost.has(s.name) }))));
  }

  // the change

  #change(plan: PlanFeature): Record<string, unknown> | string {
    const ring = this.#ring();
    if (typeof ring === 'number') return word('bad-corners', { n: ring });
    const out: Record<string, unknown> = {};
    const points = this.#editor?.points ?? plan.geometry.coordinates;
    if (!same(points, plan.geometry.coordinates.map(([lon, lat]): Position => [lon, lat]))) out['plan'] = moved(plan, points);
    if (ring.length > 2) {
      out['closed'] = [{ type: 'Polygon', coordinates: [[...ring, ring[0]!]] }];
      if (ticked('observable')) out['excludes_observation'] = false;
    }
    if (value('height_agl_m')) out['height_agl_m'] = Number(value('height_agl_m'));
    if (value('take_off')) out['take_off'] = value('take_off');
    if (!Object.keys(out).length) return word('no-change');
    for (const name of ['ground', 'reason', 'inconsistent_with', 'hazard', 'proposed_at']) if (value(name)) out[name] = value(name);
    if (ticked('makes_room')) out['makes_room'] = true;
    return out;
  }

  async #weigh(): Promise<void> {
    const plan = this.#choice.plan;
    if (!plan) return this.#say(word('no-plan'), true);
    const change = this.#change(plan);
    if (typeof change === 'string') return this.#say(change, true);
    const button = get<HTMLButtonElement>('weigh');
    button.disabled = true;
    this.#say(word('weighing'));
    try {
      const values = valuesOf(get<HTMLFormElement>('change'));
      const asked = conditionsOf(Object.fromEntries(['region_names', ...OWN].map((name) => [name, values[name] ?? ''])), this.#regions);
      const body = {
        plan, change, on: value('on'), ...(value('eta') ? { eta: value('eta') } : {}), ...asked, ...(values['max_km'] ? { max_km: Number(values['max_km']) } : {}),
        ...(this.#sites.length ? { sites: this.#sites, swath_km: Number(value('swath_km')) || null } : {}),
      };
      this.#show(await send<Weighed>('/api/plans/negotiate', body));
      this.#say('');
    } catch (failure) {
      this.#say(said(failure, word('no-answer')), true);
    }
    button.disabled = false;
  }

  #show(found: Weighed): void {
    get<HTMLElement>('answer').hidden = false;
    const ground = element('span', { class: `verdict ${found.permitted ? 'complies' : 'breaches'}` }, icon(found.permitted ? 'complies' : 'breaches'), word(found.permitted ? 'permitted' : 'not-permitted'));
    const legal = element('span', { class: `verdict ${found.complies ? 'complies' : 'breaches'}` }, icon(found.complies ? 'complies' : 'breaches'), word(found.complies ? 'still-legal' : 'not-legal'));
    get<HTMLElement>('verdict').replaceChildren(ground, ' ', legal);
    const facts = [word('km-added', { km: round(found.length_km), added: signed(found.km_added) })];
    if (found.minutes_added !== null) facts.push(word('minutes-added', { minutes: signed(found.minutes_added) }));
    if (found.start_later_min) facts.push(word('start-later', { minutes: signed(found.start_later_min) }));
    if (found.deadlines) facts.push(word('deadlines', { first: found.deadlines.proposals_by.at, last: found.deadlines.agreement_by.at }));
    get<HTMLElement>('facts').replaceChildren(...facts.map((text) => element('li', {}, text)));
    showFindings(get('findings'), [...found.ground_findings, ...found.findings, ...found.conditions], (at) => {
      this.#chart?.show('finding', collection([pointShape(at)]));
      this.#chart?.map.easeTo({ center: at as [number, number], zoom: Math.max(6, this.#chart.map.getZoom()), duration: 0 });
    });
    this.#draw(found.plan);
    get<HTMLElement>('private').hidden = !found.private;
    if (found.private) this.#cost(found);
    get<HTMLElement>('answer').scrollIntoView({ block: 'start' });
  }

  #cost(found: Weighed): void {
    const names = (all: string[]): string => all.slice(0, FEW).join(', ') + (all.length > FEW ? ` (+${all.length - FEW})` : '') || '–';
    const rows = [
      word('value-lost', { lost: round(found.value_lost ?? 0), total: round(found.total_value ?? 0) }),
      word('sites-lost', { names: names(found.sites_lost ?? []) }),
      word('sites-gained', { names: names(found.sites_gained ?? []) }),
    ];
    get<HTMLElement>('cost').replaceChildren(...rows.map((text) => element('li', {}, text)));
    const repaired: Offer = found.repaired ?? { name: 'repaired', says: word('repaired'), plan: null, not: found.repaired_not ?? '' };
    get<HTMLElement>('offers').replaceChildren(...[repaired, ...(found.alternatives ?? [])].map((offer) => this.#offer(offer)));
    this.#lost = new Set(found.sites_lost ?? []);
    this.#drawSites();
  }

  #offer(offer: Offer): HTMLElement {
    const made = element('li', { class: 'offer', 'data-offer': offer.name }, element('p', {}, element('b', {}, offer.says)));
    const plan = offer.plan;
    if (!plan) {
      made.append(element('p', { class: 'small muted' }, word('no-offer', { why: offer.not ?? '' })));
      return made;
    }
    const numbers = word('offer', { value: round(offer.value_after ?? 0), change: signed(-(offer.value_lost ?? 0)), added: signed(offer.km_added ?? 0) });
    const verdict = element('span', { class: `verdict ${offer.complies ? 'complies' : 'breaches'}` }, icon(offer.complies ? 'complies' : 'breaches'), word(offer.complies ? 'complies' : 'breaches'));
    const show = element('button', { type: 'button', 'aria-pressed': 'false' }, word('show'));
    show.addEventListener('click', () => {
      document.querySelectorAll('#offers [aria-pressed]').forEach((other) => other.setAttribute('aria-pressed', String(other === show)));
      this.#draw(plan);
    });
    const save = element('button', { type: 'button' }, word('save-plan'));
    save.addEventListener('click', () => download(`${offer.name}.json`, new Blob([JSON.stringify(plan, null, 1)], { type: 'application/geo+json' })));
    made.append(element('p', { class: 'small' }, numbers, offer.same_path_as ? `; ${word('same-path', { name: offer.same_path_as })}` : '', offer.conditions_kept === false ? `; ${word('conditions-not-kept')}` : ''), element('div', { class: 'row' }, verdict, show, save));
    return made;
  }

  #draw(plan: PlanFeature): void {
    this.#chart?.show('offer', collection([pathShape(plan.geometry.coordinates.map(([lon, lat]): Position => [lon, lat]))]));
  }
}

/** The plan on another path: what belongs to a leg of the old one is left out, and the highest height stays. */
function moved(plan: PlanFeature, points: readonly Position[]): PlanFeature {
  const { points: _names, sensors_on: _on, ...properties } = plan.properties;
  const heights = properties['height_agl_m'];
  if (Array.isArray(heights) && heights.length !== points.length - 1) properties['height_agl_m'] = Math.max(...(heights as number[]));
  return { type: 'Feature', geometry: { type: 'LineString', coordinates: [...points] }, properties };
}

export async function start(): Promise<void> {
  await new Negotiation().start();
}

// The Planner: choose, draw or search, drag a waypoint and see the findings at once.

import { Chart, collection, pointShape } from './chart.ts';
import { PathEditor, type Mode } from './editor.ts';
import { conditionsOf, FIELDS, sayRegions, sensorsOf, tick, TICKED, valuesOf, type Regions } from './conditions.ts';
import { download, fetchFile } from './files.ts';
import { showFindings, type Finding } from './findings.ts';
import { type Position } from './geodesy.ts';
import { layPlanner } from './layers.ts';
import { showCurve, type Moment } from './plots.ts';
import type { PlanFeature } from './choose.ts';
import { showRows } from './rows.ts';
import { foundFacts, foundSentence, searchFor, type Found, type Site, type Told } from './search.ts';
import { showLengths, showProfile, type Lengths, type Profile } from './strip.ts';
import { ask, data, element, Refusal, send, word } from './words.ts';

interface Airfield {
  icao: string;
  name: string;
  party: string;
  owners: string[];
  lon_deg: number;
  lat_deg: number;
  limit_km: number | null;
}

interface Choices {
  day: string;
  parties: { code: string; name: string }[];
  airfields: Airfield[];
  own: string | null;
}

interface Draft {
  form?: Record<string, string>;
  sites?: Site[];
  points?: Position[];
  regions?: Regions;
}

type Checked = Lengths & {
  findings: Finding[];
  observed?: { sites: number[]; value: number; total_value: number };
  profile?: Profile | null;
  conditions?: Finding[];
};

const SPECIAL: Record<string, string> = { RUS: 'UUMB' };
const OF_THE_SEARCH = new Set(['seconds', 'seed', 'steps', 'region_names', 'max_km', 'swath_km', 'swaths']); // no plan states them
const get = <T extends Element>(id: string): T => document.getElementById(id) as unknown as T;

class Planner {
  readonly #choices: Choices = data<Choices>('choices')!;
  readonly #form = get<HTMLFormElement>('wanted');
  readonly #hasNode = Boolean(this.#choices.own);
  #chart: Chart | undefined;
  #editor: PathEditor | undefined;
  #sites: Site[] = [];
  #seen = new Set<number>();
  #regions: Regions | undefined;
  #history: Moment[] = [];
  #stated: PlanFeature | undefined; // a plan that was found or opened, with its times and stops, until it is changed
  #checking: AbortController | undefined;
  #settledLater: ReturnType<typeof setTimeout> | undefined;
  #keeping: ReturnType<typeof setTimeout> | undefined;
  #searching: AbortController | undefined;
  #stop: () => void = () => this.#searching?.abort();

  async start(): Promise<void> {
    const draft = this.#draft();
    this.#fill({ ...draft.form, ...Object.fromEntries(new URLSearchParams(location.search)) });
    this.#listen();
    this.#chart = await Chart.open(get('chart'), [60, 58], 2);
    if (!this.#chart) return;
    layPlanner(this.#chart);
    this.#editor = new PathEditor(this.#chart, {
      changed: (points, settled) => this.#changed(points, settled),
      pointed: (at) => this.#pointed(at),
      mode: (mode) => this.#mode(mode),
    });
    this.#editor.swath(Number(this.#field('swath_km').value));
    await this.#day();
    this.#setRegions(draft.regions);
    this.#setSites(draft.sites ?? []);
    if (draft.points && draft.points.length > 1) this.#editor.set(draft.points, false);
    if ((draft.points?.length ?? 0) < 2 || /[?&](from|to)=/.test(location.search)) this.#betweenAirfields(false);
    this.#frame();
    get<HTMLElement>('chart').dataset['ready'] = 'yes';
  }

  #field(name: string): HTMLInputElement {
    return this.#form.elements.namedItem(name) as HTMLInputElement;
  }

  #airfield(icao: string): Airfield | undefined {
    return this.#choices.airfields.find((a) => a.icao === icao);
  }

  // form

  #fill(values: Record<string, string>): void {
    const set = (name: string): void => {
      const value = values[name];
      if (value !== undefined && this.#form.elements.namedItem(name)) this.#field(name).value = value;
    };
    ['observed', 'on', 'swath_km', 'max_km', 'height_agl_m', 'seconds', ...FIELDS].forEach(set);
    TICKED.forEach((name) => values[name] !== undefined && tick(this.#form, name, values[name]));
    this.#airfields();
    ['from', 'to'].forEach(set);
  }

  #airfields(): void {
    const observed = this.#field('observed').value;
    const here = this.#choices.airfields.filter((a) => a.owners.includes(observed));
    for (const name of ['from', 'to']) {
      const select = this.#field(name) as unknown as HTMLSelectElement;
      const before = select.value;
      const words = (a: Airfield): string => `${a.icao} ${a.name}${a.limit_km ? `, ${a.limit_km} km` : ''}`;
      select.replaceChildren(...here.map((a) => element('option', { value: a.icao }, words(a))));
      const wanted = here.some((a) => a.icao === before) ? before : SPECIAL[observed];
      if (wanted) select.value = wanted;
    }
  }

  async #day(): Promise<void> {
    const on = this.#field('on').value;
    const parties = await ask<{ code: string }[]>(`/api/treaty/parties?on=${on}`);
    this.#chart?.parties(parties.map((p) => p.code), [this.#field('observed').value]);
    this.#chart?.show('airfields', collection(this.#choices.airfields.map((a) => pointShape([a.lon_deg, a.lat_deg], { name: a.icao }))));
  }

  #listen(): void {
    this.#form.addEventListener('change', (event) => {
      const name = (event.target as HTMLInputElement).name;
      if (!OF_THE_SEARCH.has(name)) this.#stated = undefined;
      if (name === 'on') location.assign(`/planner?${new URLSearchParams({ ...this.#values(), on: this.#field('on').value })}`);
      if (name === 'observed') this.#airfields();
      if (name === 'observed') this.#clear();
      if (name === 'observed' || name === 'from' || name === 'to') this.#betweenAirfields(true);
      if (name === 'observed') void this.#day().then(() => this.#frame());
      if (name === 'swath_km') this.#editor?.swath(Number(this.#field('swath_km').value));
      history.replaceState(null, '', `?${new URLSearchParams(this.#values())}`);
      if (this.#editor) this.#changed(this.#editor.points, true);
    });
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#optimise();
    });
    get<HTMLElement>('stop').addEventListener('click', () => this.#stop());
    for (const mode of ['move', 'draw', 'sites'] as const) {
      get<HTMLElement>(`tool-${mode}`).addEventListener('click', () => {
        if (this.#editor) this.#editor.mode = mode;
      });
    }
    get<HTMLElement>('undo').addEventListener('click', () => this.#editor?.undo());
    get<HTMLElement>('add-waypoint').addEventListener('click', () => this.#editor?.split());
    get<HTMLElement>('clear-sites').addEventListener('click', () => this.#setSites([]));
    get<HTMLElement>('example').addEventListener('click', () => void this.#example());
    get<HTMLElement>('download').addEventListener('click', () => this.#download());
    get<HTMLInputElement>('file').addEventListener('change', (event) => void this.#upload(event.target as HTMLInputElement));
    get<HTMLInputElement>('regions-file').addEventListener('change', (event) => void this.#uploadRegions(event.target as HTMLInputElement));
    get<HTMLElement>('clear-regions').addEventListener('click', () => this.#setRegions(undefined));
    for (const what of ['map', 'profile', 'value']) {
      get<HTMLElement>(`picture-${what}`).addEventListener('click', () => void this.#picture(what));
    }
    get<HTMLInputElement>('plan-file').addEventListener('change', (event) => void this.#open(event.target as HTMLInputElement));
  }

  #values(): Record<string, string> {
    return valuesOf(this.#form);
  }

  #say(text: string, bad = false): void {
    const said = get<HTMLElement>('said');
    said.textContent = text;
    said.className = bad ? 'notice bad' : 'small';
  }

  #mode(mode: Mode): void {
    for (const name of ['move', 'draw', 'sites']) get<HTMLElement>(`tool-${name}`).setAttribute('aria-pressed', String(name === mode));
    const hint = get<HTMLElement>('hint');
    hint.hidden = false;
    hint.textContent = word({ move: 'drag-hint', draw: 'draw-hint', sites: 'sites-hint' }[mode]);
  }

  // chart

  #frame(): void {
    const ends = ['from', 'to'].flatMap((name) => {
      const field = this.#airfield(this.#field(name).value);
      return field ? [[field.lon_deg, field.lat_deg] as Position] : [];
    });
    const path = this.#editor?.points ?? [];
    const all = path.length > 2 ? [...path] : [...ends.flatMap(([lon, lat]): Position[] => [[lon - 12, lat - 7], [lon + 22, Math.min(84, lat + 6)]])];
    this.#chart?.frame(all);
  }

  #betweenAirfields(remember: boolean): void {
    const from = this.#airfield(this.#field('from').value);
    const to = this.#airfield(this.#field('to').value);
    if (!from || !to || !this.#editor) return;
    const inner = this.#editor.points.slice(1, -1);
    this.#editor.set([[from.lon_deg, from.lat_deg], ...inner, [to.lon_deg, to.lat_deg]], remember);
  }

  #clear(): void {
    const ends = this.#editor?.points ?? [];
    if (this.#editor && ends.length > 2) this.#editor.set([ends[0]!, ends[ends.length - 1]!]);
    this.#setSites([]);
  }

  // sites: private to this node

  #setSites(sites: Site[]): void {
    this.#sites = sites;
    this.#seen = new Set();
    this.#drawSites();
    const total = sites.reduce((sum, s) => sum + s.value, 0);
    get<HTMLElement>('sites-said').textContent = sites.length
      ? word('sites-count', { n: sites.length, value: Math.round(total * 100) / 100 })
      : word('no-sites');
    get<HTMLElement>('clear-sites').hidden = sites.length === 0;
    if (this.#editor) this.#changed(this.#editor.points, true);
  }

  #drawSites(): void {
    const most = Math.max(1, ...this.#sites.map((s) => s.value));
    this.#chart?.show(
      'sites',
      collection(
        this.#sites.map((s, n) =>
          pointShape([s.lon_deg, s.lat_deg], { seen: this.#seen.has(n), radius: 2.5 + 4 * Math.sqrt(s.value / most) }),
        ),
      ),
    );
  }

  #pointed(at: Position): void {
    const map = this.#chart!.map;
    const here = map.project(at as [number, number]);
    const hit = this.#sites.findIndex((s) => {
      const shown = map.project([s.lon_deg, s.lat_deg]);
      return Math.hypot(shown.x - here.x, shown.y - here.y) < 10;
    });
    if (hit >= 0) this.#setSites(this.#sites.filter((_, n) => n !== hit));
    else this.#setSites([...this.#sites, { name: `S${this.#sites.length + 1}`, lon_deg: at[0], lat_deg: at[1], value: 1 }]);
  }

  async #example(): Promise<void> {
    this.#say('');
    const query = new URLSearchParams({ observed: this.#field('observed').value, on: this.#field('on').value });
    await this.#tried(async () => this.#setSites(await ask<Site[]>(`/planner/example-sites?${query}`)));
  }

  async #upload(input: HTMLInputElement): Promise<void> {
    const file = input.files?.[0];
    if (!file) return;
    this.#say('');
    const body = new FormData();
    body.append('file', file);
    const query = new URLSearchParams({ observed: this.#field('observed').value, on: this.#field('on').value });
    await this.#tried(async () => this.#setSites(await ask<Site[]>(`/planner/sites?${query}`, { method: 'POST', body })), file.name);
    input.value = '';
  }

  // regions: sub-limits and closed areas, as private as the sites

  async #uploadRegions(input: HTMLInputElement): Promise<void> {
    const file = input.files?.[0];
    if (!file) return;
    this.#say('');
    const body = new FormData();
    body.append('file', file);
    const query = new URLSearchParams({ observed: this.#field('observed').value, on: this.#field('on').value });
    await this.#tried(async () => this.#setRegions(await ask<Regions>(`/planner/regions?${query}`, { method: 'POST', body })), file.name);
    input.value = '';
  }

  #setRegions(regions: Regions | undefined): void {
    this.#regions = regions;
    sayRegions(get('regions-said'), regions);
    get<HTMLElement>('clear-regions').hidden = !regions;
    this.#chart?.show('regions', regions?.regions ?? collection([]));
    if (this.#editor) this.#changed(this.#editor.points, true);
  }

  async #picture(what: string): Promise<void> {
    const swath = Number(this.#field('swath_km').value) || null;
    const conditions = conditionsOf(this.#values(), this.#regions);
    const body = {
      what,
      on: this.#field('on').value,
      ...(what === 'value' ? { history: this.#history } : { plan: this.#feature(this.#editor?.points ?? []), swath_km: swath }),
      ...(what === 'map' ? { sites: this.#sites, regions: conditions['regions'], region_names: conditions['region_names'] } : {}),
    };
    this.#say('');
    await this.#tried(() => fetchFile('/api/plans/picture', body, `${what}.svg`));
  }

  /** Do it; a refusal is said beside the form, with the name of the file that it concerns, if any. */
  async #tried(act: () => Promise<void>, file = ''): Promise<void> {
    try {
      await act();
    } catch (failure) {
      if (failure instanceof DOMException && failure.name === 'AbortError') return;
      const why = failure instanceof Refusal ? failure.problem.detail : word('no-answer');
      if (file && failure instanceof SyntaxError) this.#say(word('no-json', { name: file }), true);
      else this.#say(file && !why.includes(file) ? word('of-file', { name: file, why }) : why, true);
    }
  }

  // checks

  #feature(points: readonly Position[]): PlanFeature {
    if (this.#stated && JSON.stringify(points) === JSON.stringify(this.#stated.geometry.coordinates)) return this.#stated;
    const values = this.#values();
    const height = Number(values['height_agl_m']);
    const speed = Number(values['speed_kmh']);
    const sensors = sensorsOf(values);
    const observing = this.#choices.own ?? values['observing'];
    return {
      type: 'Feature',
      geometry: { type: 'LineString', coordinates: points as Position[] },
      properties: {
        observed: this.#field('observed').value,
        ...(observing ? { observing } : {}),
        start_airfield: this.#field('from').value,
        end_airfield: this.#field('to').value,
        ...(height > 0 ? { height_agl_m: height } : {}),
        ...(speed > 0 ? { ground_speed_kmh: speed } : {}),
        ...(values['take_off'] ? { take_off: values['take_off'] } : {}),
        ...(sensors.length ? { sensors } : {}),
      },
    };
  }

  #changed(points: readonly Position[], settled: boolean): void {
    get<HTMLButtonElement>('undo').disabled = !this.#editor?.canUndo;
    for (const id of ['download', 'picture-map', 'picture-profile']) get<HTMLButtonElement>(id).disabled = points.length < 3;
    this.#chart?.show('finding', collection([]));
    if (settled) showRows(get('waypoints'), points, () => this.#editor);
    const nothing = points.length < 3 || !this.#field('observed').value;
    get<HTMLElement>('judged').hidden = nothing;
    if (nothing) return;
    if (settled || !this.#checking) void this.#check(points, settled);
    clearTimeout(this.#settledLater);
    if (!settled) this.#settledLater = setTimeout(() => void this.#check(this.#editor!.points, false), 80);
    if (settled) this.#keep();
  }

  async #check(points: readonly Position[], settled: boolean): Promise<void> {
    this.#checking?.abort();
    const mine = new AbortController();
    this.#checking = mine;
    const body = {
      plan: this.#feature(points),
      on: this.#field('on').value,
      swath_km: Number(this.#field('swath_km').value) || null,
      ...conditionsOf(this.#values(), this.#regions),
      ...(settled ? { sites: this.#sites, profile: true } : {}),
    };
    await this.#tried(async () => {
      const found = await send<Checked>('/api/plans/check', body, mine.signal);
      if (!mine.signal.aborted) this.#show(found, settled);
    });
    if (this.#checking === mine) this.#checking = undefined;
  }

  #show(found: Checked, settled: boolean): void {
    showLengths(get('lengths'), found);
    showFindings(get('findings'), [...found.findings, ...(found.conditions ?? [])], (at) => {
      this.#chart?.show('finding', collection([pointShape(at)]));
      this.#chart?.map.easeTo({ center: at as [number, number], zoom: Math.max(6.5, this.#chart.map.getZoom()), duration: 0 });
    });
    if (!settled) return;
    showProfile(get('profile'), found.profile ?? null);
    this.#seen = new Set(found.observed?.sites ?? []);
    this.#drawSites();
    get<HTMLElement>('observed-said').textContent = found.observed
      ? word('sites-observed', { n: found.observed.sites.length, all: this.#sites.length, value: round(found.observed.value), total: round(found.observed.total_value) })
      : '';
  }

  // search

  async #optimise(): Promise<void> {
    if (this.#searching) return;
    if (!this.#editor) return this.#say(word('no-webgl'), true);
    if (!this.#sites.length) return this.#say(word('no-sites'), true);
    const values = this.#values();
    const number = (name: string): number | undefined => (values[name] === undefined ? undefined : Number(values[name]));
    const body = {
      observed: values['observed'], from: values['from'], to: values['to'], on: values['on'], sites: this.#sites,
      swath_km: number('swath_km'), max_km: number('max_km'), seconds: number('seconds'), height_agl_m: number('height_agl_m'),
      seed: number('seed'), steps: number('steps'), observing: this.#choices.own ?? values['observing'],
      ...conditionsOf(values, this.#regions),
    };
    this.#searching = new AbortController();
    get<HTMLButtonElement>('optimise').disabled = true;
    get<HTMLElement>('stop').hidden = false;
    const began = performance.now();
    this.#history = [];
    get('told').replaceChildren();
    this.#say(word('searching-begun'));
    await this.#tried(async () => {
      const found = await searchFor(body, this.#searching!.signal, (told) => this.#progress(told, began), (stop) => (this.#stop = stop));
      this.#history = found.history ?? this.#history;
      showCurve(get('curve'), this.#history, found.seconds);
      this.#take(found);
      this.#say(foundSentence(found));
      get('told').replaceChildren(...foundFacts(found).map((text) => element('li', {}, text)));
    });
    this.#searching = undefined;
    get<HTMLButtonElement>('optimise').disabled = false;
    get<HTMLElement>('stop').hidden = true;
    get<HTMLButtonElement>('picture-value').disabled = this.#history.length === 0;
  }

  /** What the search told last: as a sentence, and as the next step of the curve. */
  #progress({ step, value, bound, gap }: Told, began: number): void {
    const seconds = (performance.now() - began) / 1000;
    const last = this.#history[this.#history.length - 1];
    if (!last || last.value !== value || last.bound !== bound) this.#history.push({ seconds, step, value, bound, gap });
    showCurve(get('curve'), this.#history, seconds);
    const words = { value: round(value), seconds: Math.round(seconds), bound: round(bound ?? 0), gap: (100 * (gap ?? 0)).toFixed(1) };
    this.#say(word(bound === null || gap === null ? 'searching' : 'searching-bound', words));
  }

  #take(found: Found): void {
    this.#state(found.plan);
    this.#frame();
  }

  /** Show a plan as it states itself; a change of path or form makes it the form's own again. */
  #state(plan: PlanFeature): void {
    const coordinates = plan.geometry.coordinates.map(([lon, lat]): Position => [lon, lat]);
    this.#stated = { ...plan, geometry: { type: 'LineString', coordinates } };
    this.#editor?.set(coordinates);
  }

  // keeping

  /** What was kept; nothing of it if the address asks for another observed Party. */
  #draft(): Draft {
    const kept = this.#hasNode ? data<Draft>('draft') : (JSON.parse(sessionStorage.getItem('overflight.planner') ?? '{}') as Draft);
    const asked = new URLSearchParams(location.search).get('observed');
    return kept && (!asked || asked === kept.form?.['observed']) ? kept : {};
  }

  #keep(): void {
    clearTimeout(this.#keeping);
    this.#keeping = setTimeout(() => {
      const draft: Draft = { form: this.#values(), sites: this.#sites, points: [...(this.#editor?.points ?? [])], ...(this.#regions ? { regions: this.#regions } : {}) };
      if (!this.#hasNode) sessionStorage.setItem('overflight.planner', JSON.stringify(draft));
      const kept = (): void => {
        get<HTMLElement>('kept').textContent = word(this.#hasNode ? 'kept-on-node' : 'kept-in-tab');
      };
      if (this.#hasNode) void send('/planner/draft', draft).then(kept, () => undefined);
      else kept();
    }, 600);
  }

  #download(): void {
    const text = JSON.stringify(this.#feature(this.#editor?.points ?? []), null, 1);
    download(word('plan-file'), new Blob([text], { type: 'application/geo+json' }));
  }

  async #open(input: HTMLInputElement): Promise<void> {
    const file = input.files?.[0];
    input.value = '';
    if (!file) return;
    await this.#tried(async () => {
      this.#say('');
      const plan = JSON.parse(await file.text()) as PlanFeature;
      await send('/api/plans/check', plan); // says in one sentence what is wrong with it, if anything is
      this.#fill(formOf(plan.properties));
      this.#state(plan);
      this.#frame();
    }, file.name);
  }
}

const round = (value: number): number => Math.round(value * 100) / 100;

/** What a plan file states, as far as the form has a field for it. */
function formOf(given: PlanFeature['properties']): Record<string, string> {
  const named = { observed: 'observed', start_airfield: 'from', end_airfield: 'to', height_agl_m: 'height_agl_m', ground_speed_kmh: 'speed_kmh', take_off: 'take_off', swath_km: 'swath_km' };
  const rows = Object.entries(named).map(([key, name]): [string, unknown] => [name, given[key]]);
  return Object.fromEntries(rows.filter(([, value]) => typeof value === 'string' || typeof value === 'number').map(([name, value]) => [name, String(value)]));
}

export async function start(): Promise<void> {
  await new Planner().start();
}

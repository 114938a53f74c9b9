// Which plan a page works on: one of this node's flights, the planner's own path, or a file.

import { sensorsOf, type Regions } from './conditions.ts';
import type { Position } from './geodesy.ts';
import type { Site } from './search.ts';
import { data, Refusal, send, word } from './words.ts';

export interface PlanFeature {
  type: 'Feature';
  geometry: { type: 'LineString'; coordinates: Position[] };
  properties: Record<string, unknown> & { observed?: string };
}

export interface Given {
  plans: { name: string; plan: PlanFeature }[];
  draft: { form?: Record<string, string>; sites?: Site[]; points?: Position[]; regions?: Regions };
  day: string;
  own: string | null;
}

export class PlanChoice {
  readonly given = data<Given>('given')!;
  readonly #select = document.getElementById('plan') as HTMLSelectElement;
  readonly #say: (text: string, bad?: boolean) => void;
  readonly #chosen: (plan: PlanFeature) => void;
  #file: PlanFeature | undefined;
  #now: PlanFeature | undefined;

  constructor(say: (text: string, bad?: boolean) => void, chosen: (plan: PlanFeature) => void) {
    this.#say = say;
    this.#chosen = chosen;
    this.#option('draft').hidden = this.#draft() === undefined;
    this.#select.addEventListener('change', () => this.#take());
    document.getElementById('plan-file')!.addEventListener('change', (event) => void this.#open(event.target as HTMLInputElement));
    document.getElementById('on')!.addEventListener('change', (event) => {
      location.assign(`${location.pathname}?on=${(event.target as HTMLInputElement).value}`);
    });
  }

  get plan(): PlanFeature | undefined {
    return this.#now;
  }

  get draft(): Given['draft'] {
    if (this.given.own) return this.given.draft;
    return JSON.parse(sessionStorage.getItem('overflight.planner') ?? '{}') as Given['draft'];
  }

  /** Begin with the only plan there is, if there is only one. */
  begin(): void {
    const open = [...this.#select.options].filter((o) => o.value && !o.hidden);
    if (open.length) this.#select.value = open[0]!.value;
    this.#take();
  }

  #option(value: string): HTMLOptionElement {
    return [...this.#select.options].find((o) => o.value === value)!;
  }

  #take(): void {
    const { value } = this.#select;
    this.#now = value === 'draft' ? this.#draft() : value === 'file' ? this.#file : this.given.plans[Number(value || -1)]?.plan;
    if (this.#now) this.#chosen(this.#now);
  }

  #draft(): PlanFeature | undefined {
    const { form = {}, points = [] } = this.draft;
    if (points.length < 3 || !form['observed']) return undefined;
    const height = Number(form['height_agl_m']);
    const properties = {
      observed: form['observed'], start_airfield: form['from'] ?? '', end_airfield: form['to'] ?? '',
      ...(this.given.own ? { observing: this.given.own } : {}),
      ...(height > 0 ? { height_agl_m: height } : {}),
      ...(Number(form['speed_kmh']) > 0 ? { ground_speed_kmh: Number(form['speed_kmh']) } : {}),
      ...(form['take_off'] ? { take_off: form['take_off'] } : {}),
      ...(sensorsOf(form).length ? { sensors: sensorsOf(form) } : {}),
      ...(Number(form['swath_km']) > 0 ? { swath_km: Number(form['swath_km']) } : {}),
    };
    return { type: 'Feature', geometry: { type: 'LineString', coordinates: points }, properties };
  }

  async #open(input: HTMLInputElement): Promise<void> {
    const file = input.files?.[0];
    input.value = '';
    if (!file) return;
    this.#say('');
    try {
      const plan = JSON.parse(await file.text()) as PlanFeature;
      await send('/api/plans/check', plan); // says in one sentence what is wrong with it, if anything is
      this.#file = plan;
      const option = this.#option('file');
      option.hidden = false;
      option.textContent = file.name;
      this.#select.value = 'file';
      this.#take();
    } catch (failure) {
      const why = failure instanceof Refusal ? failure.problem.detail : word('no-answer');
      this.#say(failure instanceof SyntaxError ? word('no-json', { name: file.name }) : word('of-file', { name: file.name, why }), true);
    }
  }
}

/** Read a file of sites through the node; the observed Party tells swapped coordinates. */
export async function sitesOf(input: HTMLInputElement, observed: string | undefined, on: string): Promise<Site[]> {
  const file = input.files?.[0];
  input.value = '';
  if (!file) return [];
  const body = new FormData();
  body.append('file', file);
  const query = new URLSearchParams({ on, ...(observed ? { observed } : {}) });
  const answer = await fetch(`/planner/sites?${query}`, { method: 'POST', body, headers: { accept: 'application/json' } });
  if (!answer.ok) throw new Refusal((await answer.json()) as Refusal['problem']);
  return (await answer.json()) as Site[];
}

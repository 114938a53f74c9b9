// The list for owners of sites: what comes into view, from when to when; as a table and as files.

import { PlanChoice, sitesOf } from './choose.ts';
import { fetchFile, said } from './files.ts';
import type { Site } from './search.ts';
import { element, send, word } from './words.ts';

interface Row {
  site: string;
  sensor: string | null;
  from: string | null;
  until: string | null;
  earliest: string | null;
  latest: string | null;
  from_km?: number | null;
  until_km?: number | null;
}

interface Listed {
  stage: string;
  means: string;
  rows: Row[];
  not_in_view?: number;
  left_out?: unknown[];
}

const get = <T extends Element>(id: string): T => document.getElementById(id) as unknown as T;
const MOST_SHOWN = 500;
const NUMBERS = ['swath_km', 'height_m', 'speed_tolerance_percent', 'time_tolerance_min'];
const TEXTS = ['observed', 'from', 'eta', 'flight', 'completed'];

export function start(): Promise<void> {
  let sites: Site[] = [];
  const form = get<HTMLFormElement>('owners');
  const say = (text: string, bad = false): void => {
    const place = get<HTMLElement>('said');
    place.textContent = text;
    place.className = bad ? 'notice bad' : 'small';
  };
  const field = (name: string): HTMLInputElement => form.elements.namedItem(name) as HTMLInputElement;
  const choice = new PlanChoice(say, () => say(''));
  const staged = (): void => {
    for (const part of form.querySelectorAll<HTMLElement>('[data-stage]')) part.hidden = !part.dataset['stage']!.split(' ').includes(field('stage').value);
  };
  const body = (): Record<string, unknown> => {
    const out: Record<string, unknown> = { stage: field('stage').value, on: field('on').value, sites };
    if (choice.plan) out['plan'] = choice.plan;
    for (const name of NUMBERS) if (field(name).value && !field(name).closest<HTMLElement>('[data-stage]')?.hidden) out[name] = Number(field(name).value);
    for (const name of TEXTS) if (field(name).value && !field(name).closest<HTMLElement>('[data-stage]')?.hidden) out[name] = field(name).value.trim();
    const sensors = field('sensors').value.split(/[\s,;]+/).filter(Boolean);
    if (sensors.length) out['sensors'] = sensors;
    return out;
  };
  const show = (found: Listed): void => {
    get<HTMLElement>('means').textContent = found.means;
    get<HTMLElement>('files').hidden = found.rows.length === 0;
    get<HTMLElement>('table').hidden = found.rows.length === 0;
    const more = found.stage === 'notice' ? word('left-out', { n: found.left_out?.length ?? 0 }) : found.not_in_view === undefined ? '' : word('not-in-view', { n: found.not_in_view });
    get<HTMLElement>('count').textContent = [found.rows.length ? word('rows', { n: found.rows.length }) : word('no-rows'), more].filter(Boolean).join('; ');
    const heads = [...document.querySelectorAll('#table th')].map((th) => th.textContent ?? '');
    get<HTMLElement>('rows').replaceChildren(
      ...found.rows.slice(0, MOST_SHOWN).map((row) => {
        // Without times the place along the path is what is known.
        const at = (time: string | null, km: number | null | undefined): string | null => time ?? (km == null ? null : `${Math.round(km)} km`);
        const cells = [row.site, row.sensor, at(row.from, row.from_km), at(row.until, row.until_km), row.earliest, row.latest];
        return element('tr', {}, ...cells.map((text, n) => element('td', { 'data-label': heads[n] ?? '', ...(n ? {} : { class: 'first' }) }, text ?? '–')));
      }),
    );
  };
  const tried = async (act: () => Promise<void>): Promise<void> => {
    say('');
    try {
      await act();
    } catch (failure) {
      say(said(failure, word('no-answer')), true);
    }
  };
  form.addEventListener('change', staged);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void tried(async () => show(await send<Listed>('/api/plans/sites', body())));
  });
  get<HTMLInputElement>('file').addEventListener('change', (event) =>
    void tried(async () => {
      const found = await sitesOf(event.target as HTMLInputElement, choice.plan?.properties.observed ?? (field('observed').value.trim() || undefined), field('on').value);
      if (!found.length) return;
      sites = found;
      get<HTMLElement>('sites-said').textContent = word('n-sites', { n: sites.length });
    }),
  );
  for (const button of document.querySelectorAll<HTMLButtonElement>('button[data-as]')) {
    const kind = button.dataset['as']!;
    button.addEventListener('click', () => void tried(() => fetchFile('/api/plans/sites', { ...body(), as: kind }, `sites.${kind}`)));
  }
  staged();
  choice.begin();
  document.body.dataset['ready'] = 'yes';
  return Promise.resolve();
}

// The map of Parties with its day slider: memberships are in the page, so that sliding asks nobody.

import { Chart } from './chart.ts';
import { data, word } from './words.ts';

interface Membership {
  code: string;
  name: string;
  since: string | null;
  until: string | null;
}

const DAY = 86_400_000;

export async function start(): Promise<void> {
  const place = document.getElementById('chart');
  const slide = document.querySelector<HTMLInputElement>('#slide');
  if (!place || !slide) return;
  keepOpen();
  const memberships = data<Membership[]>('memberships') ?? [];
  const chart = await Chart.open(place, [40, 58], place.clientWidth < 500 ? 0.9 : 1.5);
  const show = (): void => {
    const day = new Date(Number(slide.value) * DAY).toISOString().slice(0, 10);
    const parties = memberships.filter((m) => m.since !== null && m.since <= day && (m.until === null || day < m.until));
    chart?.parties(parties.map((m) => m.code));
    const count = document.getElementById('count');
    if (count) count.textContent = word('n-parties', { n: parties.length });
    const words = document.getElementById('day-words');
    if (words) words.textContent = readable(day);
    slide.setAttribute('aria-valuetext', readable(day));
    const field = document.querySelector<HTMLInputElement>('#day');
    if (field) field.value = day;
  };
  slide.addEventListener('input', show);
  // Letting go of the slider shows that day's tables too, where the page has them.
  if (document.getElementById('day')) {
    slide.addEventListener('change', () => {
      const day = new Date(Number(slide.value) * DAY).toISOString().slice(0, 10);
      location.assign(`/treaty?on=${day}`);
    });
  }
  show();
}

/** Folded parts that the reader opened stay open from day to day. */
function keepOpen(): void {
  for (const part of document.querySelectorAll<HTMLDetailsElement>('details[data-keep]')) {
    const key = `overflight.open.${part.dataset['keep']}`;
    if (sessionStorage.getItem(key)) part.open = true;
    part.addEventListener('toggle', () => (part.open ? sessionStorage.setItem(key, '1') : sessionStorage.removeItem(key)));
  }
}

function readable(day: string): string {
  const [year, month, date] = day.split('-');
  const name = new Date(`${day}T00:00Z`).toLocaleString('en-GB', { month: 'short', timeZone: 'UTC' }).slice(0, 3);
  return `${Number(date)} ${name || month} ${year}`;
}

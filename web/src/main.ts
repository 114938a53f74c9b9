// Every page's script: fonts, htmx, clock, theme, sheets. The map and what needs it load only where a page has one.

import '@fontsource/ibm-plex-sans/400.css';
import '@fontsource/ibm-plex-sans/500.css';
import '@fontsource/ibm-plex-sans/600.css';
import '@fontsource/ibm-plex-mono/400.css';
import 'htmx.org';

function clock(): void {
  const shown = document.querySelector<HTMLTimeElement>('time[data-clock]');
  if (!shown || shown.dataset['clock'] !== 'real') return; // an exercise clock stands until it is stepped
  const tick = (): void => {
    const now = new Date();
    shown.dateTime = now.toISOString();
    shown.textContent = `${now.toISOString().slice(11, 16)}Z`;
  };
  tick();
  setInterval(tick, 5000);
}

function localTimes(root: ParentNode): void {
  for (const time of root.querySelectorAll<HTMLTimeElement>('time[datetime]:not([title])')) {
    const moment = new Date(time.dateTime);
    if (!Number.isNaN(moment.valueOf())) time.title = moment.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'long' });
  }
}

function theme(): void {
  const button = document.querySelector<HTMLButtonElement>('button[data-theme-switch]');
  button?.addEventListener('click', () => {
    const root = document.documentElement;
    const dark = root.dataset['theme']
      ? root.dataset['theme'] === 'dark'
      : matchMedia('(prefers-color-scheme: dark)').matches;
    root.dataset['theme'] = dark ? 'light' : 'dark';
    document.cookie = `theme=${root.dataset['theme']}; path=/; max-age=31536000; samesite=strict`;
    document.dispatchEvent(new Event('overflight:theme'));
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () =>
    document.dispatchEvent(new Event('overflight:theme')),
  );
}

/** A sheet that the server sent opens as soon as it is in the page; what it confirms is an ordinary form. */
function sheets(): void {
  document.addEventListener('htmx:after:swap', () => {
    const sheet = document.querySelector<HTMLDialogElement>('#sheet dialog:not([open])');
    sheet?.showModal();
    localTimes(document);
  });
  document.addEventListener('click', (event) => {
    const target = event.target instanceof Element ? event.target : null;
    if (target?.closest('[data-close]')) target.closest('dialog')?.close();
  });
  document.addEventListener('submit', (event) => {
    if (!(event.target instanceof HTMLFormElement) || event.target.method === 'dialog') return;
    const button = event.target.querySelector<HTMLButtonElement>('button[data-once]');
    if (button) setTimeout(() => (button.disabled = true)); // nothing is signed twice by a second click
  });
}

/** A field that is folded away cannot say what is wrong with it: what holds it opens first. */
function unfold(): void {
  const open = (event: Event): void => {
    for (let place = event.target as Element | null; place; place = place.parentElement) if (place instanceof HTMLDetailsElement) place.open = true;
  };
  document.addEventListener('invalid', open, true);
}

async function maps(): Promise<void> {
  const place = document.querySelector<HTMLElement>('[data-place]')?.dataset['place'];
  if (place === 'planner') await (await import('./planner.ts')).start();
  if (place === 'negotiate') await (await import('./negotiate.ts')).start();
  if (place === 'owners') await (await import('./owners.ts')).start();
  if (place === 'treaty') await (await import('./treaty.ts')).start();
  if (place === 'flight') await (await import('./flight.ts')).start();
  if (place === 'images') await (await import('./images.ts')).start();
}

clock();
theme();
sheets();
unfold();
localTimes(document);
void maps();

// The waypoints as a table of numbers: the way to move a path without a pointer.

import type { PathEditor } from './editor.ts';
import type { Position } from './geodesy.ts';
import { element, word } from './words.ts';

export function showRows(body: HTMLElement, points: readonly Position[], editor: () => PathEditor | undefined): void {
  body.replaceChildren(
    ...points.slice(1, -1).map(([lon, lat], k) => {
      const n = k + 1;
      const field = (value: number, label: string, most: number, put: (x: number) => Position): HTMLInputElement => {
        const input = element('input', { type: 'number', step: 'any', min: String(-most), max: String(most), value: String(value), 'aria-label': word(label, { n }) });
        input.addEventListener('change', () => input.checkValidity() && input.value !== '' && editor()?.move(n, put(Number(input.value))));
        return input;
      };
      const drop = element('button', { type: 'button', class: 'plain small', 'aria-label': word('remove-waypoint', { n }) }, word('remove'));
      drop.addEventListener('click', () => editor()?.remove(n));
      return element('tr', {}, element('td', {}, String(n)),
        element('td', {}, field(lat, 'latitude-of', 90, (x) => [lon, x])),
        element('td', {}, field(lon, 'longitude-of', 180, (x) => [x, lat])),
        element('td', {}, drop));
    }),
  );
}

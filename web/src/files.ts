// Files that the page makes for its reader, and pictures that the node draws.

import { element, problemOf, Refusal } from './words.ts';

export function download(name: string, data: Blob): void {
  const link = element('a', { href: URL.createObjectURL(data), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

/** Ask the node for a file and save it as `name`. */
export async function fetchFile(path: string, body: unknown, name: string): Promise<void> {
  const answer = await fetch(path, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
  if (!answer.ok) throw new Refusal(await problemOf(answer));
  download(name, await answer.blob());
}

export const said = (failure: unknown, otherwise: string): string => (failure instanceof Refusal ? failure.problem.detail : otherwise);

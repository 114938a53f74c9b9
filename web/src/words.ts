// Sentences for people come from the server's catalogue, in a JSON block of the page; none stands here.

let table: Record<string, string> | undefined;

/** The reader's words for `key`, with {name} filled in. */
export function word(key: string, values: Record<string, string | number> = {}): string {
  table ??= data<Record<string, string>>('words') ?? {};
  return (table[key] ?? key).replace(/\{(\w+)\}/g, (all, name: string) => String(values[name] ?? all));
}

/** The JSON that the server put into the page under `id`. */
export function data<T>(id: string): T | undefined {
  const text = document.getElementById(id)?.textContent;
  return text ? (JSON.parse(text) as T) : undefined;
}

/** An element with attributes and children; texts are never read as HTML. */
export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Record<string, string> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** The same for SVG. */
export function drawing(name: string, attributes: Record<string, string | number> = {}, ...children: (Node | string)[]): SVGElement {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  made.append(...children);
  return made;
}

/** An icon of the sprite. */
export function icon(name: string): SVGElement {
  return drawing('svg', { class: 'icon', 'aria-hidden': 'true' }, drawing('use', { href: `/static/icons.svg#${name}` }));
}

export interface Problem {
  code: string;
  detail: string;
  citation?: string;
  field?: string;
}

/** An answer of our own interface that was not a success. */
export class Refusal extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

/** Ask our own interface; a problem document becomes a `Refusal`. */
export async function ask<T>(path: string, init: RequestInit = {}): Promise<T> {
  const answer = await fetch(path, { headers: { accept: 'application/json', ...(init.headers ?? {}) }, ...init });
  if (!answer.ok) throw new Refusal(await problemOf(answer));
  return (await answer.json()) as T;
}

/** Send JSON and read JSON. */
export function send<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> {
  return ask<T>(path, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    ...(signal ? { signal } : {}),
  });
}

/** What an answer without success says. */
export async function problemOf(answer: Response): Promise<Problem> {
  try {
    return (await answer.json()) as Problem;
  } catch {
    return { code: 'no-answer', detail: word('no-answer') };
  }
}

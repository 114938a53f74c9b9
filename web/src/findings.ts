// Findings beside what caused them: worst first, each with number, limit, paragraph and its place on the chart.

import type { Position } from './geodesy.ts';
import { element, icon, word } from './words.ts';

export interface Finding {
  citation: string;
  rule: string;
  verdict: string;
  because: string;
  where: { type?: string; coordinates?: Position; leg?: number } | null;
  limit?: { value: number; unit: string } | null;
}

const KEPT = new Set(['complies', 'right']);

export function showFindings(place: HTMLElement, findings: readonly Finding[], show: (at: Position) => void): void {
  const open = findings.filter((f) => !KEPT.has(f.verdict) && f.verdict !== 'undetermined');
  const lacking = findings.filter((f) => f.verdict === 'undetermined');
  const kept = findings.filter((f) => KEPT.has(f.verdict));
  const breaches = open.filter((f) => f.verdict === 'breaches').length;
  const head = element('p', { class: breaches ? 'verdict breaches' : 'verdict complies' });
  const sentence = breaches > 1 ? word('n-breaches', { n: breaches }) : word(breaches ? 'one-breach' : 'all-comply');
  head.append(icon(breaches ? 'breaches' : 'complies'), element('span', {}, sentence));
  const list = element('ul', {}, ...open.map((f) => line(f, show)));
  const folded = [fold('lacking', lacking, place, show), fold('quiet', kept, place, show)];
  place.replaceChildren(head, list, ...folded.filter((part) => part !== undefined));
}

/** Findings that ask nothing of the reader now, folded away; what was open stays open. */
function fold(key: string, findings: readonly Finding[], place: HTMLElement, show: (at: Position) => void): HTMLElement | undefined {
  if (!findings.length) return undefined;
  const made = element('details', { class: 'claim', 'data-fold': key });
  made.open = place.querySelector<HTMLDetailsElement>(`details[data-fold="${key}"]`)?.open ?? false;
  made.append(element('summary', { class: 'muted small' }, word(key, { n: findings.length })), element('ul', {}, ...findings.map((f) => line(f, show))));
  return made;
}

function line(finding: Finding, show: (at: Position) => void): HTMLLIElement {
  const verdict = element('span', { class: `verdict ${finding.verdict}` });
  verdict.append(icon(finding.verdict), word(finding.verdict));
  const own = finding.citation === 'planner'; // a condition of the planner's own, which no paragraph makes
  const address = { class: 'mono', href: `/treaty/${encodeURIComponent(finding.citation)}` };
  const link = own ? element('span', { class: 'muted small' }, word('own-condition')) : element('a', address, finding.citation);
  const made = element('li', { class: 'finding', 'data-rule': finding.rule });
  made.append(element('div', { class: 'row' }, verdict, link), element('p', {}, finding.because));
  const at = finding.where?.coordinates;
  if (finding.where?.type === 'Point' && at) {
    const button = element('button', { type: 'button', class: 'plain small' }, word('show-on-map'));
    button.addEventListener('click', () => show([at[0], at[1]]));
    made.append(button);
  }
  return made;
}

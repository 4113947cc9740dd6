import { html, type Html } from './html.js';
import type { Standing } from './verdict.js';

/** A shape for each standing, so that colour is never the only sign. The words beside it say the same to a screen reader. */
export function standingIcon(standing: Standing): Html {
  return html`<svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">${SHAPES[standing]}</svg>`;
}

const RING = html`<circle cx="8" cy="8" r="6.5" fill="none" stroke="currentColor" stroke-width="1.5"></circle>`;

const SHAPES: Readonly<Record<Standing, Html>> = {
  intervention: html`<path
      d="M8 1 15 14.5H1Z"
      fill="none"
      stroke="currentColor"
      stroke-width="1.5"
      stroke-linejoin="round"
    ></path
    ><path d="M8 6v4M8 11.6v.9" stroke="currentColor" stroke-width="1.6"></path>`,
  drift: html`<path
    d="M2.5 5.5h11M2.5 10.5h11M10.5 2l-5 12"
    stroke="currentColor"
    stroke-width="1.7"
    fill="none"
  ></path>`,
  unknown: html`${RING}<path
      d="M6 6.2a2 2 0 1 1 2.9 1.8c-.6.3-.9.7-.9 1.3M8 11v1"
      stroke="currentColor"
      stroke-width="1.5"
      fill="none"
    ></path>`,
  overdue: html`${RING}<path d="M8 4.2V8l2.6 1.8" stroke="currentColor" stroke-width="1.5" fill="none"></path>`,
  paused: html`<path d="M5.2 3v10M10.8 3v10" stroke="currentColor" stroke-width="2.4"></path>`,
  accepted: html`<path
    d="M2 6.5c2-2 4-2 6 0s4 2 6 0M2 11c2-2 4-2 6 0s4 2 6 0"
    stroke="currentColor"
    stroke-width="1.6"
    fill="none"
  ></path>`,
  ok: html`<path d="M2.5 8.5 6.3 12.3 13.5 4" stroke="currentColor" stroke-width="2" fill="none"></path>`,
  stopped: html`<path d="M3.5 3.5h9v9h-9z" fill="none" stroke="currentColor" stroke-width="1.6"></path>`,
};

/** The mark of the project: a plumb line. */
export const MARK = html`<svg class="mark" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
  <path d="M8 0v8" stroke="currentColor" stroke-width="1.2"></path>
  <path d="M5.2 8h5.6v2.2L8 16l-2.8-5.8Z" fill="currentColor"></path>
</svg>`;

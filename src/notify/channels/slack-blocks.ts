import type { Message } from '../channel.js';
import { pieces, shortened } from './shortened.js';

// https://docs.slack.dev/reference/block-kit/blocks/section-block and header-block: at most 3,000 and 150 characters.
const SECTION_LENGTH = 3_000;
const HEADER_LENGTH = 150;

/** Slack interprets only these three characters (https://docs.slack.dev/messaging/formatting-message-text#escaping). */
export function escapeSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** What phones, screen readers and old clients show instead of the blocks. */
export function slackFallback({ subject, text }: Message): string {
  return escapeSlack(`${subject}\n${text}`);
}

/**
 * The message as blocks. The link is text and not a button, because Slack reports a click on a button to the app, and shows the
 * reader a warning if the app does not accept such reports.
 */
export function slackBlocks({ subject, text, link }: Message): object[] {
  const section = (markdown: string): object => ({
    type: 'section',
    // Slack turns nothing in the text into a link, a mention or a channel.
    text: { type: 'mrkdwn', text: markdown, verbatim: true },
  });
  const escaped = pieces(escapeSlack(text), SECTION_LENGTH, /&(?:amp|lt|gt);|[^]/gu);
  return [
    { type: 'header', text: { type: 'plain_text', text: shortened(subject, HEADER_LENGTH), emoji: false } },
    ...escaped.map(section),
    ...(link === null ? [] : [section(`<${linkAddress(link.url)}|${escapeSlack(link.label).replaceAll('|', '/')}>`)]),
  ];
}

/** Escapes the characters that would end a link. */
function linkAddress(url: string): string {
  return escapeSlack(url.replaceAll('|', '%7C').replaceAll('<', '%3C').replaceAll('>', '%3E'));
}

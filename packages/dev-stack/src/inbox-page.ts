import type { InboxMessage } from './inbox-message.js';

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.45 system-ui, sans-serif; }
body { margin: 0 auto; padding: 1rem; max-width: 46rem; }
h1 { font-size: 1.3rem; }
article { border: 1px solid #8886; border-left: 4px solid #888; border-radius: 6px; padding: .2rem 1rem .8rem; margin: 1rem 0; }
article.page { border-left-color: #d33; }
article.resolved, article.acknowledged { border-left-color: #2a7; }
h2 { font-size: 1.05rem; margin: .6rem 0 .2rem; overflow-wrap: anywhere; }
p { margin: .2rem 0; color: color-mix(in srgb, currentColor 65%, transparent); }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font: .9rem/1.45 ui-monospace, monospace; margin: .6rem 0; }
`;

/** The page of the inbox, newest message first. It reloads every few seconds, and has no script. */
export function inboxPage(messages: readonly InboxMessage[]): string {
  const list = messages.length === 0 ? '<p>No message yet.</p>' : messages.map(article).join('\n');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="5">
<title>Plumbline inbox (${messages.length})</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Plumbline inbox</h1>
<p>The calls for a human on this machine. In production they go to the channels of your configuration.</p>
${list}
</body>
</html>
`;
}

function article(message: InboxMessage): string {
  const { receivedAt, occasion, severity, subject, text, link } = message;
  const kind = occasion === 'acknowledged' || occasion === 'resolved' ? occasion : severity;
  return `<article class="${escaped(kind)}">
<h2>${escaped(subject)}</h2>
<p><time datetime="${escaped(receivedAt)}">${escaped(receivedAt.slice(0, 19).replace('T', ' '))} UTC</time>, ${escaped(occasion)}, ${escaped(severity)}</p>
<pre>${escaped(text)}</pre>
${link !== null && /^https?:\/\//.test(link) ? `<p><a href="${escaped(link)}" rel="noreferrer">Look and answer</a></p>` : ''}
</article>`;
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

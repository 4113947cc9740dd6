// Lets plain Node import this project's TypeScript without a build: `import './scripts/typescript-loader.mjs'` first, then
// `await import('./some.ts')`. For test support and benches; the product itself runs from dist/.
import { register } from 'node:module';

register('./typescript-hooks.mjs', import.meta.url);

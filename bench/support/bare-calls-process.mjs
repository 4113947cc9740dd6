// Started by bare-calls.ts: node bare-calls-process.mjs CONFIG ACCOUNT
import '../../scripts/typescript-loader.mjs';

const { answerWithBareCalls } = await import('./bare-calls.ts');
answerWithBareCalls(process.argv[2], process.argv[3]);

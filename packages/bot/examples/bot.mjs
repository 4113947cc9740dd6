// A bot that places an order every second, if it may. Ends after the given number of orders.
//
//   node packages/bot/examples/bot.mjs http://127.0.0.1:9400 futures-main 3
import { setTimeout as sleep } from 'node:timers/promises';
import { Gate, GateClosed } from 'plumbline-bot';

const [url, account, count = '10'] = process.argv.slice(2);
const gate = new Gate({ url, account });
gate.watch((answer) => console.log('gate:', answer.open ? 'open' : answer.reasons));

const placeOrder = () => 'order placed'; // exchange.createOrder(...) of your bot

for (let orders = Number(count); orders > 0;) {
  try {
    console.log(await gate.hold(placeOrder));
    orders--;
  } catch (error) {
    if (!(error instanceof GateClosed)) throw error;
    console.log('held back:', error.message);
  }
  await sleep(1_000);
}
gate.close();

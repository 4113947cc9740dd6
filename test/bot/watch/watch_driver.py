"""A bot on a real ccxt object that is watched: calls what each line asks, and answers with the order's id or the error's classes."""

import asyncio
import inspect
import json
import re
import sys

import ccxt
import ccxt.async_support
from plumbline_bot import watch

options = json.loads(sys.argv[1])


def local(urls, base):
    if isinstance(urls, str):
        return re.sub(r"^https?://[^/]+", base, urls)
    return {name: local(url, base) for name, url in urls.items()} if isinstance(urls, dict) else urls


def make():
    module = ccxt.async_support if options["isAsync"] else ccxt
    config = {**options["config"], "options": {"fetchMarkets": {"types": options["types"]}, "fetchMargins": False}}
    exchange = getattr(module, options["exchange"])(config)
    exchange.urls["api"] = local(exchange.urls["api"], options["simulatorUrl"] + "/" + options["exchange"])
    return exchange, watch(exchange, options["record"], options["positions"])


async def main():
    exchange, record = make()
    loop = asyncio.get_running_loop()
    while True:
        line = await loop.run_in_executor(None, sys.stdin.readline)
        if not line:
            break
        asked = json.loads(line)
        order, failed = None, None
        try:
            method = record.export if asked["method"] == "export" else getattr(exchange, asked["method"])
            args = [{} if arg is None and at == len(asked["args"]) - 1 else arg for at, arg in enumerate(asked["args"])]
            answer = method(*args)
            answer = await answer if inspect.isawaitable(answer) else answer
            order = answer.get("id") if isinstance(answer, dict) else None
        except Exception as error:
            failed = [each.__name__ for each in type(error).__mro__]
            print(error, file=sys.stderr)
        print(json.dumps({"id": asked["id"], "order": order, "error": failed}), flush=True)
    if options["isAsync"]:
        await exchange.close()


asyncio.run(main())

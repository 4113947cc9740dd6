"""The cases that both languages share, on an object that answers like ccxt.

    python3 -m unittest discover -s packages/bot-python/tests
"""

import asyncio
import json
import os
import re
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from plumbline_bot import RecordFailed, watch  # noqa: E402
from plumbline_bot._methods import METHODS  # noqa: E402

with open(os.path.join(os.path.dirname(__file__), "../../../test/bot/watch/cases.json"), encoding="utf-8") as file:
    TABLE = json.load(file)


def error_named(name):
    """An error with the classes that ccxt's has."""
    made = Exception
    for each in reversed([name, *TABLE["errors"][name]]):
        made = type(each, (made,), {})
    return made("simulated")


class Stub:
    """Answers each call by the step that is played."""

    # Of the class, like ccxt's: the record may not change the class.
    script = None

    def __init__(self, case):
        self.id = case.get("exchange", "stub")
        self.options = case.get("options", {})
        self.markets = {**TABLE["markets"], **case.get("markets", {})}
        self.decimals = case.get("rounding", {})
        self.expected = None

    def market(self, id):
        return next(market for market in self.markets.values() if market.get("id") == id)

    def amount_to_precision(self, symbol, amount):
        return self.rounded("amount", amount)

    def price_to_precision(self, symbol, price):
        return self.rounded("price", price)

    def rounded(self, what, value):
        if what not in self.decimals:
            return value
        return re.sub(r"(\.\d{%d})\d+$" % self.decimals[what], r"\1", value)

    def sign(self, path, api="public", method="GET", params={}, headers=None, body=None):
        return {"url": path, "method": method, "headers": headers, "body": body}

    def answer(self, name, args):
        step, self.script = self.script, None
        if step["call"] != name or step["args"] != list(args):
            raise AssertionError(f"{name}{args} is not what the step says")
        if not step.get("insideAfter"):
            self.play_inside(step)
        if "request" in step:
            self.sign("order", "private", "POST", step["request"])
        if step.get("insideAfter"):
            self.play_inside(step)
        if "error" in step:
            self.fail(step)
        return step["answer"]

    def handle_errors(self, code):
        pass

    def fail(self, step):
        if "status" in step:
            self.handle_errors(step["status"])
        self.expected = error_named(step["error"])
        raise self.expected from (OSError("the connection broke off") if step.get("cause") else None)

    def play_inside(self, step):
        for each in step.get("inside", []):
            self.play(each)

    def play(self, step):
        self.script = step
        return getattr(self, step["call"])(*step["args"])


def _method(name):
    def method(self, *args):
        return self.answer(name, args)

    return method


for _name in [*METHODS, "create_market_order"]:
    setattr(Stub, _name, _method(_name))


class AsyncStub(Stub):
    async def play_inside(self, step):
        for each in step.get("inside", []):
            await self.play(each)

    async def play(self, step):
        self.script = step
        await asyncio.sleep(0)
        return await getattr(self, step["call"])(*step["args"])


def _async_method(name):
    async def method(self, *args):
        step, self.script = self.script, None
        await asyncio.sleep(0)
        if not step.get("insideAfter"):
            await self.play_inside(step)
        if "request" in step:
            self.sign("order", "private", "POST", step["request"])
        if step.get("insideAfter"):
            await self.play_inside(step)
        if "error" in step:
            self.fail(step)
        return step["answer"]

    return method


for _name in [*METHODS, "create_market_order"]:
    setattr(AsyncStub, _name, _async_method(_name))


def differences(expected, found, at="state"):
    """Where `found` has not what `expected` says. Fields that `expected` does not name may be anything."""
    if isinstance(expected, dict) and isinstance(found, dict):
        return [each for name in expected for each in differences(expected[name], found.get(name), f"{at}.{name}")]
    if isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        return [each for i, (a, b) in enumerate(zip(expected, found)) for each in differences(a, b, f"{at}[{i}]")]
    return [] if expected == found else [f"{at}: expected {expected!r}, found {found!r}"]


class Cases(unittest.TestCase):
    def play(self, case, make, play_one):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "record")

            def start():
                exchange = make(case)
                mode = case.get("position_mode", "one-way")
                return exchange, watch(exchange, path, case.get("positions"), position_mode=mode)

            exchange, record = start()
            try:
                for step in case["steps"]:
                    if step.get("restart"):
                        record.close()
                        exchange, record = start()
                    elif "fails" in step:
                        with self.assertRaisesRegex(RecordFailed, re.escape(step["fails"])):
                            record.state()
                        record.correct({})
                    elif "state" in step:
                        self.assertEqual(differences(step["state"], record.state()), [])
                    else:
                        try:
                            answer = play_one(exchange, step)
                            self.assertIs(answer, step["answer"])
                        except Exception as error:
                            if error is not exchange.expected:
                                raise
            finally:
                record.close()

    def test_sync(self):
        for case in TABLE["cases"]:
            with self.subTest(case["name"]):
                self.play(case, Stub, lambda exchange, step: exchange.play(step))

    def test_async(self):
        for case in TABLE["cases"]:
            with self.subTest(case["name"]):
                self.play(case, AsyncStub, lambda exchange, step: asyncio.run(exchange.play(step)))


if __name__ == "__main__":
    unittest.main()

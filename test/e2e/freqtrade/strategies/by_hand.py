"""Never trades by itself: the end-to-end test enters and exits over the REST API. Stops are placed on the exchange."""

from freqtrade.strategy import IStrategy


class ByHand(IStrategy):
    INTERFACE_VERSION = 3
    timeframe = "1m"
    can_short = True
    startup_candle_count = 5
    minimal_roi = {"0": 10}
    stoploss = -0.10
    order_types = {
        "entry": "limit",
        "exit": "limit",
        "force_entry": "limit",
        "force_exit": "limit",
        "emergency_exit": "market",
        "stoploss": "market",
        "stoploss_on_exchange": True,
    }

    def populate_indicators(self, dataframe, metadata):
        return dataframe

    def populate_entry_trend(self, dataframe, metadata):
        return dataframe

    def populate_exit_trend(self, dataframe, metadata):
        return dataframe


class ByHandSpot(ByHand):
    can_short = False
    order_types = ByHand.order_types | {"stoploss": "limit"}


class ByHandLimitStops(ByHand):
    order_types = ByHand.order_types | {"stoploss": "limit"}

"""Incremental indicators, equal to TA-Lib's, each in constant time per value.

Owns: the arithmetic of SMA, EMA, RSI, ATR, MACD, Bollinger bands and Donchian channels. May import:
the strategy package's errors. Never: feeds, orders, the domain.
"""

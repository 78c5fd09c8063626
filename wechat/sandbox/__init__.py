"""A stand-in for the WeChat platform: one WSGI application for development, demonstrations and tests.

It keeps state as the platform does (tokens, one-use codes, subscription credits, message windows, quotas),
refuses what the platform refuses, and pushes signed callbacks. It shares the message encryption with the
client, which official vectors verify, and nothing else: its rules are written a second time on purpose.
"""

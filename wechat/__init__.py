"""Leaf adapter to the WeChat platform: mini-program and official account.

It imports nothing of the product. `mini.MiniProgram` and `official.OfficialAccount` are the way out to the
platform, `callbacks.CallbackVerifier` is the way in, `sandbox` stands in for the platform in development
and tests.
"""

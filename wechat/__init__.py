"""Leaf adapter to the WeChat platform: mini-programs, official accounts, WeCom.

It imports nothing of the product. `mini.MiniProgram`, `official.OfficialAccount`, `wecom.WeCom` and
`group_robot.GroupRobot` are the ways out to the platform, `callbacks.CallbackVerifier` is the way in, `events`
says what came. `sandbox` stands in for the platform in development and tests.
"""

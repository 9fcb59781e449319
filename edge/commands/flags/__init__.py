"""The options of the device's commands, one file per noun: each adds its own, and makes of them what they ask for.

Nothing heavy is imported before an option asks for it, so that --help answers at once.
"""

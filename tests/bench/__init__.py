"""The figures: `python3 run.py bench [NAME]`. Each is a ratio to a named peer measured in the same run."""

"""The suite as a whole: in which order it runs, where its time goes, how a failure is repeated."""

pytest_plugins = ["suite_order", "suite_report"]  # of tests/

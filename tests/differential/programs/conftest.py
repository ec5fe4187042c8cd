"""The programs are run by test_programs.py, and are no modules of tests."""

collect_ignore_glob = ["torch/*", "keras/*", "hips/*"]

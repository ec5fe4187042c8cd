"""What is asked of the operating system: files written whole, forks survived, memory kept."""

"""From instructions to a schedule: simpler, in groups, in order, each with its memory."""

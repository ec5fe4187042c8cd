"""The op table: a chapter a file, chapters as in the array API standard."""

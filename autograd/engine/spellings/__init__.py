"""How other libraries' names are spelled here: the table that error messages are made from."""

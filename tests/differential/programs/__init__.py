"""Programs in the style of other libraries' users, each of which runs in its library and here."""

"""What layers and models are made of: variables, masks, and symbols with the calls on them."""

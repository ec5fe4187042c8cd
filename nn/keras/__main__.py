"""`python -m nn.keras program.py`: run a Keras program as it stands."""

from nn.imports import main

if __name__ == "__main__":
    main("keras")

"""`python -m nn.torch program.py`: run a PyTorch program as it stands."""

from nn.imports import main

if __name__ == "__main__":
    main("torch")

"""RNN, GRU and LSTM: ops, layers and cells."""

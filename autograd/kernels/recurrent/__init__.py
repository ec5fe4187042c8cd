"""What goes step by step: recurrent layers, CTC, running sums and products."""

"""What kernels run on: threads, workers, BLAS, blocks, and compiled twins."""

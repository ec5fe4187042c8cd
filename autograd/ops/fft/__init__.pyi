# fmt: off
# isort: skip_file
"""The public names of autograd.fft, and where each is defined."""

from autograd.ops.fft._frequencies import fftfreq as fftfreq, rfftfreq as rfftfreq
from autograd.ops.fft._several import (
    fft2 as fft2, fftn as fftn, fftshift as fftshift, ifft2 as ifft2, ifftn as ifftn,
    ifftshift as ifftshift, irfft2 as irfft2, irfftn as irfftn, rfft2 as rfft2, rfftn as rfftn,
)
from autograd.ops.fft._transforms import (
    fft as fft, hfft as hfft, ifft as ifft, ihfft as ihfft, irfft as irfft, rfft as rfft,
)

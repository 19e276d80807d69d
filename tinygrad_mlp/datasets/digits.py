"""The 1,797 handwritten digits that come with this package; ATTRIBUTION.md tells their origin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_IMAGES = 1797
_PIXELS = 64
_DARKEST = 16.0


def load_digits() -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return images of handwritten digits and the digits that they show.

    Each image is 8 by 8 pixels, row by row. The numbers are from the data set Optical Recognition
    of Handwritten Digits by E. Alpaydin and C. Kaynak (1998, doi:10.24432/C50P49, CC BY 4.0).

    Returns
    -------
    pixels : (1797, 64) float64
        From 0 (paper) to 1 (ink).
    labels : (1797,) int64
        From 0 to 9.

    Examples
    --------
    >>> pixels, labels = load_digits()
    >>> pixels.shape, int(labels[0])
    ((1797, 64), 0)
    >>> for row in pixels[0].reshape(8, 8):
    ...     print(*("#" if ink > 0.4 else "." for ink in row))
    . . . # # . . .
    . . # # # # . .
    . . # . . # # .
    . . # . . # # .
    . . # . . # # .
    . . # . . # # .
    . . # . # # . .
    . . . # # . . .
    """
    import gzip
    from importlib.resources import files

    packed = files("tinygrad_mlp.datasets").joinpath("digits.gz").read_bytes()
    # One pixel of all images, then the next: this order packs best.  The labels come last.
    table = np.frombuffer(gzip.decompress(packed), np.uint8).reshape(_PIXELS + 1, _IMAGES)
    return np.ascontiguousarray(table[:-1].T) / _DARKEST, table[-1].astype(np.int64)

"""The table: one row for each operation, and the functions that are made of rows.

Rooms above import the functions from the modules here.  A rule sees ``g``, the gradient of the
result, and ``out``, the result.  It is written in operators and in functions of this table, so it
computes with arrays in an ordinary backward pass and records itself with Values when a derivative
of the derivative is wanted.

Modules stand here by what their rows are, as in NumPy's own list:

- each number by itself: ``arithmetic`` (begin there), ``elementwise``, ``trigonometry``,
  ``activations``, ``rounding``, ``conversions``, ``special`` (some ``by_scipy``)
- one or the other: ``selections``, ``choices``
- the same numbers elsewhere: ``shapes``, ``reshaping``, ``indexing``, ``joining``, ``padding``,
  ``creation``, ``sorting``
- many numbers in one: ``reductions`` (what they share is in ``reduction``), ``statistics``,
  ``covariances``, ``quantiles``, ``nanfunctions``, ``accumulations``, ``differences``, ``losses``
- a function given by numbers: ``interpolation``
- vectors and matrices: ``linear``, ``contractions``, ``products``, ``convolutions``, ``solving``,
  ``decompositions``, ``factors``, ``matrices``, ``matrix_functions``; ``linalg`` names them
- a row of one's own: ``custom``
"""

from tinygrad_mlp.core.functions import FUNCTIONS
from tinygrad_mlp.core.op import PROTECTED
from tinygrad_mlp.core.record import OPS, Op
from tinygrad_mlp.core.unwrapped import reach_formulas
from tinygrad_mlp.ops import accumulations as accumulations
from tinygrad_mlp.ops import activations as activations
from tinygrad_mlp.ops import arithmetic as arithmetic
from tinygrad_mlp.ops import choices as choices
from tinygrad_mlp.ops import contractions as contractions
from tinygrad_mlp.ops import conversions as conversions
from tinygrad_mlp.ops import convolutions as convolutions
from tinygrad_mlp.ops import covariances as covariances
from tinygrad_mlp.ops import creation as creation
from tinygrad_mlp.ops import decompositions as decompositions
from tinygrad_mlp.ops import differences as differences
from tinygrad_mlp.ops import elementwise as elementwise
from tinygrad_mlp.ops import indexing as indexing
from tinygrad_mlp.ops import interpolation as interpolation
from tinygrad_mlp.ops import joining as joining
from tinygrad_mlp.ops import linalg as linalg
from tinygrad_mlp.ops import linear as linear
from tinygrad_mlp.ops import losses as losses
from tinygrad_mlp.ops import nanfunctions as nanfunctions
from tinygrad_mlp.ops import padding as padding
from tinygrad_mlp.ops import products as products
from tinygrad_mlp.ops import quantiles as quantiles
from tinygrad_mlp.ops import reduction as reduction
from tinygrad_mlp.ops import reductions as reductions
from tinygrad_mlp.ops import reshaping as reshaping
from tinygrad_mlp.ops import rounding as rounding
from tinygrad_mlp.ops import selections as selections
from tinygrad_mlp.ops import shapes as shapes
from tinygrad_mlp.ops import solving as solving
from tinygrad_mlp.ops import sorting as sorting
from tinygrad_mlp.ops import special as special
from tinygrad_mlp.ops import statistics as statistics
from tinygrad_mlp.ops import trigonometry as trigonometry

PROTECTED.update(OPS, (name for name, x in FUNCTIONS.items() if isinstance(x, Op)))
reach_formulas(OPS.values())

#: The examples in the docstrings of the rows, where doctest finds them.
__test__ = {name: op.__doc__ for name, op in OPS.items()}

"""Autodiff that one can see through: computational graphs and a multilayer perceptron on NumPy.

>>> import tinygrad_mlp as tg
>>> x = tg.Value(3.0, label="x")
>>> y = x**2
>>> y.backward()
>>> x.grad
np.float64(6.0)
"""

from typing import TYPE_CHECKING, Any

from tinygrad_mlp._support import display as display
from tinygrad_mlp._support.structures import register_tree as register_tree
from tinygrad_mlp.core import copying as copying
from tinygrad_mlp.core.assigning import zero_grad as zero_grad
from tinygrad_mlp.core.backward import history as history
from tinygrad_mlp.core.context import no_grad as no_grad
from tinygrad_mlp.core.context import scope as scope
from tinygrad_mlp.core.context import trace_lines as trace_lines
from tinygrad_mlp.core.record import OPS as OPS
from tinygrad_mlp.core.record import Op as Op
from tinygrad_mlp.core.value import Value as Value
from tinygrad_mlp.core.watching import detect_anomaly as detect_anomaly
from tinygrad_mlp.errors import AnomalyError as AnomalyError
from tinygrad_mlp.errors import DataTypeError as DataTypeError
from tinygrad_mlp.errors import FileFormatError as FileFormatError
from tinygrad_mlp.errors import GraphError as GraphError
from tinygrad_mlp.errors import RenderError as RenderError
from tinygrad_mlp.errors import ShapeError as ShapeError
from tinygrad_mlp.errors import TinygradError as TinygradError
from tinygrad_mlp.errors import TraceError as TraceError
from tinygrad_mlp.functional.custom import custom_vjp as custom_vjp
from tinygrad_mlp.functional.gradients import elementwise_grad as elementwise_grad
from tinygrad_mlp.functional.gradients import grad as grad
from tinygrad_mlp.functional.gradients import value_and_grad as value_and_grad
from tinygrad_mlp.functional.mapping import vmap as vmap
from tinygrad_mlp.functional.products import hvp as hvp
from tinygrad_mlp.functional.products import jvp as jvp
from tinygrad_mlp.functional.products import vjp as vjp
from tinygrad_mlp.functional.recomputing import checkpoint as checkpoint
from tinygrad_mlp.functional.tables import hessian as hessian
from tinygrad_mlp.functional.tables import jacobian as jacobian
from tinygrad_mlp.ops import linalg as linalg
from tinygrad_mlp.ops import special as special
from tinygrad_mlp.ops.accumulations import cumprod as cumprod
from tinygrad_mlp.ops.accumulations import cumsum as cumsum
from tinygrad_mlp.ops.accumulations import cumulative_prod as cumulative_prod
from tinygrad_mlp.ops.accumulations import cumulative_sum as cumulative_sum
from tinygrad_mlp.ops.activations import elu as elu
from tinygrad_mlp.ops.activations import gelu as gelu
from tinygrad_mlp.ops.activations import leaky_relu as leaky_relu
from tinygrad_mlp.ops.activations import selu as selu
from tinygrad_mlp.ops.activations import silu as silu
from tinygrad_mlp.ops.arithmetic import add as add
from tinygrad_mlp.ops.arithmetic import divide as divide
from tinygrad_mlp.ops.arithmetic import multiply as multiply
from tinygrad_mlp.ops.arithmetic import negative as negative
from tinygrad_mlp.ops.arithmetic import power as power
from tinygrad_mlp.ops.arithmetic import subtract as subtract
from tinygrad_mlp.ops.choices import choose as choose
from tinygrad_mlp.ops.choices import select as select
from tinygrad_mlp.ops.contractions import dot as dot
from tinygrad_mlp.ops.contractions import einsum as einsum
from tinygrad_mlp.ops.contractions import inner as inner
from tinygrad_mlp.ops.contractions import outer as outer
from tinygrad_mlp.ops.contractions import tensordot as tensordot
from tinygrad_mlp.ops.contractions import trace as trace
from tinygrad_mlp.ops.contractions import vdot as vdot
from tinygrad_mlp.ops.conversions import conj as conj
from tinygrad_mlp.ops.conversions import conjugate as conjugate
from tinygrad_mlp.ops.conversions import deg2rad as deg2rad
from tinygrad_mlp.ops.conversions import degrees as degrees
from tinygrad_mlp.ops.conversions import imag as imag
from tinygrad_mlp.ops.conversions import positive as positive
from tinygrad_mlp.ops.conversions import rad2deg as rad2deg
from tinygrad_mlp.ops.conversions import radians as radians
from tinygrad_mlp.ops.conversions import real as real
from tinygrad_mlp.ops.convolutions import convolve as convolve
from tinygrad_mlp.ops.convolutions import correlate as correlate
from tinygrad_mlp.ops.convolutions import sliding_window_view as sliding_window_view
from tinygrad_mlp.ops.covariances import corrcoef as corrcoef
from tinygrad_mlp.ops.covariances import cov as cov
from tinygrad_mlp.ops.creation import full as full
from tinygrad_mlp.ops.creation import linspace as linspace
from tinygrad_mlp.ops.creation import meshgrid as meshgrid
from tinygrad_mlp.ops.differences import diff as diff
from tinygrad_mlp.ops.differences import ediff1d as ediff1d
from tinygrad_mlp.ops.differences import gradient as gradient
from tinygrad_mlp.ops.differences import trapezoid as trapezoid
from tinygrad_mlp.ops.elementwise import abs as abs
from tinygrad_mlp.ops.elementwise import cbrt as cbrt
from tinygrad_mlp.ops.elementwise import cos as cos
from tinygrad_mlp.ops.elementwise import exp as exp
from tinygrad_mlp.ops.elementwise import exp2 as exp2
from tinygrad_mlp.ops.elementwise import expm1 as expm1
from tinygrad_mlp.ops.elementwise import log as log
from tinygrad_mlp.ops.elementwise import log1p as log1p
from tinygrad_mlp.ops.elementwise import log2 as log2
from tinygrad_mlp.ops.elementwise import log10 as log10
from tinygrad_mlp.ops.elementwise import log_sigmoid as log_sigmoid
from tinygrad_mlp.ops.elementwise import logaddexp as logaddexp
from tinygrad_mlp.ops.elementwise import logaddexp2 as logaddexp2
from tinygrad_mlp.ops.elementwise import reciprocal as reciprocal
from tinygrad_mlp.ops.elementwise import relu as relu
from tinygrad_mlp.ops.elementwise import sigmoid as sigmoid
from tinygrad_mlp.ops.elementwise import sigmoid_prime as sigmoid_prime
from tinygrad_mlp.ops.elementwise import sign as sign
from tinygrad_mlp.ops.elementwise import sin as sin
from tinygrad_mlp.ops.elementwise import softplus as softplus
from tinygrad_mlp.ops.elementwise import sqrt as sqrt
from tinygrad_mlp.ops.elementwise import square as square
from tinygrad_mlp.ops.elementwise import tanh as tanh
from tinygrad_mlp.ops.elementwise import tanh_prime as tanh_prime
from tinygrad_mlp.ops.indexing import compress as compress
from tinygrad_mlp.ops.indexing import delete as delete
from tinygrad_mlp.ops.indexing import diag as diag
from tinygrad_mlp.ops.indexing import diagflat as diagflat
from tinygrad_mlp.ops.indexing import diagonal as diagonal
from tinygrad_mlp.ops.indexing import extract as extract
from tinygrad_mlp.ops.indexing import flip as flip
from tinygrad_mlp.ops.indexing import fliplr as fliplr
from tinygrad_mlp.ops.indexing import flipud as flipud
from tinygrad_mlp.ops.indexing import getitem as getitem
from tinygrad_mlp.ops.indexing import place as place
from tinygrad_mlp.ops.indexing import repeat as repeat
from tinygrad_mlp.ops.indexing import roll as roll
from tinygrad_mlp.ops.indexing import rot90 as rot90
from tinygrad_mlp.ops.indexing import take as take
from tinygrad_mlp.ops.indexing import take_along_axis as take_along_axis
from tinygrad_mlp.ops.indexing import tril as tril
from tinygrad_mlp.ops.indexing import triu as triu
from tinygrad_mlp.ops.interpolation import interp as interp
from tinygrad_mlp.ops.interpolation import polyval as polyval
from tinygrad_mlp.ops.joining import append as append
from tinygrad_mlp.ops.joining import array as array
from tinygrad_mlp.ops.joining import array_split as array_split
from tinygrad_mlp.ops.joining import block as block
from tinygrad_mlp.ops.joining import column_stack as column_stack
from tinygrad_mlp.ops.joining import concatenate as concatenate
from tinygrad_mlp.ops.joining import dsplit as dsplit
from tinygrad_mlp.ops.joining import dstack as dstack
from tinygrad_mlp.ops.joining import hsplit as hsplit
from tinygrad_mlp.ops.joining import hstack as hstack
from tinygrad_mlp.ops.joining import split as split
from tinygrad_mlp.ops.joining import stack as stack
from tinygrad_mlp.ops.joining import tile as tile
from tinygrad_mlp.ops.joining import unstack as unstack
from tinygrad_mlp.ops.joining import vsplit as vsplit
from tinygrad_mlp.ops.joining import vstack as vstack
from tinygrad_mlp.ops.linear import affine as affine
from tinygrad_mlp.ops.linear import matmul as matmul
from tinygrad_mlp.ops.losses import binary_cross_entropy as binary_cross_entropy
from tinygrad_mlp.ops.losses import half_squared_error as half_squared_error
from tinygrad_mlp.ops.losses import mse as mse
from tinygrad_mlp.ops.losses import mse_gradient as mse_gradient
from tinygrad_mlp.ops.losses import mse_prime as mse_prime
from tinygrad_mlp.ops.losses import softmax_cross_entropy as softmax_cross_entropy
from tinygrad_mlp.ops.nanfunctions import nan_to_num as nan_to_num
from tinygrad_mlp.ops.nanfunctions import nanmax as nanmax
from tinygrad_mlp.ops.nanfunctions import nanmean as nanmean
from tinygrad_mlp.ops.nanfunctions import nanmin as nanmin
from tinygrad_mlp.ops.nanfunctions import nanprod as nanprod
from tinygrad_mlp.ops.nanfunctions import nanstd as nanstd
from tinygrad_mlp.ops.nanfunctions import nansum as nansum
from tinygrad_mlp.ops.nanfunctions import nanvar as nanvar
from tinygrad_mlp.ops.padding import pad as pad
from tinygrad_mlp.ops.products import cross as cross
from tinygrad_mlp.ops.products import kron as kron
from tinygrad_mlp.ops.products import matvec as matvec
from tinygrad_mlp.ops.products import vecdot as vecdot
from tinygrad_mlp.ops.products import vecmat as vecmat
from tinygrad_mlp.ops.quantiles import median as median
from tinygrad_mlp.ops.quantiles import percentile as percentile
from tinygrad_mlp.ops.quantiles import quantile as quantile
from tinygrad_mlp.ops.reductions import log_softmax as log_softmax
from tinygrad_mlp.ops.reductions import logsumexp as logsumexp
from tinygrad_mlp.ops.reductions import max as max
from tinygrad_mlp.ops.reductions import mean as mean
from tinygrad_mlp.ops.reductions import min as min
from tinygrad_mlp.ops.reductions import norm as norm
from tinygrad_mlp.ops.reductions import prod as prod
from tinygrad_mlp.ops.reductions import softmax as softmax
from tinygrad_mlp.ops.reductions import sum as sum
from tinygrad_mlp.ops.reshaping import ravel as ravel
from tinygrad_mlp.ops.reshaping import reshape as reshape
from tinygrad_mlp.ops.rounding import ceil as ceil
from tinygrad_mlp.ops.rounding import divmod as divmod
from tinygrad_mlp.ops.rounding import floor as floor
from tinygrad_mlp.ops.rounding import floor_divide as floor_divide
from tinygrad_mlp.ops.rounding import fmod as fmod
from tinygrad_mlp.ops.rounding import mod as mod
from tinygrad_mlp.ops.rounding import remainder as remainder
from tinygrad_mlp.ops.rounding import rint as rint
from tinygrad_mlp.ops.rounding import round as round
from tinygrad_mlp.ops.rounding import trunc as trunc
from tinygrad_mlp.ops.selections import clip as clip
from tinygrad_mlp.ops.selections import fmax as fmax
from tinygrad_mlp.ops.selections import fmin as fmin
from tinygrad_mlp.ops.selections import maximum as maximum
from tinygrad_mlp.ops.selections import minimum as minimum
from tinygrad_mlp.ops.selections import where as where
from tinygrad_mlp.ops.shapes import astype as astype
from tinygrad_mlp.ops.shapes import atleast_1d as atleast_1d
from tinygrad_mlp.ops.shapes import atleast_2d as atleast_2d
from tinygrad_mlp.ops.shapes import atleast_3d as atleast_3d
from tinygrad_mlp.ops.shapes import broadcast_to as broadcast_to
from tinygrad_mlp.ops.shapes import copy as copy
from tinygrad_mlp.ops.shapes import expand_dims as expand_dims
from tinygrad_mlp.ops.shapes import matrix_transpose as matrix_transpose
from tinygrad_mlp.ops.shapes import moveaxis as moveaxis
from tinygrad_mlp.ops.shapes import rollaxis as rollaxis
from tinygrad_mlp.ops.shapes import squeeze as squeeze
from tinygrad_mlp.ops.shapes import stop_gradient as stop_gradient
from tinygrad_mlp.ops.shapes import swapaxes as swapaxes
from tinygrad_mlp.ops.shapes import transpose as transpose
from tinygrad_mlp.ops.sorting import sort as sort
from tinygrad_mlp.ops.statistics import average as average
from tinygrad_mlp.ops.statistics import ptp as ptp
from tinygrad_mlp.ops.statistics import std as std
from tinygrad_mlp.ops.statistics import var as var
from tinygrad_mlp.ops.trigonometry import arccos as arccos
from tinygrad_mlp.ops.trigonometry import arccosh as arccosh
from tinygrad_mlp.ops.trigonometry import arcsin as arcsin
from tinygrad_mlp.ops.trigonometry import arcsinh as arcsinh
from tinygrad_mlp.ops.trigonometry import arctan as arctan
from tinygrad_mlp.ops.trigonometry import arctan2 as arctan2
from tinygrad_mlp.ops.trigonometry import arctanh as arctanh
from tinygrad_mlp.ops.trigonometry import cosh as cosh
from tinygrad_mlp.ops.trigonometry import hypot as hypot
from tinygrad_mlp.ops.trigonometry import sinc as sinc
from tinygrad_mlp.ops.trigonometry import sinh as sinh
from tinygrad_mlp.ops.trigonometry import tan as tan

if TYPE_CHECKING:
    from tinygrad_mlp import datasets as datasets
    from tinygrad_mlp.checking.doctor import Finding as Finding
    from tinygrad_mlp.checking.doctor import Report as Report
    from tinygrad_mlp.checking.doctor import diagnose as diagnose
    from tinygrad_mlp.checking.gradcheck import gradcheck as gradcheck
    from tinygrad_mlp.drawing import draw as draw
    from tinygrad_mlp.drawing import draw_curves as draw_curves
    from tinygrad_mlp.drawing import draw_network as draw_network
    from tinygrad_mlp.drawing import save_drawing as save_drawing
    from tinygrad_mlp.drawing import tree as tree
    from tinygrad_mlp.drawing import view as view
    from tinygrad_mlp.errors import GradientError as GradientError
    from tinygrad_mlp.graphs.graph import Graph as Graph
    from tinygrad_mlp.graphs.zoom import expand as expand
    from tinygrad_mlp.nn import ActivationLayer as ActivationLayer
    from tinygrad_mlp.nn import BatchNorm as BatchNorm
    from tinygrad_mlp.nn import Dropout as Dropout
    from tinygrad_mlp.nn import EarlyStopping as EarlyStopping
    from tinygrad_mlp.nn import FullyConnectedLayer as FullyConnectedLayer
    from tinygrad_mlp.nn import Layer as Layer
    from tinygrad_mlp.nn import LayerNorm as LayerNorm
    from tinygrad_mlp.nn import Network as Network
    from tinygrad_mlp.nn import Progress as Progress
    from tinygrad_mlp.nn import Residual as Residual
    from tinygrad_mlp.nn import TrainingPass as TrainingPass
    from tinygrad_mlp.nn import optimizers as optimizers
    from tinygrad_mlp.nn import schedules as schedules
    from tinygrad_mlp.ops.custom import operation as operation
    from tinygrad_mlp.programs.compiling.compiled import compile as compile
    from tinygrad_mlp.programs.writing.source import source as source
    from tinygrad_mlp.teaching.agreement import agreement as agreement
    from tinygrad_mlp.teaching.exercises import exercise as exercise
    from tinygrad_mlp.teaching.exercises import exercise_code as exercise_code
    from tinygrad_mlp.teaching.ledger import why as why
    from tinygrad_mlp.teaching.live.page import save_page as save_page
    from tinygrad_mlp.teaching.steps import steps as steps

# Imported when first used, so that ``import tinygrad_mlp`` is quick.
_LATER = {
    "datasets": "tinygrad_mlp.datasets",
    "optimizers": "tinygrad_mlp.nn.optimizers",
    "schedules": "tinygrad_mlp.nn.schedules",
    "operation": "tinygrad_mlp.ops.custom",
    "Finding": "tinygrad_mlp.checking.doctor",
    "Report": "tinygrad_mlp.checking.doctor",
    "diagnose": "tinygrad_mlp.checking.doctor",
    "compile": "tinygrad_mlp.programs.compiling.compiled",
    "draw": "tinygrad_mlp.drawing",
    "draw_curves": "tinygrad_mlp.drawing",
    "draw_network": "tinygrad_mlp.drawing",
    "save_drawing": "tinygrad_mlp.drawing",
    "tree": "tinygrad_mlp.drawing",
    "view": "tinygrad_mlp.drawing",
    "GradientError": "tinygrad_mlp.errors",
    "gradcheck": "tinygrad_mlp.checking.gradcheck",
    "Graph": "tinygrad_mlp.graphs.graph",
    "source": "tinygrad_mlp.programs.writing.source",
    "expand": "tinygrad_mlp.graphs.zoom",
    "ActivationLayer": "tinygrad_mlp.nn",
    "BatchNorm": "tinygrad_mlp.nn",
    "Dropout": "tinygrad_mlp.nn",
    "EarlyStopping": "tinygrad_mlp.nn",
    "Progress": "tinygrad_mlp.nn",
    "FullyConnectedLayer": "tinygrad_mlp.nn",
    "Layer": "tinygrad_mlp.nn",
    "LayerNorm": "tinygrad_mlp.nn",
    "Network": "tinygrad_mlp.nn",
    "Residual": "tinygrad_mlp.nn",
    "TrainingPass": "tinygrad_mlp.nn",
    "agreement": "tinygrad_mlp.teaching.agreement",
    "exercise": "tinygrad_mlp.teaching.exercises",
    "exercise_code": "tinygrad_mlp.teaching.exercises",
    "why": "tinygrad_mlp.teaching.ledger",
    "steps": "tinygrad_mlp.teaching.steps",
    "save_page": "tinygrad_mlp.teaching.live.page",
}


def _shown_in_notebooks(thing: Any) -> dict[str, str]:
    from tinygrad_mlp.drawing.notebook import bundle

    return bundle(thing)


display.show_with(_shown_in_notebooks)
#: Those of them that are modules.
_MODULES = {"datasets", "optimizers", "schedules"}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name not in _LATER:
        from tinygrad_mlp.core.other_names import advice_of_package

        instead = advice_of_package(name)
        advice = f"; did you mean {instead}?" if instead else ""
        wrong = f"module {__name__!r} has no attribute {name!r}{advice}"
        raise AttributeError(wrong, name=name, obj=import_module(__name__))
    module = import_module(_LATER[name])
    globals()[name] = module if name in _MODULES else getattr(module, name)
    return globals()[name]


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATER})


__version__ = "0.1.0"

# ``from tinygrad_mlp import *`` leaves Python's own abs, max, min and sum alone, as NumPy's does.
__all__ = [
    "OPS",
    "ActivationLayer",
    "AnomalyError",
    "BatchNorm",
    "DataTypeError",
    "Dropout",
    "EarlyStopping",
    "FileFormatError",
    "Finding",
    "FullyConnectedLayer",
    "GradientError",
    "Graph",
    "GraphError",
    "Layer",
    "LayerNorm",
    "Network",
    "Op",
    "Progress",
    "RenderError",
    "Report",
    "Residual",
    "ShapeError",
    "TinygradError",
    "TraceError",
    "TrainingPass",
    "Value",
    "add",
    "affine",
    "agreement",
    "append",
    "arccos",
    "arccosh",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctan2",
    "arctanh",
    "array",
    "array_split",
    "astype",
    "atleast_1d",
    "atleast_2d",
    "atleast_3d",
    "average",
    "binary_cross_entropy",
    "block",
    "broadcast_to",
    "cbrt",
    "ceil",
    "checkpoint",
    "choose",
    "clip",
    "column_stack",
    "compress",
    "concatenate",
    "conj",
    "conjugate",
    "convolve",
    "copy",
    "corrcoef",
    "correlate",
    "cos",
    "cosh",
    "cov",
    "cross",
    "cumprod",
    "cumsum",
    "cumulative_prod",
    "cumulative_sum",
    "custom_vjp",
    "datasets",
    "deg2rad",
    "degrees",
    "delete",
    "detect_anomaly",
    "diag",
    "diagflat",
    "diagnose",
    "diagonal",
    "diff",
    "divide",
    "dot",
    "draw",
    "draw_curves",
    "draw_network",
    "dsplit",
    "dstack",
    "ediff1d",
    "einsum",
    "elementwise_grad",
    "elu",
    "exercise",
    "exercise_code",
    "exp",
    "exp2",
    "expand",
    "expand_dims",
    "expm1",
    "extract",
    "flip",
    "fliplr",
    "flipud",
    "floor",
    "floor_divide",
    "fmax",
    "fmin",
    "fmod",
    "full",
    "gelu",
    "getitem",
    "grad",
    "gradcheck",
    "gradient",
    "half_squared_error",
    "hessian",
    "history",
    "hsplit",
    "hstack",
    "hvp",
    "hypot",
    "imag",
    "inner",
    "interp",
    "jacobian",
    "jvp",
    "kron",
    "leaky_relu",
    "linalg",
    "linspace",
    "log",
    "log1p",
    "log2",
    "log10",
    "log_sigmoid",
    "log_softmax",
    "logaddexp",
    "logaddexp2",
    "logsumexp",
    "matmul",
    "matrix_transpose",
    "matvec",
    "maximum",
    "mean",
    "median",
    "meshgrid",
    "minimum",
    "mod",
    "moveaxis",
    "mse",
    "mse_gradient",
    "mse_prime",
    "multiply",
    "nan_to_num",
    "nanmax",
    "nanmean",
    "nanmin",
    "nanprod",
    "nanstd",
    "nansum",
    "nanvar",
    "negative",
    "no_grad",
    "norm",
    "operation",
    "outer",
    "pad",
    "percentile",
    "place",
    "polyval",
    "positive",
    "power",
    "prod",
    "ptp",
    "quantile",
    "rad2deg",
    "radians",
    "ravel",
    "real",
    "reciprocal",
    "register_tree",
    "relu",
    "remainder",
    "repeat",
    "reshape",
    "rint",
    "roll",
    "rollaxis",
    "rot90",
    "save_drawing",
    "save_page",
    "scope",
    "select",
    "selu",
    "sigmoid",
    "sigmoid_prime",
    "sign",
    "silu",
    "sin",
    "sinc",
    "sinh",
    "sliding_window_view",
    "softmax",
    "softmax_cross_entropy",
    "softplus",
    "sort",
    "source",
    "special",
    "split",
    "sqrt",
    "square",
    "squeeze",
    "stack",
    "std",
    "steps",
    "stop_gradient",
    "subtract",
    "swapaxes",
    "take",
    "take_along_axis",
    "tan",
    "tanh",
    "tanh_prime",
    "tensordot",
    "tile",
    "trace",
    "trace_lines",
    "transpose",
    "trapezoid",
    "tree",
    "tril",
    "triu",
    "trunc",
    "unstack",
    "value_and_grad",
    "var",
    "vdot",
    "vecdot",
    "vecmat",
    "view",
    "vjp",
    "vmap",
    "vsplit",
    "vstack",
    "where",
    "why",
    "zero_grad",
]

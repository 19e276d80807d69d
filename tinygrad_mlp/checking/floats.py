"""How precise each floating type is, found by asking NumPy's functions.

``np.finfo`` tells how a type stores numbers.  On some systems (musl, WebAssembly) functions of
long doubles compute in double precision all the same.
"""

from __future__ import annotations

from typing import Any

import numpy as np

#: Functions at 3/4, or at 3/4 and 1/4, to 36 digits: more than any type has.
_AT_THREE_QUARTERS = {
    "exp": "2.11700001661267466854536981983709561",
    "expm1": "1.11700001661267466854536981983709561",
    "exp2": "1.68179283050742908606225095246642979",
    "log": "-0.287682072451780927439219005993827432",
    "log1p": "0.559615787935422686270888500526826593",
    "log2": "-0.415037499278843818546261056052183491",
    "log10": "-0.124938736608299953132449886193870744",
    "sqrt": "0.866025403784438646763723170752936183",
    "cbrt": "0.908560296416069829445605878163630251",
    "sin": "0.681638760023334166733241952779893935",
    "cos": "0.731688868873820886311838753000084544",
    "tan": "0.931596459944072461165202756573936428",
    "arcsin": "0.84806207898148100805294433899841808",
    "arccos": "0.722734247813415611178377352641333362",
    "arctan": "0.643501108793284386802809228717322638",
    "sinh": "0.822316731935829980703661634446913849",
    "cosh": "1.29468328467684468784170818539018176",
    "tanh": "0.635148952387287319214434357312496495",
    "arcsinh": "0.693147180559945309417232121458176568",
    "arctanh": "0.972955074527656652552676371721589865",
    "power": "0.930604859102099598941218746983234088",
    "hypot": "0.790569415042094832999723386108179633",
    "arctan2": "1.24904577239825442582991707728109012",
    "logaddexp": "1.22407698418010668087299735508117075",
}


def wide_types() -> tuple[Any, ...]:
    """Return the types to take differences in, the widest first."""
    doubles = float(np.finfo(np.float64).eps)
    x, y = np.longdouble(0.75), np.longdouble(0.25)
    for name, digits in _AT_THREE_QUARTERS.items():
        function = getattr(np, name)
        got = function(x, y) if function.nin == 2 else function(x)
        wanted = np.longdouble(digits)
        if abs(got - wanted) > abs(wanted) * doubles / 64:
            return (np.float64,)
    return (np.longdouble, np.float64)


WIDE_TYPES = wide_types()


def precision_of(dtype: np.dtype[Any]) -> float:
    """Return the relative precision of what is computed in a type.

    >>> precision_of(np.dtype("float32"))
    1.1920928955078125e-07
    """
    is_wider = dtype != np.longdouble or np.longdouble in WIDE_TYPES
    return float(np.finfo(dtype if is_wider else np.float64).eps)

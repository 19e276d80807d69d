"""Linear algebra the slow way, in any precision: what the rows that call LAPACK are held to.

Stacks of small matrices that need no pivot.  The signs of vectors are a choice, and LAPACK's.
"""

from functools import reduce

import numpy as np


def _stacked(x):
    return x[..., None] if x.ndim == 1 else x


def _turned(x):
    return np.swapaxes(x, -1, -2)


def _symmetric(a):
    return (a + _turned(a)) / 2


def _signs(mine, theirs):
    """Return for each column whether it points the same way."""
    return np.sign(np.sum(mine * theirs, axis=-2, keepdims=True))


def solve(a, b):
    """Gauss and Jordan: each row in turn becomes one of the unit matrix."""
    a, b = np.asarray(a), np.asarray(b)  # or nested lists, as NumPy's
    columns = _stacked(b)
    stack = np.broadcast_shapes(a.shape[:-2], columns.shape[:-2])
    parts = [np.broadcast_to(x, stack + x.shape[-2:]) for x in (a, columns)]
    table = np.concatenate(parts, axis=-1)
    for i in range(a.shape[-1]):
        row = table[..., i, :] / table[..., i, i, None]
        table = table - table[..., :, i, None] * row[..., None, :]
        table[..., i, :] = row
    x = table[..., a.shape[-1] :]
    return x[..., 0] if b.ndim == 1 else x


def inv(a):
    return solve(a, np.eye(a.shape[-1], dtype=a.dtype))


def trace(x, offset=0):
    return np.trace(x, offset, -2, -1)


def det(a):
    """Laplace's expansion along the first row."""
    if a.shape[-1] == 0:
        return np.ones(a.shape[:-2], a.dtype)[()]
    parts = (
        (-1) ** i * a[..., 0, i] * det(np.delete(a, i, axis=-1)[..., 1:, :])
        for i in range(a.shape[-1])
    )
    return sum(parts)


def cholesky(a):
    """Row after row, element after element."""
    a = _symmetric(a)
    L = np.zeros_like(a)
    for i in range(a.shape[-1]):
        for j in range(i + 1):
            rest = a[..., i, j] - np.sum(L[..., i, :j] * L[..., j, :j], axis=-1)
            L[..., i, j] = np.sqrt(rest) if i == j else rest / L[..., j, j]
    return L


def eigenvectors(a):
    """LAPACK's, and two steps of T. Ogita and K. Aishima (2018) to more digits."""
    a = _symmetric(a)
    x = np.linalg.eigh(a.astype(float))[1].astype(a.dtype)
    one = np.eye(a.shape[-1], dtype=a.dtype)
    for _ in range(2):
        defect = one - _turned(x) @ x
        inside = _turned(x) @ a @ x
        values = (np.diagonal(inside, 0, -2, -1) / (1 - np.diagonal(defect, 0, -2, -1)))[..., None]
        gaps = _turned(values) - values + one
        step = (inside + _turned(values) * defect) / gaps
        x = x + x @ np.where(one == 1, defect / 2, step)
    return x


def eigvalsh(a):
    x = eigenvectors(a)
    return np.sum(x * (_symmetric(a) @ x), axis=-2)


def svd(a, full_matrices=False):
    """By the eigenvectors of the smaller of the two squares, the largest first."""
    wide = a.shape[-2] < a.shape[-1]
    tall = _turned(a) if wide else a
    v = eigenvectors(_turned(tall) @ tall)[..., ::-1]
    s = np.sqrt(np.sum((tall @ v) ** 2, axis=-2))
    u = tall @ v / s[..., None, :]
    u, v = (v, u) if wide else (u, v)
    sign = _signs(u, np.linalg.svd(a.astype(float), full_matrices=False)[0])
    return sign * u, s, sign * v


def svdvals(a):
    return svd(a)[1]


def orthonormal_columns(a):
    """Those of Cholesky's triangle of the square."""
    q = _turned(solve(cholesky(_turned(a) @ a), _turned(a)))
    return q * _signs(q, np.linalg.qr(a.astype(float))[0])


def eigh(a):
    return eigvalsh(a), eigenvectors(a)


def qr(a):
    q = orthonormal_columns(a[..., : a.shape[-2]])
    return q, np.triu(_turned(q) @ a)


def pinv(a, rcond=1e-15):
    """Of full rank, by the normal equations."""
    if a.shape[-2] < a.shape[-1]:
        return _turned(pinv(_turned(a)))
    return solve(_turned(a) @ a, _turned(a))


def lstsq(a, b, rcond=None):
    x = pinv(a) @ b
    return x, np.sum((a @ x - b) ** 2, axis=0), min(a.shape), svdvals(a)


def slogdet(a):
    return np.sign(det(a)), np.log(np.abs(det(a)))


def matrix_power(a, n):
    power = np.broadcast_to(np.eye(a.shape[-1], dtype=a.dtype), a.shape)
    for _ in range(abs(n)):
        power = power @ (a if n > 0 else inv(a))
    return power


def multi_dot(arrays):
    return reduce(np.matmul, arrays)


def expm(a):
    """The sum of the powers over factorials, of a matrix halved twice, then squared."""
    x = a.astype(np.longdouble) / 4
    term = total = np.broadcast_to(np.eye(a.shape[-1], dtype=x.dtype), a.shape)
    for k in range(1, 45):
        term = term @ x / k
        total = total + term
    return reduce(lambda power, _: power @ power, range(2), total).astype(a.dtype)


#: Each row, by such a function.
SLOWLY = {
    "cholesky": cholesky,
    "det": det,
    "eigenvectors": eigenvectors,
    "eigvalsh": eigvalsh,
    "expm": expm,
    "inv": inv,
    "left_singular_vectors": lambda a: svd(a)[0],
    "logabsdet": lambda a: slogdet(a)[1],
    "orthonormal_columns": orthonormal_columns,
    "pinv": pinv,
    "right_singular_vectors": lambda a: _turned(svd(a)[2]),
    "sign_of_det": lambda a: slogdet(a)[0],
    "solve": solve,
    "svdvals": svdvals,
}


def dominant(x):
    """Return matrices of the shape of some numbers that are far from singular, all values apart.

    Positive on the diagonal and negative elsewhere, so where they are positive is the unit matrix.
    """
    n, k = x.shape[-2:]
    return np.eye(n, k) * (2 + 0.7 * np.arange(k)) - 0.3 * np.abs(x)

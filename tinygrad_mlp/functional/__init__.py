"""Functions of functions: gradients, Jacobians and Hessians of Python functions."""

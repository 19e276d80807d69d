"""Functions of functions: the gradient, the Jacobian, the batch version of a function.

Read ``gradients`` first, and ``running``, which every transform begins with; then ``products``
(vjp, jvp, hvp), which are a few lines more.  The others do once more what was recorded: ``tape`` is
the list of calls, ``recorder`` says what cannot be asked while it is made, ``batching`` calls a row
for a whole batch.  ``mapping`` (vmap) and ``tables`` (jacobian, hessian) are made of these three;
``recomputing`` (checkpoint) and ``custom`` (custom_vjp) make ``joint``, one node for a function.
"""

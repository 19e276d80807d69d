"""Names that Keras, PyTorch and scikit-learn have for what a network calls otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tinygrad_mlp.core.other_names import by_name

#: What to write instead, and for which attributes of a network or history elsewhere.
_INSTEAD = {
    "Network": {
        "network.fit(x, y, loss=..., optimizer=..., metrics=[...])": "compile",
        "network.fit (layers know by themselves whether they are trained)": "train eval",
        "network.partial_fit": "train_on_batch",
        "tg.softmax(network.predict(x, as_array=True), axis=1), or tg.sigmoid of one output": (
            "predict_proba"
        ),
        "network.predict(x, as_array=True).argmax(axis=1)": "predict_classes",
        "tg.zero_grad(network.parameters())": "zero_grad",
        "network.parameters()": "weights trainable_weights trainable_variables named_parameters",
        "network.layers": "children modules",
        "network (all is on the CPU)": "to cpu cuda",
    },
    "History": {"history.curves": "history", "len(history)": "epoch epochs"},
}
_ADVICE = {kind: by_name(table) for kind, table in _INSTEAD.items()}


class NamedElsewhere:
    """Says which name an attribute has here, where only others have it."""

    if not TYPE_CHECKING:  # for a type checker every name would be there

        def __getattr__(self, name: str) -> Any:
            wrong = f"{type(self).__name__!r} object has no attribute {name!r}"
            for kind in type(self).__mro__:
                if advice := _ADVICE.get(kind.__name__, {}).get(name):
                    wrong = f"a {kind.__name__} has no attribute {name!r}; did you mean {advice}?"
            raise AttributeError(wrong, name=name, obj=self)

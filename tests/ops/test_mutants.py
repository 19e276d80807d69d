"""Proof that the gradient check can fail: it notices every small mistake in every rule.

Two kinds of mistakes are tried on each row.  *Wrapped* ones need only the rule: the other sign,
nothing, twice as much, the rule of another argument.  *Written* ones change the text of the rule:
an operand left out, a minus forgotten, arguments swapped, a comparison turned round.
"""

import ast
import copy
import inspect
from collections.abc import Iterator

import pytest

import tinygrad_mlp as tg
from tests.oracles import SLOPED, calls
from tinygrad_mlp import ops
from tinygrad_mlp.core.functions import FUNCTIONS
from tinygrad_mlp.ops.joining import EachPosition

#: The gradient check's own tolerance.
WRONG = 1e-11

#: Mistakes that are none, and why.
EQUIVALENT = {
    ("add", "arguments 0 and 1 swapped"): "both have the same rule",
    ("where", "argument 0: a rule"): "a condition is a constant, so it asks for no rule",
}


def passes(op: tg.Op, rules: list) -> bool:
    """Whether the gradient check accepts other rules for a row."""
    real, op.vjps = op.vjps, rules
    try:
        return all(
            call.error(create_graph=recorded) < WRONG
            for recorded in (False, True)  # a rule may know which
            for call in calls(op.name)
        )
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, Warning):
        return False  # a rule that cannot even be computed
    finally:
        op.vjps = real


def rules_of(op: tg.Op) -> list:
    """One rule for each argument of the widest call."""
    count = max(len(call.arguments) for call in calls(op.name))
    return [rule for _, rule in zip(range(count), op.vjps, strict=False)]


# ----- Wrapped mistakes -----


def wrapped(rules: list) -> Iterator[tuple[str, list]]:
    """Yield every wrapped mistake: what it is, and all rules with it."""
    scales = {"other sign": -1.0, "zero": 0.0, "twice": 2.0}
    for i, rule in enumerate(rules):
        if rule is None:
            yield f"argument {i}: a rule", [*rules[:i], lambda g, *_, **__: g, *rules[i + 1 :]]
            continue
        for name, scale in scales.items():
            changed = lambda *known, rule=rule, scale=scale, **options: (  # noqa: E731
                scale * rule(*known, **options)
            )
            yield f"argument {i}: {name}", [*rules[:i], changed, *rules[i + 1 :]]
        yield f"argument {i}: no rule", [*rules[:i], None, *rules[i + 1 :]]
        for j in range(i):
            swapped = list(rules)
            swapped[i], swapped[j] = rules[j], rule
            yield f"arguments {j} and {i} swapped", swapped


# ----- Written mistakes -----


def written_vjps(call: ast.Call) -> ast.expr | None:
    """Return the rules in the call that makes a row; None for any other call."""
    return next((each.value for each in call.keywords if each.arg == "vjps"), None)


def written_rules(tree: ast.Module) -> dict[str, list]:
    """Return the syntax of every rule in the table: lambdas, and functions by name."""
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    found = {}
    for node in ast.walk(tree):
        if not (
            isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant)
        ):
            continue  # what makes rows of others' rules
        if vjps := written_vjps(node):
            rules = vjps.elts if isinstance(vjps, ast.Tuple) else vjps.args
            found[node.args[0].value] = [
                functions[rule.id] if isinstance(rule, ast.Name) else rule for rule in rules
            ]
    return found


MODULES = [module for module in vars(ops).values() if inspect.ismodule(module)]
RULES, HOME = {}, {}
for _module in MODULES:
    for _name, _rules in written_rules(ast.parse(inspect.getsource(_module))).items():
        RULES[_name], HOME[_name] = _rules, vars(_module)


def mistakes(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what a tired person could have written instead of one expression."""
    match node:
        case ast.BinOp(left, operator, right):
            yield left
            yield right
            if not isinstance(operator, ast.Add | ast.Mult | ast.BitAnd):
                yield ast.BinOp(right, operator, left)
        case ast.UnaryOp(ast.USub(), operand):
            yield operand
        case ast.Compare(left, [ast.Eq()], [right]):
            yield ast.Compare(left, [ast.NotEq()], [right])
        case ast.Compare(left, [ast.NotEq()], [right]):
            yield ast.Compare(left, [ast.Eq()], [right])
        case ast.Compare(left, [_], [right]):
            yield ast.Compare(right, node.ops, [left])
        case ast.Call(ast.Name("hypot" | "maximum")):
            return  # two sides of a triangle have no order, nor have two numbers
        case ast.Call(function, arguments, keywords) if len(arguments) > 1:
            for i in range(1, len(arguments)):
                swapped = list(arguments)
                swapped[i - 1 : i + 1] = swapped[i], swapped[i - 1]
                yield ast.Call(function, swapped, keywords)
        case ast.Constant(float(number)):
            yield ast.Constant(number + 1.0)


def changes(tree: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """Yield copies of a rule, each with one mistake, and what the mistake is."""
    for place, node in enumerate(ast.walk(tree)):
        for mistake in mistakes(node):
            if ast.unparse(mistake) == ast.unparse(node):
                continue  # both operands are the same
            changed = copy.deepcopy(tree)
            target = list(ast.walk(changed))[place]
            replaced = Replaced(target, mistake).visit(changed)
            yield f"{ast.unparse(node)} -> {ast.unparse(mistake)}", replaced


class Replaced(ast.NodeTransformer):
    """Puts one node in the place of another."""

    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        return self.new if node is self.old else super().visit(node)


def made(tree: ast.AST, name: str):
    """Return the function that a piece of syntax in the row of this name stands for."""
    namespace = dict(HOME[name])
    if isinstance(tree, ast.FunctionDef):
        module = ast.Module([tree], [])
    else:
        module = ast.Module([ast.Assign([ast.Name("rule", ast.Store())], tree)], [])
    exec(compile(ast.fix_missing_locations(module), "<mistake>", "exec"), namespace)
    return namespace[getattr(tree, "name", "rule")]


def written(op: tg.Op) -> Iterator[tuple[str, list]]:
    """Yield every written mistake: what it is, and all rules with it."""
    rules = rules_of(op)
    for i, tree in enumerate(RULES.get(op.name, [])):
        for what, changed in changes(tree):
            if isinstance(op.vjps, EachPosition):
                yield f"every argument: {what}", EachPosition(made(changed, op.name))
            else:
                yield f"argument {i}: {what}", [*rules[:i], made(changed, op.name), *rules[i + 1 :]]


# ----- The proof -----


@pytest.mark.parametrize("name", SLOPED)
def test_every_mistake_in_a_rule_is_noticed(name):
    op = tg.OPS[name]
    rules = rules_of(op)
    assert passes(op, rules)
    unnoticed = {
        (name, what)
        for what, changed in [*wrapped(rules), *written(op)]
        if passes(op, changed) and (name, what) not in EQUIVALENT
    }
    assert unnoticed == set()


@pytest.mark.parametrize("name", SLOPED)
def test_a_rule_read_from_the_source_is_the_rule(name):
    op = tg.OPS[name]
    if isinstance(op.vjps, EachPosition):
        assert passes(op, EachPosition(made(RULES[name][0], name)))
    else:
        assert passes(op, [made(tree, name) for tree in RULES[name]])


def test_hundreds_of_mistakes_are_tried():
    for kind, least in ((written, 200), (lambda op: wrapped(rules_of(op)), 300)):
        assert sum(len(list(kind(tg.OPS[name]))) for name in SLOPED) > least
    rows = tg.OPS.keys() | {n for n, f in FUNCTIONS.items() if isinstance(f, tg.Op)}
    assert RULES.keys() == rows - {"function_call"}  # which has a rule for each function


def test_what_is_excused_is_still_tried_and_still_none():
    for (name, what), reason in EQUIVALENT.items():
        op = tg.OPS[name]
        changed = dict([*wrapped(rules_of(op)), *written(op)])
        assert passes(op, changed[what]), (name, what, reason)

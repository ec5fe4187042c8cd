"""Python's expressions as JavaScript's."""

from __future__ import annotations

import ast
import json

from autograd.errors import DrawingError

__all__ = ["OPERATORS", "Terms"]

OPERATORS = {
    ast.Sub: "sub", ast.Add: "add", ast.Mult: "mul", ast.Div: "div", ast.FloorDiv: "floordiv",
    ast.Mod: "mod", ast.Pow: "pow", ast.BitOr: "or", ast.BitAnd: "and",
}  # fmt: skip
_SIGNS = {ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}  # of numbers, in the layout
_NUMBERS = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "===", ast.NotEq: "!==",
}  # fmt: skip
_COMPARISONS = {
    ast.Lt: "lt", ast.LtE: "le", ast.Gt: "gt", ast.GtE: "ge", ast.Eq: "eq", ast.NotEq: "ne",
    ast.In: "has", ast.NotIn: "lacks",
}  # fmt: skip
_BUILTINS = {
    "abs", "all", "any", "bool", "defaultdict", "dict", "enumerate", "float", "frozenset", "int",
    "isinstance", "iter", "len", "list", "map", "max", "min", "next", "pairwise", "range",
    "reversed", "round", "set", "sorted", "str", "sum", "tuple", "zip",
}  # fmt: skip
_RESERVED = {
    "case", "catch", "const", "default", "delete", "do", "export", "extends", "function", "let",
    "new", "super", "switch", "this", "throw", "typeof", "var", "void",
}  # fmt: skip


class Terms(ast.NodeVisitor):
    """A method for each kind of expression, which gives its text."""

    def __init__(self) -> None:
        self.classes: set[str] = set()
        self.signatures: dict[str, list[str]] = {}  # by the name of a function, class or method

    def generic_visit(self, node: ast.AST) -> str:
        raise DrawingError(f"the layout has a {type(node).__name__}, which no page understands")

    # ---- parts of statements -------------------------------------------------------------------

    def _default(self, value: ast.expr | None) -> str:
        if value is None:
            return ""
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and (
            value.func.id == "field"
        ):  # fmt: skip
            return f"{self.visit(value.keywords[0].value)}()"
        return str(self.visit(value))

    def _arguments(self, args: ast.arguments) -> list[tuple[str, str]]:
        given = [*args.args, *args.kwonlyargs]
        defaults = [*args.defaults, *(d for d in args.kw_defaults if d is not None)]
        absent: list[ast.expr | None] = [None] * (len(given) - len(defaults))
        return [
            (arg.arg, self._default(default))
            for arg, default in zip(given, [*absent, *defaults], strict=True)
            if not (isinstance(default, ast.Name) and default.id == arg.arg)  # a closure has it
        ]

    def _pattern(self, target: ast.expr) -> str:
        if isinstance(target, ast.Tuple):
            return f"[{', '.join(map(self._pattern, target.elts))}]"
        return str(self.visit(target))

    def _test(self, node: ast.expr) -> str:
        if isinstance(node, ast.Compare):
            return str(self.visit(node))
        if isinstance(node, ast.BoolOp):
            sign = " && " if isinstance(node.op, ast.And) else " || "
            return f"({sign.join(map(self._test, node.values))})"
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return f"!{self._test(node.operand)}"
        return f"py.truth({self.visit(node)})"

    # ---- expressions ---------------------------------------------------------------------------

    def visit_Constant(self, node: ast.Constant) -> str:
        return json.dumps(node.value)

    def visit_Name(self, node: ast.Name) -> str:
        if node.id in _BUILTINS and node.id not in self.signatures:
            return f"py.{node.id}"
        return f"{node.id}_" if node.id in _RESERVED else node.id

    def visit_Attribute(self, node: ast.Attribute) -> str:
        if isinstance(node.value, ast.Name) and node.value.id in ("math", "itertools"):
            return f"py.{node.attr}"
        if node.attr == "__getitem__":
            return f"((key) => py.get({self.visit(node.value)}, key))"
        return f"{self.visit(node.value)}.{node.attr}"

    def visit_Call(self, node: ast.Call) -> str:
        func = node.func
        name = func.id if isinstance(func, ast.Name) else getattr(func, "attr", "")
        options = {each.arg: self.visit(each.value) for each in node.keywords if each.arg}
        values = [self.visit(each) for each in node.args]
        if name in self.signatures:
            names = self.signatures[name][len(values) :]
            last = max((names.index(key) for key in options), default=-1)
            values += [options.get(key, "undefined") for key in names[: last + 1]]
            options = {}
        elif isinstance(func, ast.Attribute) and not name.startswith("__"):
            if isinstance(func.value, ast.Name) and func.value.id in ("math", "itertools", "dict"):
                return f"py.{name}({', '.join(values)})"
            given = ", ".join([self.visit(func.value), *values, *self._options(options)])
            return f"py.${name}({given})"
        new = "new " if name in self.classes and isinstance(func, ast.Name) else ""
        return f"{new}{self.visit(func)}({', '.join([*values, *self._options(options)])})"

    @staticmethod
    def _options(options: dict[str, str]) -> list[str]:
        if not options:
            return []
        return [f"new py.Options({{{', '.join(f'{k}: {v}' for k, v in options.items())}}})"]

    def visit_Starred(self, node: ast.Starred) -> str:
        return f"...({self.visit(node.value)})" if isinstance(node.ctx, ast.Load) else (
            f"...{self.visit(node.value)}"
        )  # fmt: skip

    def visit_BinOp(self, node: ast.BinOp) -> str:
        sign = _SIGNS.get(type(node.op))
        if isinstance(node.op, ast.Add) and (_is_number(node.left) or _is_number(node.right)):
            sign = "+"
        if sign and not isinstance(node.left, (ast.List, ast.Set)):
            return f"({self.visit(node.left)} {sign} {self.visit(node.right)})"
        return f"py.{OPERATORS[type(node.op)]}({self.visit(node.left)}, {self.visit(node.right)})"

    def visit_UnaryOp(self, node: ast.UnaryOp) -> str:
        if isinstance(node.op, ast.Not):
            return f"!{self._test(node.operand)}"
        return f"(-{self.visit(node.operand)})"

    def visit_BoolOp(self, node: ast.BoolOp) -> str:
        word = "either" if isinstance(node.op, ast.Or) else "both"
        *before, last = map(self.visit, node.values)
        for each in reversed(before):
            last = f"py.{word}({each}, () => {last})"
        return str(last)

    def visit_Compare(self, node: ast.Compare) -> str:
        parts, left = [], node.left
        for op, right in zip(node.ops, node.comparators, strict=True):
            a, b = self.visit(left), self.visit(right)
            if type(op) in _NUMBERS and (_is_number(left) or _is_number(right)):
                parts.append(f"({a} {_NUMBERS[type(op)]} {b})")
            elif isinstance(op, (ast.Is, ast.IsNot)):
                parts.append(f"({a} {'===' if isinstance(op, ast.Is) else '!=='} {b})")
            else:
                parts.append(f"py.{_COMPARISONS[type(op)]}({a}, {b})")
            left = right
        return parts[0] if len(parts) == 1 else f"({' && '.join(parts)})"

    def visit_IfExp(self, node: ast.IfExp) -> str:
        parts = self._test(node.test), self.visit(node.body), self.visit(node.orelse)
        return "({} ? {} : {})".format(*parts)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> str:
        return f"({node.target.id} = {self.visit(node.value)})"

    def visit_Lambda(self, node: ast.Lambda) -> str:
        heads = ", ".join(f"{n} = {d}" if d else n for n, d in self._arguments(node.args))
        return f"(({heads}) => {self.visit(node.body)})"

    def visit_List(self, node: ast.List) -> str:
        return f"[{', '.join(map(self.visit, node.elts))}]"

    def visit_Tuple(self, node: ast.Tuple) -> str:
        return f"[{', '.join(map(self.visit, node.elts))}]"

    def visit_Set(self, node: ast.Set) -> str:
        return f"py.set([{', '.join(map(self.visit, node.elts))}])"

    def visit_Dict(self, node: ast.Dict) -> str:
        pairs = ", ".join(
            f"[{self.visit(k)}, {self.visit(v)}]" if k else f"...py.$items({self.visit(v)})"
            for k, v in zip(node.keys, node.values, strict=True)
        )
        return f"py.dict([{pairs}])"

    def visit_Subscript(self, node: ast.Subscript) -> str:
        if isinstance(node.slice, ast.Slice):
            ends = (node.slice.lower, node.slice.upper, node.slice.step)
            parts = ", ".join(self.visit(each) if each else "null" for each in ends)
            return f"py.slice({self.visit(node.value)}, {parts})"
        return f"py.get({self.visit(node.value)}, {self.visit(node.slice)})"

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> str:
        return self._generator(node.generators, self.visit(node.elt))

    def visit_ListComp(self, node: ast.ListComp) -> str:
        return f"py.list({self._generator(node.generators, self.visit(node.elt))})"

    def visit_SetComp(self, node: ast.SetComp) -> str:
        return f"py.set({self._generator(node.generators, self.visit(node.elt))})"

    def visit_DictComp(self, node: ast.DictComp) -> str:
        pair = f"[{self.visit(node.key)}, {self.visit(node.value)}]"
        return f"py.dict({self._generator(node.generators, pair)})"

    def _generator(self, generators: list[ast.comprehension], element: str) -> str:
        text = f"yield {element};"
        for each in reversed(generators):
            for test in reversed(each.ifs):
                text = f"if ({self._test(test)}) {text}"
            head = f"const {self._pattern(each.target)} of ({self.visit(each.iter)})"
            text = f"for ({head}) {text}"
        return f"(function* () {{ {text} }})()"

    def visit_Yield(self, node: ast.Yield) -> str:
        return f"yield {self.visit(node.value) if node.value else 'null'}"

    def visit_YieldFrom(self, node: ast.YieldFrom) -> str:
        return f"yield* ({self.visit(node.value)})"


def _is_number(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) in (int, float)

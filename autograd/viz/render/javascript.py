"""Python as JavaScript: the layout is written once, and the page runs it as well.

It takes what arithmetic on numbers, lists and dicts needs: functions, classes and dataclasses,
comprehensions, unpacking. What both languages have under other names stands in page/python.js.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from autograd.viz.render.python_terms import OPERATORS, Terms

__all__ = ["javascript"]


def javascript(sources: Mapping[str, str]) -> str:
    """Modules by their names, in an order in which each comes after those that it imports."""
    trees = {name: ast.parse(source) for name, source in sources.items()}
    writer = _Writer(trees)
    return "\n".join(writer.module(name, tree) for name, tree in trees.items())


class _Writer(Terms):
    """A method for each kind of statement, which gives its lines."""

    def __init__(self, trees: Mapping[str, ast.Module]) -> None:
        super().__init__()
        self.trees = trees
        self.types = {  # names of types alone, such as `Point = tuple[float, float]`
            node.targets[0].id
            for tree in trees.values()
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Subscript)
            and isinstance(node.targets[0], ast.Name)
        }  # fmt: skip
        for tree in trees.values():
            self.classes |= {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
            for node in ast.walk(tree):
                if isinstance(node, ast.FunctionDef):
                    names = [arg.arg for arg in (*node.args.args, *node.args.kwonlyargs)]
                    self.signatures[node.name] = [n for n in names if n != "self"]
            for node in tree.body:
                if isinstance(node, ast.ClassDef):
                    self.signatures[node.name] = [name for name, _ in self._parameters(node)]

    def module(self, name: str, tree: ast.Module) -> str:
        """A scope of its own; `__all__` is what others import."""
        lines, shown = [f"const {name} = (() => {{"], ""
        for node in tree.body:
            if isinstance(node, ast.ImportFrom):
                source = (node.module or "").rpartition(".")[2]
                names = [each.name for each in node.names if each.name not in self.types]
                if source in self.trees and names:
                    lines.append(f"const {{ {', '.join(names)} }} = {source};")
            elif isinstance(node, ast.Assign):
                target, value = self._pattern(node.targets[0]), node.value
                if target == "__all__":
                    names = [e.value for e in value.elts]  # type: ignore[attr-defined]
                    shown = ", ".join(name for name in names if name not in self.types)
                elif target not in self.types:
                    lines.append(f"const {target} = {self.visit(value)};")
            elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                lines += self.visit(node)
        return "\n".join([*lines, f"return {{ {shown} }};", "})();"])

    # ---- definitions ---------------------------------------------------------------------------

    def _parameters(self, node: ast.ClassDef) -> list[tuple[str, str]]:
        """(name, default) of what makes an object: the fields, or those of `__init__`."""
        for each in node.body:
            if isinstance(each, ast.FunctionDef) and each.name == "__init__":
                return self._arguments(each.args)[1:]
        fields = []
        for each in node.body:
            if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name):
                fields.append((each.target.id, self._default(each.value)))
        return fields

    def visit_ClassDef(self, node: ast.ClassDef) -> list[str]:
        parameters = self._parameters(node)
        heads = ", ".join(f"{n} = {d}" if d else n for n, d in parameters)
        lines = [f"class {node.name} {{", f"constructor({heads}) {{"]
        methods = [each for each in node.body if isinstance(each, ast.FunctionDef)]
        if any(each.name == "__init__" for each in methods):
            lines.append(f"this.__init__({', '.join(name for name, _ in parameters)});")
        else:
            lines += [f"this.{name} = {name};" for name, _ in parameters]
        lines.append("}")
        for each in methods:
            lines += self._function(each, is_method=True)
        return [*lines, "}"]

    def visit_FunctionDef(self, node: ast.FunctionDef) -> list[str]:
        return self._function(node)

    def _function(self, node: ast.FunctionDef, is_method: bool = False) -> list[str]:
        parameters = self._arguments(node.args)
        star = "*" if any(isinstance(n, (ast.Yield, ast.YieldFrom)) for n in _own(node)) else ""
        first = ["const self = this;"] if is_method else []
        parameters = parameters[1:] if is_method else parameters
        heads = ", ".join(f"{n} = {d}" if d else n for n, d in parameters)
        decorated = {d.id for d in node.decorator_list if isinstance(d, ast.Name)}
        word = ("get " if "property" in decorated else star) if is_method else f"function{star} "
        names = _assigned(node) - {name for name, _ in self._arguments(node.args)}
        if names:
            first.append(f"let {', '.join(sorted(names))};")
        return [f"{word}{node.name}({heads}) {{", *first, *self._body(node.body), "}"]

    def _body(self, body: list[ast.stmt]) -> list[str]:
        return [line for each in body for line in self.visit(each)]

    # ---- statements ----------------------------------------------------------------------------

    def visit_Expr(self, node: ast.Expr) -> list[str]:
        return [] if isinstance(node.value, ast.Constant) else [f"{self.visit(node.value)};"]

    def visit_Return(self, node: ast.Return) -> list[str]:
        return [f"return {self.visit(node.value) if node.value else 'null'};"]

    def visit_Pass(self, node: ast.Pass) -> list[str]:
        return []

    def visit_Break(self, node: ast.Break) -> list[str]:
        return ["break;"]

    def visit_Continue(self, node: ast.Continue) -> list[str]:
        return ["continue;"]

    def visit_Assign(self, node: ast.Assign) -> list[str]:
        value, lines = self.visit(node.value), []
        if len(node.targets) > 1:
            lines, value = [f"const shared = {value};"], "shared"
        for target in node.targets:
            lines.append(self._assign(target, value))
        return ["{", *lines, "}"] if len(node.targets) > 1 else lines

    def visit_AnnAssign(self, node: ast.AnnAssign) -> list[str]:
        return [self._assign(node.target, self.visit(node.value))] if node.value else []

    def _assign(self, target: ast.expr, value: str) -> str:
        if isinstance(target, ast.Subscript):
            return f"py.put({self.visit(target.value)}, {self.visit(target.slice)}, {value});"
        if isinstance(target, ast.Tuple):
            if all(
                isinstance(each, ast.Name)
                for each in ast.walk(target)
                if isinstance(each, ast.expr) and not isinstance(each, (ast.Tuple, ast.Starred))
            ):
                return f"{self._pattern(target)} = py.list({value});"
            parts = [self._assign(each, f"values[{i}]") for i, each in enumerate(target.elts)]
            return f"{{ const values = py.list({value}); {' '.join(parts)} }}"
        return f"{self.visit(target)} = {value};"

    def visit_AugAssign(self, node: ast.AugAssign) -> list[str]:
        value = (
            f"py.{OPERATORS[type(node.op)]}({self.visit(node.target)}, {self.visit(node.value)})"
        )
        for word, changing in (("py.add(", "py.grow("), ("py.or(", "py.merge(")):
            if value.startswith(word):  # lists and dicts change where they are
                value = value.replace(word, changing, 1)
        return [self._assign(node.target, value)]

    def visit_If(self, node: ast.If) -> list[str]:
        lines = [f"if ({self._test(node.test)}) {{", *self._body(node.body), "}"]
        return lines + (["else {", *self._body(node.orelse), "}"] if node.orelse else [])

    def visit_While(self, node: ast.While) -> list[str]:
        return [f"while ({self._test(node.test)}) {{", *self._body(node.body), "}"]

    def visit_For(self, node: ast.For) -> list[str]:
        head = f"for ({self._pattern(node.target)} of ({self.visit(node.iter)})) {{"
        if isinstance(node.target, (ast.Subscript, ast.Attribute)) or node.orelse:
            self.generic_visit(node)
        return [head, *self._body(node.body), "}"]


def _own(node: ast.FunctionDef) -> Iterator[ast.AST]:
    """All inside of a function but for the functions and comprehensions in it."""
    left: list[ast.AST] = list(node.body)
    while left:
        each = left.pop()
        yield each
        if not isinstance(each, (ast.FunctionDef, ast.Lambda)):
            left += ast.iter_child_nodes(each)


def _assigned(node: ast.FunctionDef) -> set[str]:
    """The names that a function binds itself, and so has of its own."""
    found, loops, outer = set(), set(), set()
    for each in _own(node):
        if isinstance(each, ast.Nonlocal):
            outer |= set(each.names)
        elif isinstance(each, ast.comprehension):
            loops |= {n for n in ast.walk(each.target) if isinstance(n, ast.Name)}
        elif isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
            found.add(each)
    return {name.id for name in found - loops} - outer

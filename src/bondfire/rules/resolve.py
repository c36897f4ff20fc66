"""Finds what each name means: a macro's variable, a variable of the environment, or a type."""

from collections.abc import Collection, Iterator
from dataclasses import replace

from bondfire.rules.conversions import TYPE_VALUES
from bondfire.rules.syntax import Call, ListLiteral, Literal, Macro, MapLiteral, Name, Node, Select


class Resolver:
    """Rewrites names; those it does not know stay as they are."""

    def __init__(self, variables: Collection[str], container: str = "") -> None:
        self.variables = variables
        self.container = container

    def resolve(self, node: Node, local: frozenset[str] = frozenset()) -> Node:
        """The same tree with dotted names joined and local ones marked.

        Args:
            node: as parsed.
            local: names of the macro variables around it.
        """
        match node:
            case Literal():
                return node
            case Name():
                return self._name(node, local)
            case Select():
                return self._select(node, local)
            case Call():
                return replace(node, arguments=tuple(self.resolve(a, local) for a in node.arguments))
            case ListLiteral():
                return replace(node, elements=tuple(self.resolve(e, local) for e in node.elements))
            case MapLiteral():
                entries = ((self.resolve(k, local), self.resolve(v, local)) for k, v in node.entries)
                return replace(node, entries=tuple(entries))
            case Macro():
                return self._macro(node, local)

    def _macro(self, node: Macro, local: frozenset[str]) -> Macro:
        inner = local | set(node.variables)
        return replace(
            node,
            target=self.resolve(node.target, local),
            condition=node.condition and self.resolve(node.condition, inner),
            result=node.result and self.resolve(node.result, inner),
        )

    def _name(self, node: Name, local: frozenset[str]) -> Node:
        if node.name in local and not node.root:
            return replace(node, local=True)
        return self._known(node, (node.name,)) or node

    def _select(self, node: Select, local: frozenset[str]) -> Node:
        chain = None if node.test else _chain(node)
        if chain and (chain[0].root or chain[0].name not in local):
            known = self._known(chain[0], chain[1])
            if known:
                return known
        return replace(node, operand=self.resolve(node.operand, local))

    def _known(self, first: Name, parts: tuple[str, ...]) -> Node | None:
        """The variable or type that all the parts together name."""
        for name in self._candidates(".".join(parts), root=first.root):
            if name in self.variables:
                return Name(offset=first.offset, name=name)
            if name in TYPE_VALUES:
                return Literal(offset=first.offset, value=TYPE_VALUES[name])
        return None

    def _candidates(self, name: str, *, root: bool) -> Iterator[str]:
        spaces = self.container.split(".") if self.container and not root else []
        for length in range(len(spaces), -1, -1):
            yield ".".join([*spaces[:length], name])


def _chain(node: Select) -> tuple[Name, tuple[str, ...]] | None:
    """`a.b.c` as its first name and all its parts."""
    fields: list[str] = []
    here: Node = node
    while isinstance(here, Select) and not here.quoted and not here.test:
        fields.append(here.field)
        here = here.operand
    if not isinstance(here, Name):
        return None
    return here, (here.name, *reversed(fields))

"""Recursive descent from tokens to the syntax tree, after the grammar of the CEL specification."""

import math
from typing import Final

from bondfire.rules.errors import Fault
from bondfire.rules.lexer import RESERVED, Token, tokens_of
from bondfire.rules.macros import MACRO_NAMES, macro
from bondfire.rules.syntax import Call, ListLiteral, Literal, MapLiteral, Name, Node, Select, height
from bondfire.rules.values import Uint

MOST_CHARACTERS: Final = 4000
DEEPEST: Final = 50
LARGEST_EXPONENT: Final = 400
TALLEST: Final = 80
"""Chains such as `a + b + c` nest in the tree but not for the reader; the tree may be this high."""

_CONSTANTS: Final = {"true": True, "false": False, "null": None}
_LEVELS: Final = (("==", "!=", "<=", ">=", "<", ">", "in"), ("+", "-"), ("*", "/", "%"))


def parse(source: str) -> Node:
    """The tree of an expression.

    Raises:
        Fault: bad syntax, too long or too deep.
    """
    if len(source) > MOST_CHARACTERS:
        raise Fault(
            f"The expression has {len(source)} characters; at most {MOST_CHARACTERS} are allowed.",
            MOST_CHARACTERS,
            code="too_long",
            next_step="Split it into several rules.",
        )
    parser = _Parser(tokens_of(source))
    node = parser.expression()
    parser.expect_end()
    if height(node) > TALLEST:
        raise _too_deep(0)
    return node


def _too_deep(offset: int) -> Fault:
    return Fault(
        f"The expression is nested deeper than {DEEPEST} levels.",
        offset,
        code="too_deep",
        next_step="Split it into several rules.",
    )


class _Parser:
    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.index = 0
        self.depth = 0

    @property
    def here(self) -> Token:
        return self.tokens[self.index]

    def take(self, *texts: str) -> Token | None:
        """The next token if it is one of these marks or words."""
        token = self.here
        if token.text not in texts or token.kind in ("string", "bytes", "quoted"):
            return None
        self.index += 1
        return token

    def expect(self, text: str) -> Token:
        return self.take(text) or self.fail(f"Expected {text!r}")

    def expect_end(self) -> None:
        if self.here.kind != "end":
            self.fail("Expected an operator or the end")

    def fail(self, wanted: str) -> Token:
        found = "the end" if self.here.kind == "end" else repr(self.here.text[:40])
        hint = {"=": "Write == to compare.", "&": "Write && for and.", "|": "Write || for or."}
        raise Fault(
            f"{wanted}, found {found}.",
            self.here.offset,
            code="syntax",
            next_step=hint.get(self.here.text, ""),
        )

    def expression(self) -> Node:
        """A ternary, or what binds tighter."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise _too_deep(self.here.offset)
        node = self.logic("||")
        if mark := self.take("?"):
            yes = self.logic("||")
            self.expect(":")
            node = _operator("_?_:_", mark, node, yes, self.expression())
        self.depth -= 1
        return node

    def logic(self, mark: str) -> Node:
        """A chain of one logical operator, kept as one node however long."""
        operands = [self.logic("&&") if mark == "||" else self.binary(0)]
        first = self.here
        while self.take(mark):
            operands.append(self.logic("&&") if mark == "||" else self.binary(0))
        return _operator(f"_{mark}_", first, *operands) if len(operands) > 1 else operands[0]

    def binary(self, level: int) -> Node:
        """Relations, sums and products, from left to right."""
        if level == len(_LEVELS):
            return self.unary()
        node = self.binary(level + 1)
        while mark := self.take(*_LEVELS[level]):
            name = "@in" if mark.text == "in" else f"_{mark.text}_"
            node = _operator(name, mark, node, self.binary(level + 1))
        return node

    def unary(self) -> Node:
        """`!` and `-`; a minus directly before a number belongs to the number."""
        marks: list[Token] = []
        while mark := self.take(marks[0].text) if marks else self.take("!", "-"):
            marks.append(mark)
        if marks and marks[-1].text == "-" and self.here.kind in ("int", "float"):
            node = self.member(self.number(marks.pop()))
        else:
            node = self.member(self.primary())
        for mark in reversed(marks):
            node = _operator(f"{mark.text}_", mark, node)
        return node

    def member(self, node: Node) -> Node:
        """Selections, method calls and indexing after a primary."""
        while True:
            if self.take("."):
                node = self.selection(node)
            elif bracket := self.take("["):
                index = self.expression()
                self.expect("]")
                node = _operator("_[_]", bracket, node, index)
            else:
                return node

    def selection(self, operand: Node) -> Node:
        token = self.here
        if token.kind not in ("name", "quoted"):
            self.fail("Expected a field name after '.'")
        self.index += 1
        if token.kind == "quoted":
            return Select(offset=token.offset, operand=operand, field=token.text[1:-1], quoted=True)
        if not self.take("("):
            return Select(offset=token.offset, operand=operand, field=token.text)
        arguments = self.items(")")
        if token.text in MACRO_NAMES:
            expanded = macro(token, operand, arguments)
            if expanded:
                return expanded
        return Call(offset=token.offset, function=token.text, arguments=(operand, *arguments), method=True)

    def items(self, closing: str) -> tuple[Node, ...]:
        """Comma-separated expressions up to the closing mark; a trailing comma is allowed in lists."""
        found: list[Node] = []
        while not self.take(closing):
            found.append(self.expression())
            if not self.take(","):
                self.expect(closing)
                break
            if closing == ")" and self.here.text == closing:
                self.fail("Expected an argument")
        return tuple(found)

    def primary(self) -> Node:
        """A literal, name, call, list, map or parenthesis."""
        token = self.here
        if token.kind in ("int", "float"):
            return self.number(None)
        if token.kind in ("string", "bytes"):
            self.index += 1
            return Literal(offset=token.offset, value=token.value)
        if self.take("("):
            node = self.expression()
            self.expect(")")
            return node
        if self.take("["):
            return ListLiteral(offset=token.offset, elements=self.items("]"))
        if self.take("{"):
            return self.map_literal(token)
        return self.name()

    def name(self) -> Node:
        root = self.take(".")
        token = self.here
        if token.kind != "name" or token.text in RESERVED or token.text == "in":
            self.fail("Expected a value")
        self.index += 1
        offset = root.offset if root else token.offset
        if token.text in _CONSTANTS and not root:
            return Literal(offset=offset, value=_CONSTANTS[token.text])
        if not self.take("("):
            return Name(offset=offset, name=token.text, root=bool(root))
        arguments = self.items(")")
        if token.text == "has":
            return _has(token, arguments)
        return Call(offset=offset, function=token.text, arguments=arguments)

    def map_literal(self, opening: Token) -> Node:
        entries: list[tuple[Node, Node]] = []
        while not self.take("}"):
            key = self.expression()
            self.expect(":")
            entries.append((key, self.expression()))
            if not self.take(","):
                self.expect("}")
                break
        return MapLiteral(offset=opening.offset, entries=tuple(entries))

    def number(self, minus: Token | None) -> Literal:
        """A numeric literal with its sign."""
        token = self.here
        self.index += 1
        text = ("-" if minus else "") + token.text
        offset = minus.offset if minus else token.offset
        value = _double(text, offset) if token.kind == "float" else _integer(text, offset)
        return Literal(offset=offset, value=value, text=text)


def _integer(text: str, offset: int) -> int:
    unsigned = text[-1] in "uU"
    digits = text.rstrip("uU")
    value = int(digits, 16 if "x" in digits else 10)
    low, high = (0, 2**64) if unsigned else (-(2**63), 2**63)
    if not low <= value < high or (unsigned and text[0] == "-"):
        kind = "uint" if unsigned else "int"
        raise Fault(f"{text} does not fit into 64 bits ({kind}).", offset, code="syntax")
    return Uint(value) if unsigned else value


def _double(text: str, offset: int) -> float:
    """The double; one that is written too large or too small for it is refused."""
    value = float(text)
    exponent = text.lower().partition("e")[2]
    if math.isinf(value) or len(exponent) > 5 or abs(int(exponent or "0")) > LARGEST_EXPONENT:
        raise Fault(f"{text[:40]} does not fit into a double.", offset, code="syntax")
    return value


def _operator(name: str, mark: Token, *operands: Node) -> Call:
    return Call(offset=mark.offset, function=name, arguments=operands)


def _has(token: Token, arguments: tuple[Node, ...]) -> Node:
    if len(arguments) != 1 or not isinstance(arguments[0], Select) or arguments[0].test:
        raise Fault(
            "has() takes one selection.",
            token.offset,
            code="syntax",
            next_step="Write it like has(event.total).",
        )
    chosen = arguments[0]
    return Select(
        offset=chosen.offset, operand=chosen.operand, field=chosen.field, quoted=chosen.quoted, test=True
    )

# SPDX-License-Identifier: Apache-2.0
"""The functions of a C file and their measures: lines, parameters, nesting and
cyclomatic complexity (adjacent case labels count as one arm)."""
import re

import tree

TOKEN = re.compile(r"[A-Za-z_]\w*|\d[\w.]*|&&|\|\||->|\.\.\.|\S")
DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.MULTILINE)
CLOSING = {"(": ")", "{": "}", "[": "]"}
CONTROL = {"if", "for", "while", "switch"}
BRANCHES = {"if", "for", "while", "&&", "||", "?"}


class Function:
    def __init__(self, name, line, parameters):
        self.name = name
        self.line = line
        self.parameters = parameters
        self.lines = 0
        self.nesting = 0
        self.complexity = 1


def tokenize(text):
    """(token, line) pairs of C text, without comments and preprocessor lines."""
    code = DIRECTIVE.sub(lambda m: "\n" * m.group(0).count("\n"), tree.c_code(text))
    tokens = []
    line = 1
    at = 0
    for match in TOKEN.finditer(code):
        line += code.count("\n", at, match.start())
        at = match.start()
        tokens.append((match.group(0), line))
    return tokens


def skip(tokens, at):
    """Index after the bracket that closes the one at `at`."""
    depth = 0
    while at < len(tokens):
        token = tokens[at][0]
        depth += token in "({["
        depth -= token in ")}]"
        at += 1
        if depth == 0:
            break
    return at


def count_parameters(tokens):
    """Parameters between the outer brackets of a parameter list."""
    inner = [token for token, _ in tokens[1:-1]]
    if not inner or inner == ["void"]:
        return 0
    depth = 0
    count = 1
    for token in inner:
        depth += token in "({["
        depth -= token in ")}]"
        count += token == "," and depth == 0
    return count - (inner[-1] == "...")


class Body:
    """Walks the statements of one function body."""

    def __init__(self, tokens, function):
        self.tokens = tokens
        self.function = function

    def token(self, at):
        return self.tokens[at][0] if at < len(self.tokens) else ""

    def statement(self, at, depth):
        """Reads one statement; returns the index after it."""
        self.function.nesting = max(self.function.nesting, depth)
        token = self.token(at)
        if token == "{":
            return self.block(at, depth)
        if token in CONTROL:
            at = self.statement(skip(self.tokens, at + 1), depth + 1)
            return self.otherwise(at, depth) if token == "if" else at
        if token == "do":
            return self.statement(at + 1, depth + 1)
        if token in ("case", "default"):
            while self.token(at) not in (":", ""):
                at += 1
            return at + 1
        return self.expression(at, depth)

    def block(self, at, depth):
        at += 1
        while self.token(at) not in ("}", ""):
            at = self.statement(at, depth)
        return at + 1

    def otherwise(self, at, depth):
        if self.token(at) != "else":
            return at
        is_chain = self.token(at + 1) == "if"
        return self.statement(at + 1, depth if is_chain else depth + 1)

    def expression(self, at, depth):
        """Up to the semicolon; NAME(...) { is a loop made by a macro."""
        if self.token(at + 1) == "(":
            after = skip(self.tokens, at + 1)
            if self.token(after) == "{":
                return self.statement(after, depth + 1)
        while self.token(at) not in (";", ""):
            at = skip(self.tokens, at) if self.token(at) in CLOSING else at + 1
        return at + 1


def count_branches(tokens):
    branches = sum(token in BRANCHES for token, _ in tokens)
    words = [token for token, _ in tokens]
    for at, token in enumerate(words):
        # A label right after another one belongs to the same arm.
        if token == "case" and not (at > 0 and words[at - 1] == ":"):
            branches += 1
    return branches


def of(text):
    """The function definitions of a C text."""
    tokens = tokenize(text)
    found = []
    start = at = 0
    while at < len(tokens):
        token = tokens[at][0]
        if token == "{" and at > start and tokens[at - 1][0] == ")":
            end = skip(tokens, at)
            found.append(measure(tokens, start, at, end))
            start = at = end
        elif token in CLOSING:
            at = skip(tokens, at)
        else:
            at += 1
            start = at if token == ";" else start
    return found


def measure(tokens, start, body, end):
    opening = start
    while tokens[opening][0] != "(":
        opening += 1
    parameters = count_parameters(tokens[opening:skip(tokens, opening)])
    function = Function(tokens[opening - 1][0], tokens[start][1], parameters)
    function.lines = tokens[end - 1][1] - tokens[start][1] + 1
    Body(tokens[:end], function).block(body, 0)
    function.complexity += count_branches(tokens[body:end])
    return function

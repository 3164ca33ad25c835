# SPDX-License-Identifier: ISC
"""As much of Prometheus's language as alerts of shellac are written in, over scrapes that
a test made: no ranges are cut, all the scrapes are in each."""
import re

TOKEN = re.compile(r"\s*(\d+\.?\d*(?![a-z0-9.])|[a-z_][a-z0-9_]*|==|=~|!=|>=|<=|[-+*/(){}\[\],=<>]|"
                   r"\"[^\"]*\"|\d+[smhd])")
COMPARE = {"==": lambda a, b: a == b, "!=": lambda a, b: a != b, ">": lambda a, b: a > b,
           "<": lambda a, b: a < b, ">=": lambda a, b: a >= b, "<=": lambda a, b: a <= b}
COUNT = {"+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b,
         "/": lambda a, b: a / b if b else float("nan")}


class Scrape:
    """At time `at` the samples of families as prometheus_client parses them: by name, from a
    frozenset of labels to a value."""

    def __init__(self, at, families):
        self.at = at
        self.samples = {}
        for family in families:
            for s in family.samples:
                self.samples.setdefault(s.name, {})[frozenset(s.labels.items())] = s.value


class Query:
    """One expression; names are the metrics that it asks for."""

    def __init__(self, text):
        self.tokens = []
        at = 0
        while at < len(text.rstrip()):
            match = TOKEN.match(text, at)
            if not match:
                raise ValueError(f"{text!r} at {at}")
            self.tokens.append(match[1])
            at = match.end()
        self.names = set()
        self.scrapes, self.now, self.next = [], 0, 0

    def run(self, scrapes, now=None):
        """The samples that it gives: nothing, and no alert fires."""
        self.scrapes, self.next = scrapes, 0
        self.now = scrapes[-1].at if now is None else now
        found = self.compare()
        if self.next != len(self.tokens):
            raise ValueError(f"left over: {self.tokens[self.next:]}")
        return found

    def peek(self):
        return self.tokens[self.next] if self.next < len(self.tokens) else None

    def take(self, wanted=None):
        token = self.peek()
        if token is None or wanted not in (None, token):
            raise ValueError(f"{token!r} is not {wanted!r}")
        self.next += 1
        return token

    def compare(self):
        left = self.add()
        if self.peek() in COMPARE:
            compare = COMPARE[self.take()]
            kept = both(left, self.add(), lambda a, b: a if compare(a, b) else None)
            return {k: v for k, v in kept.items() if v is not None}
        return left

    def add(self):
        value = self.times()
        while self.peek() in ("+", "-"):
            value = both(value, *reversed((COUNT[self.take()], self.times())))
        return value

    def times(self):
        value = self.atom()
        while self.peek() in ("*", "/"):
            value = both(value, *reversed((COUNT[self.take()], self.atom())))
        return value

    def atom(self):
        token = self.take()
        if token == "(":
            value = self.compare()
            self.take(")")
            return value
        if token[0].isdigit():
            return float(token)
        if self.peek() == "(":
            return self.call(token)
        return self.vectors(token)[-1]

    def call(self, name):
        self.take("(")
        if name == "time":
            self.take(")")
            return self.now
        if name == "histogram_quantile":
            part = self.compare()
            self.take(",")
            value = quantile(part, self.compare())
        else:
            value = self.over_time(name, self.vectors(self.take()))
        self.take(")")
        return value

    def over_time(self, name, vectors):
        every = [[v[k] for v in vectors if k in v] for k in vectors[-1]]
        span = self.scrapes[-1].at - self.scrapes[0].at or 1
        make = {"increase": lambda v: v[-1] - v[0], "rate": lambda v: (v[-1] - v[0]) / span,
                "changes": lambda v: sum(a != b for a, b in zip(v, v[1:]))}[name]
        return {k: make(v) for k, v in zip(vectors[-1], every)}

    def vectors(self, name):
        """Those of each scrape."""
        self.names.add(name)
        tests = []
        if self.peek() == "{":
            self.take()
            while self.peek() != "}":
                label, how, value = self.take(), self.take(), self.take()[1:-1]
                tests.append((label, value if how == "=~" else re.escape(value)))
                if self.peek() == ",":
                    self.take()
            self.take("}")
        if self.peek() == "[":
            self.take(), self.take(), self.take("]")
        return [{k: v for k, v in s.samples.get(name, {}).items()
                 if all(re.fullmatch(value, dict(k).get(label, "")) for label, value in tests)}
                for s in self.scrapes]


def both(left, right, make):
    """Of two vectors samples with the same labels."""
    if not isinstance(left, dict) and not isinstance(right, dict):
        return make(left, right)
    if not isinstance(right, dict):
        return {k: make(v, right) for k, v in left.items()}
    if not isinstance(left, dict):
        return {k: make(left, v) for k, v in right.items()}
    return {k: make(v, right[k]) for k, v in left.items() if k in right}


def quantile(part, buckets):
    found = {}
    for labels, count in buckets.items():
        rest = frozenset((k, v) for k, v in labels if k != "le")
        found.setdefault(rest, []).append((float(dict(labels)["le"]), count))
    result = {}
    for labels, bounds in found.items():
        bounds.sort()
        total, below, before = bounds[-1][1], 0.0, 0.0
        for bound, count in bounds:
            if total and count >= part * total:
                result[labels] = below if bound == float("inf") else \
                    below + (bound - below) * (part * total - before) / ((count - before) or 1)
                break
            below, before = bound, count
    return result

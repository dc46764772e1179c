"""What the YAML parser found wrong, in the words of someone who wrote a text."""

from __future__ import annotations

import re

from ruamel.yaml.error import MarkedYAMLError

__all__ = ["in_words"]

_SIGNS = (
    (
        "double-quoted scalar",
        r"'\' has a meaning of its own between double quotation marks: write '\\', or use single ones",
    ),
    ("scanning an anchor", "'&' has a meaning of its own: put text that starts with it in quotes"),
    ("scanning an alias", "'*' has a meaning of its own: put text that starts with it in quotes"),
    ("block scalar", "'|' and '>' have a meaning of their own: put text that starts with one in quotes"),
    ("tag", "'!' has a meaning of its own: put text that starts with it in quotes"),
    ("<document start>", "wrong indent, or a line that starts with '%': put such text in quotes"),
)
"""What stands in the parser's words, and what it means to someone who wrote a text."""
_SOMEHOW = (
    "something here has a meaning of its own in YAML, or is missing: compare the lines around it, put texts in quotes"
)


def in_words(error: MarkedYAMLError) -> tuple[int, str]:
    """(character offset, what is wrong there and what to do) for a syntax error of ruamel's parser."""
    problem, context = error.problem or "", error.context or ""
    here = error.problem_mark.index if error.problem_mark else 0
    start = error.context_mark.index if error.context_mark else here
    if "'\\t'" in problem:
        return here, "a tab in the indent: use spaces"
    if "cannot start any token" in problem:
        found = problem.removesuffix(" that cannot start any token")
        return here, f"{found} at the start of text: put the text in quotes"
    if "quoted scalar" in context and ("end of stream" in problem or "document separator" in problem):
        return start, "a quotation mark is opened here and never closed"
    if "values are not allowed here" in problem or "entries are not allowed here" in problem:
        return here, "wrong indent, or text that holds ': ' or starts with '- ': put such text in quotes"
    if "could not find expected ':'" in problem:
        return start, "a ':' is missing after the key, or the text before goes on with a wrong indent"
    if "expected ',' or" in problem or ("flow" in context and "<stream end>" in problem):
        return start, "a '[' or '{' is opened here and not closed, or a ',' is missing in it"
    if "expected <block end>" in problem:
        return here, "wrong indent, or something after the end of a text in quotes"
    found = re.search(r"node content, but found '(.)'", problem)
    if found:
        return (
            here,
            f"'{found[1]}' stands where a value is expected: take it away, or put text that starts with it in quotes",
        )
    return here, next((said for sign, said in _SIGNS if sign in f"{context}: {problem}"), _SOMEHOW)

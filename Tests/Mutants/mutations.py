"""The mutants that a Swift file has, and how each is written behind a number.

A mutant changes one line. In the copy the line holds both: `a < b` becomes `a <~^ b`, an operator
of its own that means `<` or, where the mutant is on, `<=`; a statement becomes
`if !Mutant.isOn(7) { … }`. What does not compile so is no mutant: the caller draws another.
"""

import dataclasses
import hashlib
import pathlib
import re

RELATIONS = {"<": ["<=", ">="], "<=": ["<", ">"], ">": [">=", "<="], ">=": [">", "<"],
             "==": ["!="], "!=": ["=="]}
# Cases of enums that have no values of their own, and what stands for each.
CASES = {"completed": ["rejected", "unknown"], "rejected": ["failed", "completed"],
         "failed": ["rejected", "unknown"], "unknown": ["failed"], "skipped": ["failed"],
         "running": ["stuck", "done"], "compensating": ["running", "stuck"],
         "stuck": ["running", "waiting", "done"], "waiting": ["done", "stuck", "inFlight"],
         "inFlight": ["waiting"], "done": ["waiting", "running"], "held": ["stuck"],
         "command": ["compensation"], "compensation": ["command"], "probe": ["command"],
         "probing": ["running"], "outcome": ["error"], "timeout": ["error"], "start": ["cancel"],
         "cancel": ["deadline", "start"], "settled": ["completed"], "compensated": ["completed"]}


@dataclasses.dataclass(frozen=True)
class Mutant:
    """One change of one line."""

    path: pathlib.Path
    line: int
    kind: str
    original: str
    # The line as the mutant would have it, by itself.
    mutated: str
    # The line with both in it; `NUMBER` and `OPERATOR` stand for what is the mutant's own.
    template: str
    # What the operator means without the mutant and with it, where there is one.
    operator: tuple = ()

    @property
    def place(self):
        return self.path, self.line

    @property
    def key(self):
        """Names the mutant by what it changes, not by where the line stands."""
        text = "\n".join([self.path.name, self.original.strip(), self.mutated.strip()])
        return hashlib.sha256(text.encode()).hexdigest()[:8]

    def written(self, number):
        return self.template.replace("NUMBER", str(number)).replace("OPERATOR", symbol(number))


def symbol(number):
    """An operator that is no other mutant's."""
    digits = ""
    while number:
        digits += "~^|%"[number % 4]
        number //= 4
    return "<" + digits + "<"


def operators(numbered):
    """The Swift file that declares the operators of the mutants."""
    text = ["// What the operators of the mutants mean without them and with them."]
    for number, mutant in numbered:
        if mutant.operator:
            text.append(declaration(number, *mutant.operator))
    return "\n".join(text) + "\n"


def declaration(number, role, old, new):
    name = symbol(number)
    on = f"Mutant.isOn({number})"
    if role == "relation":
        needs = "Equatable" if old in ("==", "!=") else "Comparable"
        return (f"infix operator {name}: ComparisonPrecedence\n"
                f"func {name} <T: {needs}>(a: T, b: T) -> Bool {{ {on} ? a {new} b : a {old} b }}")
    if role == "logic":
        group = "LogicalConjunctionPrecedence" if old == "&&" else "LogicalDisjunctionPrecedence"
        return (f"infix operator {name}: {group}\n"
                f"func {name} (a: Bool, b: @autoclosure () throws -> Bool) rethrows -> Bool {{\n"
                f"    {on} ? try a {new} b() : try a {old} b()\n}}")
    if role == "sum":
        sign = "" if new == "+" else ".zero - "
        unsign = "" if old == "+" else ".zero - "
        return (f"infix operator {name}: AdditionPrecedence\n"
                f"func {name} (a: Int, b: Int) -> Int {{ {on} ? a {new} b : a {old} b }}\n"
                f"func {name} (a: Duration, b: Duration) -> Duration "
                f"{{ {on} ? a {new} b : a {old} b }}\n"
                f"func {name} (a: Instant, b: Duration) -> Instant "
                f"{{ {on} ? a + ({sign}b) : a + ({unsign}b) }}")
    return (f"prefix operator {name}\n"
            f"prefix func {name} (a: Bool) -> Bool {{ {on} ? a : !a }}")


def candidates(path, core):
    """The mutants of a file."""
    found = []
    for number, line in enumerate(path.read_text().split("\n"), 1):
        code = masked(line)
        if re.match(r"\s*(//|/\*|package |private |fileprivate |extension |struct |enum |init|"
                    r"mutating func|func |@|case [a-z]\w*( |$|,|\())", code):
            # A declaration; a computed value on the same line is left to the lines below.
            if not re.match(r"\s*(package |private |fileprivate )*var .*\{.*\}\s*$", code):
                continue
        for kind, start, end, new, both, operator in changes(code, line):
            if path.parent.name == "State" and kind == "statement removed":
                # Nearly all statements there initialise.
                continue
            found.append(Mutant(
                path, number, kind, line, line[:start] + new + line[end:],
                line[:start] + both + line[end:], operator))
    return found


def masked(line):
    """The line with texts and comments blanked out, of the same length."""
    line = re.sub(r'"(?:\\.|[^"\\])*"', lambda text: '"' + "_" * (len(text[0]) - 2) + '"', line)
    return re.sub(r"//.*", lambda text: " " * len(text[0]), line)


def changes(code, line):
    """What can be changed in a line: kind, range, the change, both behind a number, operator."""
    body = pattern_end(code)
    yield from relations(code, body)
    yield from logic(code, body)
    yield from conditions(code, line)
    yield from statements(code, line, body)
    yield from values(code, body)


def pattern_end(code):
    """Where the pattern of a `case` ends, which no change may touch; 0 elsewhere."""
    match = re.match(r"\s*(case|if case|guard case|for case) .*?(:|=)", code)
    return match.end() if match else 0


def relations(code, body):
    for match in re.finditer(r" (<=|>=|==|!=|<|>) ", code):
        if match.start() < body:
            continue
        start, end, old = match.start(1), match.end(1), match[1]
        for new in RELATIONS[old]:
            yield "relation", start, end, new, "OPERATOR", ("relation", old, new)
    for match in re.finditer(r" ([+-]) ", code):
        if match.start() >= body:
            old, new = match[1], "-" if match[1] == "+" else "+"
            yield "sum", match.start(1), match.end(1), new, "OPERATOR", ("sum", old, new)


def logic(code, body):
    for match in re.finditer(r"(&&|\|\|)", code):
        old, new = match[1], "||" if match[1] == "&&" else "&&"
        if match.start() >= body:
            yield "logic", match.start(), match.end(), new, "OPERATOR", ("logic", old, new)
    for match in re.finditer(r"(?<=[\s(])!(?=[\w(])", code):
        if match.start() >= body:
            yield "negation", match.start(), match.end(), "", "OPERATOR", ("negation", "!", "")


def conditions(code, line):
    """The conditions of `if`, `guard`, `while` and `where`: each negated, and each dropped."""
    match = re.search(r"\b(if|guard|while|where) (.*?)(?= else \{| \{|:?$)", code)
    if not match:
        return
    place = match.start(2)
    for part in split(match[2]):
        start, end = place, place + len(part)
        place = end + 2
        if re.search(r"\b(let|var|case|try)\b", part) or not part.strip():
            continue
        condition = line[start:end]
        yield ("condition negated", start, end, f"!({condition})",
               f"(Mutant.isOn(NUMBER) != ({condition}))", ())
        if ", " in match[2]:
            yield ("condition dropped", start, end, "true",
                   f"(Mutant.isOn(NUMBER) || ({condition}))", ())


def split(text):
    """The parts of a list of conditions."""
    parts, depth, start = [], 0, 0
    for place, letter in enumerate(text):
        depth += (letter in "([{") - (letter in ")]}")
        if depth == 0 and text.startswith(", ", place):
            parts.append(text[start:place])
            start = place + 2
    return parts + [text[start:]]


def statements(code, line, body):
    """Calls, assignments and early returns that a line consists of."""
    match = re.match(r"\s*(?:case [^:]*: )?(\w(?:[\w.?]|\[[^\]]*\])*(?:\(.*\)| [-+]?= .+))\s*$",
                     code)
    if match and match.start(1) >= body and balanced(match[1]):
        start, end = match.span(1)
        if not match[1].startswith(("self.init", "preconditionFailure")):
            yield ("statement removed", start, end, "",
                   f"if !Mutant.isOn(NUMBER) {{ {line[start:end]} }}", ())
    match = re.search(r"(?<!else) \{ (return) \}", code)
    if match:
        yield ("return dropped", match.start(1), match.end(1), "",
               "if !Mutant.isOn(NUMBER) { return }", ())


def balanced(text):
    return all(text.count(left) == text.count(right) for left, right in ["()", "[]", "{}"])


def values(code, body):
    """Truths, numbers, cases, and the greater of two."""
    for match in re.finditer(r"\b(true|false)\b(?!:)", code):
        if match.start() >= body:
            new = "false" if match[1] == "true" else "true"
            yield ("truth", *match.span(), new, f"Mutant.pick(NUMBER, {match[1]}, {new})", ())
    for match in re.finditer(r"(?<![\w.$_])(\d+)\b(?![._\w])", code):
        if match.start() >= body:
            new = str(int(match[1]) + 1)
            yield ("number", *match.span(), new, f"Mutant.next(NUMBER, {match[1]})", ())
    for match in re.finditer(r"(?<![\w)\]?])\.([a-z]\w*)\b(?!\()", code):
        if match.start() < body:
            continue
        for new in CASES.get(match[1], []):
            yield ("case", *match.span(), f".{new}",
                   f"Mutant.pick(NUMBER, .{match[1]}, .{new})", ())
    for match in re.finditer(r"(?<![\w.])max\(", code):
        yield "greater", *match.span(), "min(", "Mutant.max(NUMBER, ", ()

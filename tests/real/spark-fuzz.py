#!/usr/bin/env python3
"""Random streaming cases in the form of tests/vectors/README.md, the same for the same seed.

    spark-fuzz.py --seed N [--count N] [--kind KIND]… > cases.json

They have no `expect`: spark-vectors.py lets a real Spark say what happens, `taller dev vectors` compares our engine
with it. The plans are built with the columns in sight, so that most of them run; some are meant to be refused.
"""
import argparse
import json
import random
import sys

KINDS = ["window", "session", "group", "dedup", "union", "static", "join", "chain", "joinchain", "phases", "mixed",
         "refused", "odd", "wild"]
TRIGGERS = ["idle"] * 6 + ["backlog"] * 2 + ["backlogAvailableNow"] * 2 + ["once"] * 2 + ["availableNow"]
MODES = ["append"] * 6 + ["update"] * 3 + ["complete"] * 2


class Stream:
    """A name in the plan with its columns: name → time, text, whole or window; `time` is the one to window by."""

    def __init__(self, name, columns, time="ts", marked=False):
        self.name, self.columns, self.time, self.marked = name, columns, time, marked

    def of(self, *types):
        return [name for name, kind in self.columns.items() if kind in types]


class Builder:
    def __init__(self, rng):
        self.rng, self.plan, self.made, self.tables = rng, [], 0, {}

    def add(self, op, columns, time="ts", marked=False):
        self.made += 1
        op["as"] = f"s{self.made}"
        self.plan.append(op)
        return Stream(op["as"], columns, time, marked)

    def source(self, name="in"):
        return Stream(name, {"ts": "time", "key": "text", "value": "whole"})

    def chance(self, share):
        return self.rng.random() < share

    def watermark(self, stream, column=None):
        delay = self.rng.choice([0, 0, 1, 2, 2.5, 5, 5, 10, 0.3, 0.001, 12.75])
        column = column or stream.time
        return self.add({"op": "watermark", "input": stream.name, "column": column, "delay": delay},
                        dict(stream.columns), column, True)

    def aggregates(self, stream, op):
        choices = ["count(*)"] * 5
        for name in stream.of("whole"):
            choices += [f"sum({name})"] * 3 + [f"{one}({name})" for one in ("count", "min", "max", "avg")]
        for name in stream.of("text"):
            choices += [f"{one}({name})" for one in ("count", "max")]
        for name in stream.of("time"):
            choices += [f"{one}({name})" for one in ("min", "max")]
        picked = list(dict.fromkeys(self.rng.choice(choices) for _ in range(self.rng.randint(1, 3))))
        names, columns = {}, {}
        for text in picked:
            function, column = text[:-1].split("(")
            name = function
            if name in columns or name in stream.columns or self.chance(0.2):
                name = f"{function}{self.made}{'' if column == '*' else column}"
            if name != function:
                names[text] = name
            kind = "whole" if function in ("count", "sum") else "part" if function == "avg" else stream.columns[column]
            columns[name] = kind
        op["aggregates"] = picked
        if names:
            op["names"] = {**op.get("names", {}), **names}
        return columns

    def keys(self, stream, least=0):
        texts = stream.of("text", "whole")
        most = min(len(texts), 2)
        count = max(least, self.rng.choice([0, 1, 1, 2])) if most else 0
        ordered = sorted(texts, key=lambda name: (stream.columns[name] != "text", self.rng.random()))
        return ordered[: min(count, most)]

    def window(self, stream, kind=None, keep_window=None):
        kind = kind or self.rng.choice(["tumbling"] * 3 + ["sliding"] * 2 + ["session"])
        column = stream.time
        op = {"op": "window", "input": stream.name, "column": column, "kind": kind}
        if kind == "session":
            op["gap"] = self.rng.choice([1, 2, 3, 5, 5, 2.5])
        else:
            size = self.rng.choice([5, 5, 10, 10, 4, 7, 2.5])
            op["size"] = size
            step = size
            if kind == "sliding":
                step = self.rng.choice([one for one in (1, 2, 3, 4, 5, 2.5, 1.5) if one <= size])
                op["slide"] = step
            if self.chance(0.25):
                op["startTime"] = self.rng.choice([one for one in (1, 2, -1, 0.5, -2, 3) if abs(one) < step] or [0])
        op["keys"] = self.keys(stream, 1 if kind == "session" and self.chance(0.97) else 0)
        if keep_window is None:
            keep_window = self.chance(0.2)
        marked = False
        time = "start"
        if keep_window:
            op["columns"] = ["window"]
            name = f"w{self.made}" if self.chance(0.5) else "window"
            op["names"] = {"window": name}
            columns, marked, time = {name: "window"}, stream.marked, name
        else:
            op["columns"] = self.rng.choice([["start"], ["start", "end"], ["end"]])
            op["names"] = {}
            columns = {}
            for part in op["columns"]:
                name = part
                if name in op["keys"] or self.chance(0.1):
                    name = f"{part}{self.made}"
                    op["names"][part] = name
                columns[name] = "time"
            time = next(iter(columns))
        columns.update({key: stream.columns[key] for key in op["keys"]})
        columns.update(self.aggregates(Stream(stream.name, {**stream.columns, **{one: "x" for one in columns if one not in stream.columns}}), op))
        return self.add(op, columns, time, marked)

    def group(self, stream):
        keys = self.keys(stream)
        marked = False
        if self.chance(0.5) and stream.columns.get(stream.time) in ("time", "window"):
            keys = [stream.time, *keys] if self.chance(0.7) else [*keys, stream.time]
            marked = stream.marked
        op = {"op": "group", "input": stream.name, "keys": keys}
        columns = {key: stream.columns[key] for key in keys}
        columns.update(self.aggregates(stream, op))
        return self.add(op, columns, stream.time if stream.time in columns else None, marked)

    def dedup(self, stream, within=None):
        names = list(stream.columns)
        if within is None:
            within = self.chance(0.4)
        picked = self.rng.choice([None, "key", "key", "time", "both", "both", "any"])
        keyed = self.keys(stream, 1)
        time = [stream.time] if stream.time in names else []
        columns = {None: None, "key": keyed, "time": time, "both": keyed + time if self.chance(0.7) else time + keyed,
                   "any": self.rng.sample(names, self.rng.randint(1, len(names)))}[picked] or None
        op = {"op": "dropDuplicates", "input": stream.name, "columns": columns}
        if within:
            op["withinWatermark"] = True
        return self.add(op, dict(stream.columns), stream.time, stream.marked)

    def comparison(self, stream):
        names = stream.of("time", "text", "whole")
        if not names:
            return None
        column = self.rng.choice(names)
        kind = stream.columns[column]
        part = {"column": column}
        if kind == "text":
            part[self.rng.choice(["equals", "notEquals", "notEquals"])] = self.rng.choice(["a", "b", "c"])
        elif kind == "whole":
            word = self.rng.choice(["gt", "lt", "equals", "notEquals", "gt"])
            part[word] = self.rng.choice([0, 1, 2, 3, -1]) if word != "lt" else self.rng.choice([3, 6, 8])
        else:
            word = self.rng.choice(["gt", "gt", "lt", "notEquals"])
            part[word] = self.rng.choice([0, 3, 5, 10, 2.5, -5]) if word != "lt" else self.rng.choice([20, 35, 50])
        return part

    def filter(self, stream):
        parts = [part for part in (self.comparison(stream) for _ in range(self.rng.choice([1, 1, 2]))) if part]
        if not parts:
            return stream
        where = parts[0] if len(parts) == 1 and self.chance(0.8) else {"and": parts}
        return self.add({"op": "filter", "input": stream.name, "where": where}, dict(stream.columns), stream.time,
                        stream.marked)

    def static(self, stream):
        keys = ["key"] if "value" not in stream.columns or self.chance(0.8) else ["key", "value"]
        if any(key not in stream.columns for key in keys) or stream.columns["key"] != "text":
            return stream
        table = f"t{len(self.tables)}"
        rows = [{"key": self.rng.choice(["a", "b", "c", "d", None]), "value": self.rng.choice([1, 2, 3, None]),
                 f"label{self.made}": self.rng.choice(["p", "q", None]), f"n{self.made}": self.rng.choice([1, 2, None])}
                for _ in range(self.rng.randint(1, 5))]
        rows.append({"key": "a", "value": 1, f"label{self.made}": "z", f"n{self.made}": 7})
        self.tables[table] = rows
        adds = self.rng.choice([[f"label{self.made}"], [f"label{self.made}", f"n{self.made}"]])
        op = {"op": "joinStatic", "input": stream.name, "table": table, "type": self.rng.choice(["inner", "left"]),
              "equal": keys[0] if len(keys) == 1 and self.chance(0.5) else keys, "adds": adds}
        columns = {**stream.columns, **{one: "text" if one[0] == "l" else "whole" for one in adds}}
        return self.add(op, columns, stream.time, stream.marked)

    def join(self, left, right, kind=None):
        shared = [one for one in left.columns if left.columns[one] == right.columns.get(one) and one != "ts"]
        equal = [one for one in shared if left.columns[one] == "text"][:1] or shared[:1]
        if not equal:
            return None
        if self.chance(0.12) and "value" in shared and "value" not in equal:
            equal.append("value")
        timed = left.columns.get("ts") == "time" and right.columns.get("ts") == "time"
        if timed and self.chance(0.08):
            equal.append("ts")
        bounds = None
        if timed and self.chance(0.85):
            low = self.rng.choice([0, 0, -2, -5, 1, 2, -1.5])
            high = low + self.rng.choice([0, 2, 5, 5, 10, 3.5])
            bounds = self.rng.choice([[low, high]] * 4 + [[low, None], [None, high]])
        op = {"op": "join", "left": left.name, "right": right.name,
              "type": kind or self.rng.choice(["inner", "left", "right", "full"]),
              "equal": equal[0] if len(equal) == 1 else equal}
        if bounds:
            op["rightMinusLeft"] = bounds
        columns, mapped, times = {}, {}, []
        for side, stream in (("left", left), ("right", right)):
            for name, type_ in stream.columns.items():
                if type_ == "part" or (self.chance(0.12) and name not in ("ts",)):
                    continue
                if name == "ts" and self.chance(0.2):
                    continue
                out = name if side == "left" and self.chance(0.3) else f"{side[0]}{name}"
                if out in columns:
                    out = f"{side[0]}{name}"
                if out in columns:
                    continue
                columns[out], mapped[out] = type_, f"{side}.{name}"
                if stream.time == name:
                    times.append((out, stream.marked))
        if not columns:
            return None
        # A result with two event times can't go on into a stateful operator.
        if len([one for one in times if one[1]]) > 1 and self.chance(0.7):
            out = self.rng.choice(times)[0]
            columns.pop(out)
            mapped.pop(out)
            times = [one for one in times if one[0] != out]
        op["columns"] = mapped
        time, marked = self.rng.choice(times) if times else (None, False)
        return self.add(op, columns, time, marked)

    def union(self, streams):
        first = streams[0]
        fitting = [one for one in streams if list(one.columns.values()) == list(first.columns.values())]
        return self.add({"op": "union", "inputs": [one.name for one in fitting]}, dict(first.columns), first.time,
                        first.marked)


def prepared(build, name, marked=0.93, filters=0.25):
    stream = build.source(name)
    if build.chance(filters):
        stream = build.filter(stream)
    if build.chance(marked):
        stream = build.watermark(stream)
    if build.chance(filters):
        stream = build.filter(stream)
    return stream


def finish(build, stream, share=0.3):
    return build.filter(stream) if build.chance(share) else stream


def two_sides(build, marked=0.9):
    return prepared(build, "a", marked, 0.15), prepared(build, "b", marked, 0.15)


def after(build, stream):
    """One more operator that fits."""
    choices = ["filter", "dedup", "static"]
    if stream.time:
        choices += ["window"] * 4 + ["group"]
    else:
        choices += ["group"]
    picked = build.rng.choice(choices)
    return {"filter": build.filter, "dedup": build.dedup, "static": build.static, "group": build.group,
            "window": build.window}[picked](stream)


def plan_of(build, kind):
    rng = build.rng
    if kind == "odd":
        return odd_plan(build)
    if kind == "window":
        return ["in"], finish(build, build.window(prepared(build, "in"), rng.choice(["tumbling", "sliding"])))
    if kind == "session":
        return ["in"], finish(build, build.window(prepared(build, "in"), "session"))
    if kind == "group":
        return ["in"], finish(build, build.group(prepared(build, "in")))
    if kind == "dedup":
        stream = build.dedup(prepared(build, "in"))
        return ["in"], stream if build.chance(0.5) else after(build, stream)
    if kind == "union":
        names = ["a", "b"] if build.chance(0.75) else ["a", "b", "c"]
        if build.chance(0.15):
            stream = build.watermark(build.union([build.source(name) for name in names]))
        else:
            stream = build.union([prepared(build, name, 0.85, 0.15) for name in names])
        return names, finish(build, after(build, finish(build, stream, 0.2)))
    if kind == "static":
        stream = build.source()
        early = build.chance(0.5)
        if early:
            stream = build.static(stream)
        stream = build.watermark(finish(build, stream, 0.2))
        if not early:
            stream = build.static(stream)
        return ["in"], finish(build, after(build, finish(build, stream, 0.3)))
    if kind == "join":
        return ["a", "b"], finish(build, build.join(*two_sides(build)), 0.3)
    if kind == "joinchain":
        stream = None
        shape = rng.choice(["after", "after", "before", "dedup", "three", "static"])
        left, right = two_sides(build, 0.95)
        if shape == "before":
            left = build.window(left, keep_window=True)
            right = build.window(right, keep_window=True) if build.chance(0.6) else right
        elif shape == "dedup":
            left = build.dedup(left)
            right = build.dedup(right) if build.chance(0.3) else right
        elif shape == "static":
            left = build.static(left)
        stream = build.join(left, right)
        if stream is None:
            return ["a", "b"], left
        sources = ["a", "b"]
        if shape == "three" and "key" in stream.columns:
            third = prepared(build, "c", 0.95, 0.1)
            joined = build.join(stream, third) if build.chance(0.5) else build.join(third, stream)
            if joined:
                return ["a", "b", "c"], finish(build, joined)
        if build.chance(0.8):
            stream = after(build, stream)
        return sources, finish(build, stream)
    if kind == "chain":
        stream = prepared(build, "in", 0.97)
        for _ in range(rng.choice([2, 2, 3])):
            stream = finish(build, stream, 0.2)
            if stream.time and stream.columns.get(stream.time) in ("time", "window"):
                stream = build.window(stream, keep_window=build.chance(0.7)) if build.chance(0.75) else after(build, stream)
            else:
                stream = after(build, stream)
        return ["in"], finish(build, stream)
    stream = prepared(build, "in")
    for _ in range(rng.randint(1, 3)):
        stream = after(build, stream)
    return ["in"], stream


def odd_plan(build):
    """Shapes that few people write: what is left when the usual ones agree."""
    rng = build.rng
    shape = rng.choice(["tiny", "null", "nothing", "selfunion", "selfjoin", "windowsunion", "windowsjoin", "aggregates",
                        "remark", "keyedjoin", "dedupjoin", "constants"])
    if shape == "tiny":
        stream = build.watermark(build.source())
        build.plan[-1]["delay"] = rng.choice([0.0005, 0.0015, 1.0001, 0.000001, 0.25])
        stream = build.window(stream, rng.choice(["tumbling", "sliding", "session"]))
        op = build.plan[-1]
        op.pop("startTime", None)
        if op["kind"] == "session":
            op["gap"] = rng.choice([0.001, 0.0005, 0.1, 1.0001])
        else:
            op["size"] = rng.choice([0.001, 0.0015, 0.25, 1.0001])
            if "slide" in op:
                op["slide"] = op["size"] / rng.choice([1, 2, 4])
                op["slide"] = round(op["slide"], 6)
        return ["in"], stream
    if shape == "null":
        stream = build.watermark(build.source()) if build.chance(0.5) else build.source()
        column = rng.choice(["key", "value"])
        stream = build.add({"op": "filter", "input": stream.name, "where": {
            "column": column, rng.choice(["equals", "notEquals"]): None}}, dict(stream.columns), "ts", stream.marked)
        if not stream.marked:
            stream = build.watermark(stream)
        return ["in"], after(build, stream)
    if shape == "nothing":
        stream = build.window(prepared(build, "in"))
        build.plan[-1]["columns"] = []
        build.plan[-1]["names"] = {}
        build.plan[-1]["aggregates"] = ["count(*)"]
        return ["in"], Stream(stream.name, {**{key: "text" for key in build.plan[-1]["keys"]}, "count": "whole"}, None)
    if shape == "selfunion":
        stream = prepared(build, "in")
        other = build.filter(stream)
        return ["in"], after(build, build.union([stream, other] if build.chance(0.5) else [other, stream]))
    if shape == "selfjoin":
        stream = prepared(build, "in")
        left = build.filter(stream) if build.chance(0.5) else stream
        right = build.filter(stream) if build.chance(0.5) else stream
        stream = build.join(left, right)
        return ["in"], after(build, stream) if build.chance(0.4) else stream
    if shape == "windowsunion":
        sides = []
        for name in ("a", "b"):
            stream = build.window(build.watermark(build.source(name)), "tumbling", True)
            op = build.plan[-1]
            op.update({"columns": ["window"], "names": {"window": "window"}, "keys": ["key"], "aggregates": ["count(*)"]})
            sides.append(Stream(stream.name, {"window": "window", "key": "text", "count": "whole"}, "window", True))
        return ["a", "b"], after(build, finish(build, build.union(sides)))
    if shape == "windowsjoin":
        sides = []
        size = rng.choice([5, 10])
        for name in ("a", "b"):
            stream = build.window(build.watermark(build.source(name)), rng.choice(["tumbling", "tumbling", "sliding"]), True)
            op = build.plan[-1]
            op.update({"columns": ["window"], "names": {"window": "window"}, "keys": ["key"], "size": size,
                       "aggregates": ["count(*)"]})
            op.pop("startTime", None)
            if "slide" in op:
                op["slide"] = 5
            sides.append(Stream(stream.name, {"window": "window", "key": "text", "count": "whole"}, "window", True))
        equal = rng.choice([["window", "key"], ["key", "window"], "window"])
        columns = {"window": "left.window", "lk": "left.key", "rk": "right.key", "lc": "left.count", "rc": "right.count"}
        stream = build.add({"op": "join", "left": sides[0].name, "right": sides[1].name, "equal": equal, "columns": columns,
                            "type": rng.choice(["inner", "left", "right", "full"])},
                           {"window": "window", "lk": "text", "rk": "text", "lc": "whole", "rc": "whole"}, "window", True)
        return ["a", "b"], after(build, stream) if build.chance(0.5) else finish(build, stream)
    if shape == "aggregates":
        stream = build.watermark(build.source())
        first = build.window(stream, "tumbling", True)
        op = build.plan[-1]
        op.update({"columns": ["window"], "names": {"window": "window"}, "keys": ["key"],
                   "aggregates": rng.choice([["count(*)"], ["sum(value)"], ["max(ts)"], ["count(*)", "min(value)"]])})
        name = op["aggregates"][0].split("(")[0]
        columns = {"window": "window", "key": "text", name: "time" if name == "max" else "whole"}
        stream = finish(build, Stream(first.name, columns, "window", True))
        again = {"op": "group", "input": stream.name, "keys": rng.choice([["window"], ["window", "key"], ["key", "window"]]),
                 "aggregates": [rng.choice([f"sum({name})", f"max({name})", "count(*)", f"count({name})"])
                                if name != "max" else rng.choice(["max(max)", "count(*)", "min(max)"])]}
        return ["in"], build.add(again, {"window": "window"}, "window", True)
    if shape == "remark":
        stream = build.watermark(build.source())
        stream = build.window(stream, keep_window=False)
        stream = build.watermark(stream)
        return ["in"], after(build, stream)
    if shape == "keyedjoin":
        left, right = two_sides(build, 0.6)
        columns = {"ts": "left.ts", "k": "right.key", "v": "left.value", "rv": "right.value"}
        op = {"op": "join", "left": left.name, "right": right.name, "equal": rng.choice(["ts", ["key", "ts"], ["ts", "key"]]),
              "type": rng.choice(["inner", "left", "right", "full"]), "columns": columns}
        if build.chance(0.3):
            op["rightMinusLeft"] = [0, 5]
        stream = build.add(op, {"ts": "time", "k": "text", "v": "whole", "rv": "whole"}, "ts", left.marked)
        return ["a", "b"], after(build, stream) if build.chance(0.4) else finish(build, stream)
    if shape == "dedupjoin":
        left, right = two_sides(build)
        left = build.dedup(left, build.chance(0.6))
        right = build.dedup(right, build.chance(0.6))
        return ["a", "b"], finish(build, build.join(left, right))
    stream = build.watermark(build.source())
    stream = build.window(stream, keep_window=False)
    for _ in range(2):
        stream = build.filter(stream)
    return ["in"], stream


def refused_plan(build):
    """A plan that Spark should not take, or that looks so."""
    rng = build.rng
    shape = rng.choice(["twice", "nomark", "column", "size", "within", "join", "join", "sessionkey", "type"])
    stream = build.source()
    if shape == "twice":
        stream = build.watermark(stream)
        if build.chance(0.5):
            stream = build.window(stream, keep_window=True)
        stream = build.watermark(finish(build, stream))
        return ["in"], stream if build.chance(0.3) else after(build, stream)
    if shape == "nomark":
        return ["in"], after(build, stream)
    if shape == "column":
        stream = after(build, build.watermark(stream))
        op = rng.choice(build.plan)
        for field in ("column",):
            if field in op:
                op[field] = rng.choice(["nothing", "value", "key"])
        if op.get("keys"):
            op["keys"] = ["nothing"]
        if op.get("columns") and op["op"] == "dropDuplicates":
            op["columns"] = ["nothing"]
        return ["in"], stream
    if shape == "size":
        stream = build.window(build.watermark(stream), rng.choice(["tumbling", "sliding", "session"]))
        op = build.plan[-1]
        for field in ("size", "slide", "gap", "startTime"):
            if field in op and build.chance(0.6):
                op[field] = rng.choice([0, -1, 20, 0.5])
        return ["in"], stream
    if shape == "within":
        return ["in"], build.dedup(stream if build.chance(0.5) else build.watermark(stream), True)
    if shape == "sessionkey":
        stream = build.window(build.watermark(stream), "session")
        build.plan[-1]["keys"] = []
        return ["in"], Stream(stream.name, {}, None)
    if shape == "type":
        stream = build.watermark(stream, rng.choice(["value", "key", "ts"]))
        return ["in"], after(build, Stream(stream.name, stream.columns, rng.choice(["ts", "value", "key"]), True))
    left, right = two_sides(build, 0.5)
    stream = build.join(left, right, rng.choice(["left", "right", "full", "inner"]))
    return ["a", "b"], finish(build, stream)


def feeds_of(rng, sources, count):
    clock = rng.choice([0, 0, 0, 2, 10, -12, 100, 1_700_000_000])
    fractions = rng.random() < 0.25
    nulls = rng.random() < 0.4
    feeds = []
    for _ in range(count):
        rows = []
        for _ in range(rng.choice([0, 1, 2, 2, 3, 4, 5])):
            ts = clock + rng.choice([0, 0, 1, 2, 3, -1, -4, -8, 5, 7])
            if fractions and rng.random() < 0.5:
                ts += rng.choice([0.5, 0.25, 0.001, 0.0005, 0.999, 0.000001])
                ts = round(ts, 6)
            row = {"ts": ts, "key": rng.choice(["a", "a", "b", "b", "c"]), "value": rng.choice([1, 2, 2, 3, 5, -1, 0, 7])}
            if nulls:
                for name in row:
                    if rng.random() < 0.12:
                        row[name] = None
            if len(sources) > 1:
                row["src"] = rng.choice(sources)
            rows.append(row)
        if rows and rng.random() < 0.25:
            rows.append(dict(rng.choice(rows)))
        feeds.append(rows)
        clock += rng.choice([0, 1, 3, 5, 8, 15, 25])
    return feeds


def changed(rng, case):
    """The plan as someone might change it between two starts."""
    plan = json.loads(json.dumps(case["plan"]))
    op = rng.choice(plan)
    if op["op"] == "watermark":
        op["delay"] = rng.choice([0, 1, 5, 20])
    elif op["op"] == "window" and op["kind"] == "session":
        op["gap"] = rng.choice([1, 4, 6])
    elif op["op"] == "window":
        op["size"] = rng.choice([5, 10, 8])
        op["startTime"] = 0
        if "slide" in op:
            op["slide"] = min(op["slide"], op["size"])
    elif op["op"] == "group":
        op["aggregates"] = ["sum(value)"] if op["aggregates"] != ["sum(value)"] else ["count(*)", "max(value)"]
    elif op["op"] == "dropDuplicates":
        if rng.random() < 0.5:
            op["withinWatermark"] = not op.get("withinWatermark", False)
        else:
            op["columns"] = rng.choice([None, ["key"], ["key", "value"]])
    elif op["op"] == "filter":
        for part in op["where"].get("and", [op["where"]]):
            if "gt" in part:
                part["gt"] += 2
    elif op["op"] == "join":
        if rng.random() < 0.5:
            op["type"] = rng.choice(["inner", "left", "full"])
        else:
            op["rightMinusLeft"] = rng.choice([[0, 3], [-5, 5], [0, 20]])
    return plan


def with_phases(rng, case):
    feeds = list(range(len(case["feeds"])))
    phases = []
    while feeds or len(phases) < 2:
        take = rng.choice([0, 1, 2, 2, 3])
        phase = {"trigger": rng.choice(TRIGGERS + ["backlog"] * 3), "feeds": feeds[:take]}
        feeds = feeds[take:]
        if rng.random() < 0.4:
            phase["crash"] = {"batch": rng.randint(0, 2 + 2 * len(phases)), "when": rng.choice(["beforeSink", "afterSink"])}
        if phases and rng.random() < 0.15:
            phase["mode"] = rng.choice(["append", "update", "complete"])
        if phases and rng.random() < 0.2:
            phase["plan"] = changed(rng, case)
        if rng.random() < 0.06:
            phase["watermarkPolicy"] = rng.choice(["min", "max"])
        if rng.random() < 0.08:
            phase["noDataBatches"] = False
        phases.append(phase)
        if len(phases) == 5:
            phases[-1]["feeds"] += feeds
            break
    case["phases"] = phases


def random_case(seed, number, kind):
    rng = random.Random(f"{seed}/{number}/{kind}")
    build = Builder(rng)
    shapes = [one for one in KINDS if one not in ("phases", "refused", "mixed", "wild")]
    inner = rng.choice(shapes + ["odd"]) if kind in ("phases", "wild") else kind
    sources, last = refused_plan(build) if kind == "refused" else plan_of(build, inner)
    if not build.plan:
        build.watermark(build.source(sources[0]))
    # What nothing reads is no part of the query; the last one is the result.
    needed, plan = {last.name if last.name.startswith("s") else build.plan[-1]["as"]}, []
    for op in reversed(build.plan):
        if op["as"] in needed:
            plan.insert(0, op)
            needed |= {op[field] for field in ("input", "left", "right") if field in op} | set(op.get("inputs", []))
    plan[-1]["as"] = "out"
    sources = [one for one in sources if one in needed] or sources[:1]
    case = {"name": f"fuzz_{seed}_{number}_{kind}", "mode": rng.choice(MODES), "trigger": rng.choice(TRIGGERS)}
    if kind not in ("refused",) and any(op["op"] in ("join",) for op in plan) and rng.random() < 0.8:
        case["mode"] = "append"
    if len([op for op in plan if op["op"] in ("window", "group")]) > 1 and rng.random() < 0.85:
        case["mode"] = "append"
    if not any(op["op"] in ("window", "group") for op in plan) and case["mode"] == "complete" and rng.random() < 0.9:
        case["mode"] = "update"
    if any(op.get("kind") == "session" for op in plan) and case["mode"] == "update" and rng.random() < 0.85:
        case["mode"] = "complete"
    if kind == "wild":
        # Whatever the plan is: most of these are refused.
        case["mode"] = rng.choice(["append", "update", "complete"])
        case["trigger"] = rng.choice(["idle", "once"])
    if sources != ["in"]:
        case["sources"] = sources
    if build.tables:
        case["static"] = build.tables
    if sum(op["op"] == "watermark" for op in plan) > 1 and rng.random() < 0.3:
        case["watermarkPolicy"] = "max"
    if rng.random() < 0.07:
        case["noDataBatches"] = False
    case["plan"] = plan
    case["feeds"] = feeds_of(rng, sources, rng.randint(3, 6))
    if kind == "phases":
        with_phases(rng, case)
    return case


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--kind", action="append", choices=KINDS)
    options = parser.parse_args()
    kinds = options.kind or KINDS
    cases = [random_case(options.seed, number, kinds[number % len(kinds)]) for number in range(options.count)]
    json.dump([{**case, "expect": []} for case in cases], sys.stdout)


if __name__ == "__main__":
    main()

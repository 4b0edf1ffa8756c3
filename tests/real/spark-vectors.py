#!/usr/bin/env python3
"""Remakes streaming cases (tests/vectors/README.md) on a real Apache Spark, so that a doubt can be settled.

    spark-vectors.py FILE… [--case NAME] [--out FILE]

Every case is run from its feeds; what Spark did is written as a list of cases with a new `expect` (and `stops`).
Needs a Python with pyspark 4 and a Java 17. Feeds are JSON files in a folder per source, one file a feed, and
`foreachBatch` catches the rows; the counters come from the query's progress.
"""
import argparse
import datetime
import json
import os
import shutil
import sys
import tempfile

from pyspark.errors import PySparkException
from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import LongType, StringType, StructField, StructType, TimestampType

EPOCH = datetime.datetime(1970, 1, 1)
SCHEMA = StructType([
    StructField("ts", TimestampType()), StructField("key", StringType()), StructField("value", LongType()),
])
FIRST_MTIME = 1_700_000_000


def seconds_text(value):
    return f"{round(value * 1e6)} microseconds"


def seconds_of(moment):
    return None if moment is None else plain((moment - EPOCH) / datetime.timedelta(microseconds=1) / 1e6)


def plain(number):
    return int(number) if float(number).is_integer() else number


class PlannedCrash(Exception):
    pass


class Case:
    def __init__(self, spark, case, folder):
        self.spark, self.case, self.folder = spark, case, folder
        self.sources = case.get("sources", ["in"])
        self.files = 0
        self.batches, self.stops = [], []

    def add(self, feed, whole):
        rows = self.case["feeds"][feed]
        ready = []
        for name in self.sources:
            own = [row for row in rows if row.get("src", self.sources[0]) == name]
            if not own and not whole and rows:
                continue
            self.files += 1
            path = os.path.join(self.folder, "in", name, f"{self.files:06d}.json")
            beside = os.path.join(self.folder, f"{self.files}.tmp")
            with open(beside, "w") as out:
                for row in own:
                    row = dict(row)
                    row.pop("src", None)
                    if row.get("ts") is not None:
                        moment = EPOCH + datetime.timedelta(microseconds=round(row["ts"] * 1e6))
                        row["ts"] = moment.strftime("%Y-%m-%dT%H:%M:%S.%f")
                    out.write(json.dumps(row) + "\n")
            os.utime(beside, (FIRST_MTIME + self.files, FIRST_MTIME + self.files))
            ready.append((beside, path))
        # A running query should find the parts of a feed in one look.
        for beside, path in ready:
            os.rename(beside, path)

    def stream(self, plan, limited):
        frames = {}
        for name in self.sources:
            reader = self.spark.readStream.schema(SCHEMA).format("json")
            reader = reader.option("timestampFormat", "yyyy-MM-dd'T'HH:mm:ss.SSSSSS")
            if limited:
                reader = reader.option("maxFilesPerTrigger", 1)
            os.makedirs(os.path.join(self.folder, "in", name), exist_ok=True)
            frames[name] = reader.load(os.path.join(self.folder, "in", name))
        for op in plan:
            frames[op["as"]] = self.apply(op, frames)
        return frames[plan[-1]["as"]]

    def apply(self, op, frames):
        kind = op["op"]
        if kind == "watermark":
            return frames[op["input"]].withWatermark(op["column"], seconds_text(op["delay"]))
        if kind == "window":
            frame = frames[op["input"]]
            if op["kind"] == "session":
                window = F.session_window(op["column"], seconds_text(op["gap"]))
            else:
                slide = op["slide"] if op["kind"] == "sliding" else op["size"]
                window = F.window(op["column"], seconds_text(op["size"]), seconds_text(slide),
                                  seconds_text(op.get("startTime", 0)))
            names = op.get("names", {})
            grouped = frame.groupBy(window.alias("window"), *op["keys"]).agg(*self.aggregates(op))
            columns = [F.col("window" if c == "window" else f"window.{c}").alias(names.get(c, c)) for c in op["columns"]]
            rest = [c for c in grouped.columns if c != "window"]
            return grouped.select(*columns, *rest)
        if kind == "group":
            return frames[op["input"]].groupBy(*op["keys"]).agg(*self.aggregates(op))
        if kind == "dropDuplicates":
            columns = op.get("columns") or None
            frame = frames[op["input"]]
            return frame.dropDuplicatesWithinWatermark(columns) if op.get("withinWatermark") else frame.dropDuplicates(columns)
        if kind == "filter":
            frame = frames[op["input"]]
            parts = op["where"].get("and", [op["where"]])
            condition = None
            for part in parts:
                is_time = dict(frame.dtypes)[part["column"]] == "timestamp"
                for word, build in (("equals", lambda a, b: a == b), ("notEquals", lambda a, b: a != b),
                                    ("gt", lambda a, b: a > b), ("lt", lambda a, b: a < b)):
                    if word not in part:
                        continue
                    value = part[word]
                    literal = F.timestamp_micros(F.lit(round(value * 1e6))) if is_time else F.lit(value)
                    one = build(F.col(part["column"]), literal)
                    condition = one if condition is None else condition & one
            return frame.filter(condition)
        if kind == "union":
            frame = frames[op["inputs"][0]]
            for other in op["inputs"][1:]:
                frame = frame.union(frames[other])
            return frame
        if kind == "join":
            left, right = frames[op["left"]].alias("left"), frames[op["right"]].alias("right")
            equal = op["equal"] if isinstance(op["equal"], list) else [op["equal"]]
            condition = None
            for key in equal:
                one = F.col(f"left.{key}") == F.col(f"right.{key}")
                condition = one if condition is None else condition & one
            low, high = op.get("rightMinusLeft") or (None, None)
            if low is not None:
                condition = condition & (F.col("right.ts") >= F.col("left.ts") + F.expr(f"INTERVAL '{low}' SECOND"))
            if high is not None:
                condition = condition & (F.col("right.ts") <= F.col("left.ts") + F.expr(f"INTERVAL '{high}' SECOND"))
            how = {"inner": "inner", "left": "left_outer", "right": "right_outer", "full": "full_outer"}[op["type"]]
            return left.join(right, condition, how).select(*[F.col(c).alias(a) for a, c in op["columns"].items()])
        if kind == "joinStatic":
            rows = self.case["static"][op["table"]]
            names = list(dict.fromkeys(name for row in rows for name in row))
            types = [StringType() if any(isinstance(row.get(n), str) for row in rows) else LongType() for n in names]
            table = self.spark.createDataFrame([tuple(row.get(n) for n in names) for row in rows],
                                               StructType([StructField(n, t) for n, t in zip(names, types)]))
            equal = op["equal"] if isinstance(op["equal"], list) else [op["equal"]]
            frame = frames[op["input"]]
            columns = frame.columns
            joined = frame.alias("s").join(table.alias("t"), [F.col(f"s.{k}") == F.col(f"t.{k}") for k in equal],
                                           op["type"] if op["type"] == "inner" else op["type"] + "_outer")
            return joined.select(*[F.col(f"s.{c}") for c in columns], *[F.col(f"t.{c}") for c in op["adds"]])
        raise ValueError(f"unknown operator {kind}")

    def aggregates(self, op):
        names = op.get("names", {})
        return [F.expr(text).alias(names.get(text, text.split("(")[0])) for text in op["aggregates"]]

    def start(self, phase, plan, trigger, number):
        limited = phase["trigger"].startswith("backlog")
        stage = "build"
        try:
            frame = self.stream(plan, limited)
            stage = "start"
            conf = self.spark.conf
            conf.set("spark.sql.streaming.multipleWatermarkPolicy",
                     phase.get("watermarkPolicy", self.case.get("watermarkPolicy", "min")))
            conf.set("spark.sql.streaming.noDataMicroBatches.enabled",
                     str(phase.get("noDataBatches", self.case.get("noDataBatches", True))).lower())
            crash = phase.get("crash")
            rows = {}

            def sink(batch, batch_id):
                if crash and crash["batch"] == batch_id and crash["when"] == "beforeSink":
                    rows[batch_id] = None
                    raise PlannedCrash("before")
                rows[batch_id] = [row_of(row, batch.columns) for row in batch.collect()]
                if crash and crash["batch"] == batch_id:
                    raise PlannedCrash("after")

            writer = frame.writeStream.outputMode(phase.get("mode", self.case["mode"])).foreachBatch(sink)
            writer = writer.option("checkpointLocation", os.path.join(self.folder, "checkpoint"))
            if trigger:
                writer = writer.trigger(**trigger)
            query = writer.start()
        except PySparkException as error:
            raise Refused(stage, error.getCondition()) from error
        return Running(self, query, rows, crash, number)

    def run_phase(self, phase, number):
        plan = phase.get("plan", self.case["plan"])
        trigger = phase["trigger"]
        if trigger == "idle":
            running = self.start(phase, plan, None, number)
            try:
                if not phase["feeds"]:
                    running.settle()
                for feed in phase["feeds"]:
                    self.add(feed, False)
                    running.settle()
            finally:
                running.end()
        elif trigger in ("backlog", "backlogAvailableNow"):
            for feed in phase["feeds"]:
                self.add(feed, True)
            running = self.start(phase, plan, None if trigger == "backlog" else {"availableNow": True}, number)
            try:
                running.settle() if trigger == "backlog" else running.wait()
            finally:
                running.end()
        else:
            options = {"once": True} if trigger == "once" else {"availableNow": True}
            for feed in phase["feeds"] or [None]:
                if feed is not None:
                    self.add(feed, False)
                running = self.start(phase, plan, options, number)
                try:
                    running.wait()
                finally:
                    running.end()

    def run(self):
        phases = self.case.get("phases")
        for name in self.sources:
            os.makedirs(os.path.join(self.folder, "in", name), exist_ok=True)
        for number, phase in enumerate(phases or [{"trigger": self.case["trigger"],
                                                   "feeds": list(range(len(self.case["feeds"])))}]):
            try:
                self.run_phase(phase, number if phases else None)
            except Refused as error:
                if not phases:
                    return {"refused": {"stage": error.stage, "condition": error.condition}}, []
                self.stops.append({"phase": number, "condition": error.condition})
        return self.batches, self.stops


def is_split(case, batches):
    """True when a running query saw one feed's parts of several sources in two batches: the case is to run again."""
    phases = case.get("phases") or [{"trigger": case["trigger"], "feeds": case["feeds"]}]
    if len(case.get("sources", [])) < 2 or not isinstance(batches, list) or any("crash" in one for one in phases):
        return False
    return any(
        phase["trigger"] == "idle" and len(phase["feeds"]) < sum(
            not one["noData"] for one in batches if one.get("phase", number) == number)
        for number, phase in enumerate(phases))


def run_case(spark, case):
    """What Spark does with a case: batches or a refusal, and the stops."""
    for attempt in range(4):
        folder = tempfile.mkdtemp(prefix="spark-vector-")
        try:
            expect, stops = Case(spark, case, folder).run()
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        if not is_split(case, expect):
            break
    return expect, stops


class Refused(Exception):
    def __init__(self, stage, condition):
        super().__init__(f"{stage}: {condition}")
        self.stage, self.condition = stage, condition


class Running:
    """A started query; `end` turns its progress into batches."""

    def __init__(self, case, query, rows, crash, phase):
        self.case, self.query, self.rows, self.crash, self.phase = case, query, rows, crash, phase

    def settle(self):
        try:
            self.query.processAllAvailable()
            # Empty batches that the last batch left behind: they come one trigger later.
            last = None
            while True:
                self.query.processAllAvailable()
                now = self.query.lastProgress["batchId"] if self.query.lastProgress else None
                status = self.query.status
                if now == last and not status["isTriggerActive"]:
                    break
                last = now
                import time
                time.sleep(0.15)
        except PySparkException as error:
            raise Refused("run", self.condition()) from error

    def wait(self):
        try:
            self.query.awaitTermination()
        except PySparkException as error:
            raise Refused("run", self.condition()) from error

    def condition(self):
        if self.crash and (self.crash["batch"] in self.rows):
            return "crash"
        error = self.query._jsq.exception()
        found = None
        cause = error.get() if error.isDefined() else None
        while cause is not None:
            try:
                name = cause.getCondition()
                if name and name != "STREAM_FAILED":
                    found = name
            except Exception:  # a Java error without a condition
                pass
            if found is None and cause.getCause() is None:
                found = cause.toString()[:200]
            cause = cause.getCause()
        return found

    def end(self):
        self.query.stop()
        mark = {} if self.phase is None else {"phase": self.phase}
        seen = set()
        for progress in self.query.recentProgress:
            progress = json.loads(progress.json) if hasattr(progress, "json") else progress
            batch = progress["batchId"]
            if batch in seen or "addBatch" not in progress["durationMs"]:
                continue
            seen.add(batch)
            watermark = progress.get("eventTime", {}).get("watermark")
            moment = watermark and datetime.datetime.strptime(watermark, "%Y-%m-%dT%H:%M:%S.%fZ")
            self.case.batches.append({
                **mark, "batchId": batch, "inputRows": progress["numInputRows"],
                "noData": all(s["startOffset"] == s["endOffset"] for s in progress["sources"]),
                "watermark": seconds_of(moment) if watermark else None,
                "rows": self.rows.get(batch, []),
                "state": [{"rows": s["numRowsTotal"], "updated": s["numRowsUpdated"], "removed": s["numRowsRemoved"],
                           "droppedByWatermark": s["numRowsDroppedByWatermark"]} for s in progress["stateOperators"]],
            })
        if self.crash and self.crash["batch"] in self.rows and self.crash["batch"] not in seen:
            self.case.batches.append({**mark, "batchId": self.crash["batch"], "crashed": True, "inputRows": None,
                                      "noData": None, "watermark": None, "rows": self.rows[self.crash["batch"]], "state": []})


def row_of(row, columns):
    result = {}
    for name, value in zip(columns, row):
        if isinstance(value, datetime.datetime):
            value = seconds_of(value)
        elif hasattr(value, "start") and hasattr(value, "end"):
            value = {"start": seconds_of(value.start), "end": seconds_of(value.end)}
        elif isinstance(value, float):
            value = plain(value)
        result[name] = value
    return result


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("files", nargs="+")
    parser.add_argument("--case")
    parser.add_argument("--out")
    options = parser.parse_args()
    os.environ["TZ"] = "UTC"
    spark = (SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
             .config("spark.sql.shuffle.partitions", "1").config("spark.sql.session.timeZone", "UTC")
             .config("spark.driver.extraJavaOptions", "-Duser.timezone=UTC")
             .config("spark.driver.bindAddress", "127.0.0.1").config("spark.driver.host", "127.0.0.1")
             # A handful of rows a batch: compiling code for them takes longer than running it.
             .config("spark.sql.codegen.wholeStage", "false").config("spark.sql.codegen.factoryMode", "NO_CODEGEN")
             # A filter that the reader applies would make `inputRows` smaller than what was fed.
             .config("spark.sql.json.filterPushdown.enabled", "false")
             .config("spark.ui.showConsoleProgress", "false")
             .config("spark.sql.streaming.pollingDelay", "10ms").getOrCreate())
    spark.sparkContext.setLogLevel("OFF")
    done = []
    for file in options.files:
        for case in json.load(open(file)):
            if options.case and case["name"] != options.case:
                continue
            try:
                expect, stops = run_case(spark, case)
            except Exception as error:  # say which case, go on with the others
                print(f"{case['name']}: {error!r}"[:300], file=sys.stderr)
                continue
            case = {**case, "expect": expect}
            case.pop("stops", None)
            if stops:
                case["stops"] = stops
            done.append(case)
            print(case["name"], file=sys.stderr)
            if options.out:
                with open(options.out, "w") as out:
                    json.dump(done, out)
    if not options.out:
        json.dump(done, sys.stdout)
    spark.stop()


if __name__ == "__main__":
    main()

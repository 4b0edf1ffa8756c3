"""What psycopg must be able to do with the embedded PostgreSQL; prints the name of each part that held."""

import datetime
import decimal
import sys
from concurrent.futures import ThreadPoolExecutor

import pandas
import psycopg
import psycopg_pool
import sqlalchemy

url = sys.argv[1]

with psycopg.connect(url) as connection:
    row = connection.execute(
        "SELECT %s::bigint, %s::numeric, %s::date, %s::timestamptz, %s::text[], %s::jsonb, %s::bytea, %s::bool",
        (
            2**60,
            decimal.Decimal("1.50"),
            datetime.date(2024, 2, 29),
            datetime.datetime(2024, 1, 5, 10, 0, 0, 123456, datetime.timezone.utc),
            ["a,b", None],
            psycopg.types.json.Jsonb({"a": [1, None]}),
            b"\x00\xff",
            None,
        ),
    ).fetchone()
    assert row[:3] == (2**60, decimal.Decimal("1.50"), datetime.date(2024, 2, 29)), row
    assert row[3] == datetime.datetime(2024, 1, 5, 10, 0, 0, 123456, datetime.timezone.utc), row
    assert row[4:] == (["a,b", None], {"a": [1, None]}, b"\x00\xff", None), row
    assert connection.execute("SELECT 1.5::float8", binary=True).fetchone() == (1.5,)
print("types")

with psycopg.connect(url, autocommit=True) as connection:
    connection.execute("CREATE TABLE t (id int PRIMARY KEY, name text)")
    with connection.transaction():
        connection.execute("INSERT INTO t VALUES (1, 'one')")
        try:
            with connection.transaction():
                connection.execute("INSERT INTO t VALUES (1, 'again')")
        except psycopg.errors.UniqueViolation as error:
            assert error.diag.constraint_name == "t_pkey"
        else:
            raise AssertionError("a key was taken twice")
    assert connection.execute("SELECT * FROM t").fetchall() == [(1, "one")]
    cursor = connection.cursor()
    cursor.executemany("INSERT INTO t VALUES (%s, %s)", [(i, f"n{i}") for i in range(2, 2002)])
    assert connection.execute("SELECT count(*) FROM t").fetchone() == (2001,)
print("transactions")

with psycopg.connect(url) as connection, connection.cursor() as cursor:
    with cursor.copy("COPY t (id, name) FROM STDIN") as copy:
        for i in range(3000, 3500):
            copy.write_row((i, None if i % 2 else f"tab\t{i}\\"))
    cursor.execute("SELECT count(*), count(name) FROM t WHERE id >= 3000")
    assert cursor.fetchone() == (500, 250)
    with cursor.copy("COPY (SELECT id, name FROM t WHERE id BETWEEN 3000 AND 3002 ORDER BY id) TO STDOUT") as copy:
        copy.set_types(["int4", "text"])
        assert list(copy.rows()) == [(3000, "tab\t3000\\"), (3001, None), (3002, "tab\t3002\\")]
    with cursor.copy("COPY t (id, name) FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(["int4", "text"])
        copy.write_row((4000, "binary"))
    cursor.execute("SELECT name FROM t WHERE id = 4000")
    assert cursor.fetchone() == ("binary",)
    try:
        with cursor.copy("COPY t (id, name) FROM STDIN") as copy:
            copy.write_row((3000, "twice"))
    except psycopg.errors.UniqueViolation:
        connection.rollback()
    else:
        raise AssertionError("a key was copied twice")
    cursor.execute("SELECT count(*) FROM t WHERE id >= 3000")
    assert cursor.fetchone() == (0,)
print("copy")

connections = [psycopg.connect(url, autocommit=True, prepare_threshold=0) for _ in range(3)]
for turn in range(5):
    for i, connection in enumerate(connections):
        assert connection.execute(f"SELECT %s::int + {i}", (turn,)).fetchone() == (turn + i,)
connections[0].execute("DEALLOCATE ALL")
connections[1].execute("SET search_path = pg_catalog")
for i, connection in enumerate(connections[1:], 1):
    assert connection.execute(f"SELECT %s::int + {i}", (7,)).fetchone() == (7 + i,)
assert connections[2].execute("SHOW search_path").fetchone() == ("public",)
for connection in connections:
    connection.close()
print("prepared")

with psycopg.connect(url, autocommit=True) as connection:
    with connection.pipeline():
        cursors = [connection.execute("SELECT %s::int", (i,)) for i in range(100)]
        assert [cursor.fetchone()[0] for cursor in cursors] == list(range(100))
    try:
        with connection.pipeline():
            connection.execute("SELECT 1")
            connection.execute("SELECT 1 / %s", (0,))
    except psycopg.errors.DivisionByZero:
        pass
    else:
        raise AssertionError("a division by zero passed")
    assert connection.execute("SELECT 2").fetchone() == (2,)
print("pipeline")

with psycopg_pool.ConnectionPool(url, min_size=4, max_size=4) as pool:

    def work(i):
        with pool.connection() as connection:
            connection.execute("UPDATE t SET name = coalesce(name, '') || 'x' WHERE id = 1")
            return connection.execute("SELECT %s::int", (i,)).fetchone()[0]

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(work, range(100))) == list(range(100))
    with pool.connection() as connection:
        assert connection.execute("SELECT name FROM t WHERE id = 1").fetchone() == ("one" + "x" * 100,)
print("pool")

engine = sqlalchemy.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
frame = pandas.DataFrame({"id": range(1000), "score": [i / 7 for i in range(1000)], "name": ["ñ"] * 1000})
frame.to_sql("frame", engine, index=False)
pandas.testing.assert_frame_equal(pandas.read_sql("SELECT * FROM frame ORDER BY id", engine), frame, check_dtype=False)
engine.dispose()
print("pandas")

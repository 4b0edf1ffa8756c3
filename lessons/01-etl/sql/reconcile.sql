-- Each number is counted on its own; the sum has to come out.
SELECT
  (SELECT count(*) FROM raw)
    + (SELECT count(*) FROM structural) AS read_rows,
  (SELECT count(*) FROM newest) AS valid,
  (SELECT count(*) FROM rejected) AS rejected,
  (SELECT count(*) - count(DISTINCT lead_id) FROM valid) AS duplicates

-- Four workers. A row goes where its key says: the end of lead_id.
SELECT
  'worker ' || CAST(workers.id AS STRING) AS worker,
  count(lead_id) AS rows_received
FROM (VALUES (0), (1), (2), (3)) AS workers(id)
LEFT JOIN leads_clean
  ON CAST(right(lead_id, 4) AS INT) % 4 = workers.id
GROUP BY workers.id
ORDER BY worker NULLS LAST

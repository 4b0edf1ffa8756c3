-- The same workers, but the key is source: its first letter says where.
SELECT
  'worker ' || CAST(workers.id AS STRING) AS worker,
  count(lead_id) AS rows_received
FROM (VALUES (0), (1), (2), (3)) AS workers(id)
LEFT JOIN leads_clean ON ascii(source) % 4 = workers.id
GROUP BY workers.id
ORDER BY worker NULLS LAST

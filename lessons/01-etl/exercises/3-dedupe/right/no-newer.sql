-- The rows than which there is no newer one; DISTINCT removes exact repeats
SELECT DISTINCT lead_id, updated_at, revision, source, budget
FROM leads AS a
WHERE NOT EXISTS (
  SELECT 1 FROM leads AS b
  WHERE b.lead_id = a.lead_id
    AND (b.updated_at > a.updated_at OR (b.updated_at = a.updated_at AND b.revision > a.revision))
)

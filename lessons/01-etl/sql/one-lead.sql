-- The lead with most valid rows: which one stays?
SELECT lead_id, updated_at, revision, budget
FROM valid
WHERE lead_id = (
  SELECT lead_id
  FROM valid
  GROUP BY lead_id
  ORDER BY
    count(*) DESC NULLS LAST,
    count(DISTINCT updated_at) NULLS LAST,
    lead_id NULLS LAST
  LIMIT 1
)
ORDER BY updated_at NULLS LAST, revision NULLS LAST
